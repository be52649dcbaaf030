/* The blobs have a section of their own: linked with the static Swift runtime, `.rodata` becomes part of a writable segment,
 * while that section stays read-only, shared between processes, and is paged in when first read.
 */
#include "CNNFWeights.h"

#if defined(__APPLE__)
#define SECTION_NAME "__TEXT,nnf_weights"
#else
#define SECTION_NAME "nnf_weights"
#endif

#if defined(__has_embed)

#define ATTRIBUTES __attribute__((section(SECTION_NAME), aligned(64)))

static const unsigned char weights[] ATTRIBUTES = {
#embed "nnformer.safetensors"
};

static const unsigned char accuracy_weights[] ATTRIBUTES = {
#embed "accuracy.safetensors"
};

const unsigned char *nnf_embedded_weights(void) { return weights; }

size_t nnf_embedded_weights_size_in_bytes(void) { return sizeof weights; }

const unsigned char *nnf_embedded_accuracy_weights(void) { return accuracy_weights; }

size_t nnf_embedded_accuracy_weights_size_in_bytes(void) { return sizeof accuracy_weights; }

#elif defined(NNFORMER_WEIGHTS_PATH) && defined(NNFORMER_ACCURACY_WEIGHTS_PATH)

/* Compilers without #embed (C23): the assembler reads the files; the build names them by their absolute paths. */
#define EMBED(name, path)                          \
    __asm__(                                       \
        ".pushsection " SECTION_NAME ",\"a\",%progbits\n" \
        ".balign 64\n"                             \
        "nnf_" #name "_begin:\n"                   \
        ".incbin \"" path "\"\n"                   \
        "nnf_" #name "_end:\n"                     \
        ".byte 0\n"                                \
        ".popsection\n");                          \
    extern const unsigned char name##_begin[] __asm__("nnf_" #name "_begin") __attribute__((visibility("hidden"))); \
    extern const unsigned char name##_end[] __asm__("nnf_" #name "_end") __attribute__((visibility("hidden")));

EMBED(weights, NNFORMER_WEIGHTS_PATH)
EMBED(accuracy_weights, NNFORMER_ACCURACY_WEIGHTS_PATH)

const unsigned char *nnf_embedded_weights(void) { return weights_begin; }

size_t nnf_embedded_weights_size_in_bytes(void) { return (size_t)(weights_end - weights_begin); }

const unsigned char *nnf_embedded_accuracy_weights(void) { return accuracy_weights_begin; }

size_t nnf_embedded_accuracy_weights_size_in_bytes(void) { return (size_t)(accuracy_weights_end - accuracy_weights_begin); }

#else
#error "This compiler lacks #embed: define NNFORMER_WEIGHTS_PATH and NNFORMER_ACCURACY_WEIGHTS_PATH as the absolute paths of the files, strings."
#endif
