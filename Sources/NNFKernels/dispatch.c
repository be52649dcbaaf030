#include "NNFKernels.h"

nnf_instructions nnf_best_instructions(void) {
#if defined(__x86_64__)
    /* Each check includes the operating system's support for the wider registers. */
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
        if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
            __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
            __builtin_cpu_supports("avx512vnni")) {
            return NNF_INSTRUCTIONS_AVX512;
        }
        return NNF_INSTRUCTIONS_AVX2;
    }
#endif
    return NNF_INSTRUCTIONS_BASELINE;
}
