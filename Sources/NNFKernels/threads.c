#include "NNFKernels.h"

#include <pthread.h>

typedef struct {
    nnf_part *part;
    void *context;
    size_t index;
} running_part;

static void *run_part(void *argument) {
    const running_part *const running = argument;
    running->part(running->context, running->index);
    return NULL;
}

void nnf_run_parts(size_t count, nnf_part *part, void *context) {
    pthread_t threads[NNF_MAXIMUM_PARTS];
    running_part running[NNF_MAXIMUM_PARTS];
    bool has_thread[NNF_MAXIMUM_PARTS] = {false};
    for (size_t index = 1; index < count && index < NNF_MAXIMUM_PARTS; index++) {
        running[index] = (running_part){part, context, index};
        has_thread[index] = pthread_create(&threads[index], NULL, run_part, &running[index]) == 0;
    }
    /* The caller's own part, and those that no thread could be had for. */
    for (size_t index = 0; index < count; index++) {
        if (index >= NNF_MAXIMUM_PARTS || !has_thread[index]) part(context, index);
    }
    for (size_t index = 1; index < count && index < NNF_MAXIMUM_PARTS; index++) {
        if (has_thread[index]) pthread_join(threads[index], NULL);
    }
}
