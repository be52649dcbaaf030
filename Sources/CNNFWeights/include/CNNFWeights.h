/* The weights that are part of the library: nnformer.safetensors and accuracy.safetensors, byte for byte. */
#ifndef C_NNF_WEIGHTS_H
#define C_NNF_WEIGHTS_H

#include <stddef.h>

#if defined(__cplusplus)
extern "C" {
#endif

/* First byte, aligned to 64; read-only, for as long as the process runs. */
#if defined(__clang__)
const unsigned char *_Nonnull nnf_embedded_weights(void);
const unsigned char *_Nonnull nnf_embedded_accuracy_weights(void);
#else
const unsigned char *nnf_embedded_weights(void);
const unsigned char *nnf_embedded_accuracy_weights(void);
#endif

size_t nnf_embedded_weights_size_in_bytes(void);
size_t nnf_embedded_accuracy_weights_size_in_bytes(void);

#if defined(__cplusplus)
}
#endif

#endif
