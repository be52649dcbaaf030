#include "NNFKernels.h"

#include <stdlib.h>

void *nnf_allocate(size_t size) {
    void *memory = NULL;
    return posix_memalign(&memory, 64, size > 0 ? size : 1) == 0 ? memory : NULL;
}

void nnf_free(void *memory) { free(memory); }
