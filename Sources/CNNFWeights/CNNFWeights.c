/* The blob has a section of its own: linked with the static Swift runtime, `.rodata` becomes part of a writable segment,
 * while this section stays read-only, shared between processes, and is paged in when it is first read.
 */
#include "CNNFWeights.h"

#if defined(__APPLE__)
#define SECTION_NAME "__TEXT,nnf_weights"
#else
#define SECTION_NAME "nnf_weights"
#endif

#if defined(__has_embed)

static const unsigned char weights[] __attribute__((section(SECTION_NAME), aligned(64))) = {
#embed "nnformer.safetensors"
};

const unsigned char *nnf_embedded_weights(void) { return weights; }

size_t nnf_embedded_weights_size_in_bytes(void) { return sizeof weights; }

#elif defined(NNFORMER_WEIGHTS_PATH)

/* Compilers without #embed (C23): the assembler reads the file; the build names it by its absolute path. */
__asm__(
    ".pushsection " SECTION_NAME ",\"a\",%progbits\n"
    ".balign 64\n"
    "nnf_weights_begin:\n"
    ".incbin \"" NNFORMER_WEIGHTS_PATH "\"\n"
    "nnf_weights_end:\n"
    ".byte 0\n"
    ".popsection\n");

extern const unsigned char weights_begin[] __asm__("nnf_weights_begin") __attribute__((visibility("hidden")));
extern const unsigned char weights_end[] __asm__("nnf_weights_end") __attribute__((visibility("hidden")));

const unsigned char *nnf_embedded_weights(void) { return weights_begin; }

size_t nnf_embedded_weights_size_in_bytes(void) { return (size_t)(weights_end - weights_begin); }

#else
#error "This compiler lacks #embed: define NNFORMER_WEIGHTS_PATH as the absolute path of nnformer.safetensors, a string."
#endif
