/* One kernel, compiled for several instruction sets through target attributes, chosen when it is called. */
#ifndef NNF_VARIANTS_H
#define NNF_VARIANTS_H

#include "NNFKernels.h"
#include "lanes.h"

#if defined(__x86_64__)

#define NNF_TARGET_AVX2 __attribute__((target("avx2,fma")))
#define NNF_TARGET_AVX512 __attribute__((target("avx512f,avx512vl,avx512bw,avx512dq,avx512vnni,avx2,fma")))

/* Defines `name` as `body`, an always-inlined function that takes the same parameters. */
#define NNF_DEFINE_VARIANTS(name, body, parameters, arguments) \
    static void body##_baseline parameters { body arguments; } \
    NNF_TARGET_AVX2 static void body##_avx2 parameters { body arguments; } \
    NNF_TARGET_AVX512 static void body##_avx512 parameters { body arguments; } \
    NNF_DEFINE_DISPATCH(name, body, parameters, arguments)

#define NNF_DEFINE_DISPATCH(name, body, parameters, arguments) \
    void name(nnf_instructions instructions, NNF_LIST parameters) { \
        switch (instructions) { \
        case NNF_INSTRUCTIONS_AVX512: body##_avx512 arguments; return; \
        case NNF_INSTRUCTIONS_AVX2: body##_avx2 arguments; return; \
        default: body##_baseline arguments; return; \
        } \
    }

#else /* NEON is part of what every 64-bit ARM compiler targets. */

#define NNF_DEFINE_VARIANTS(name, body, parameters, arguments) \
    void name(nnf_instructions instructions, NNF_LIST parameters) { \
        (void)instructions; \
        body arguments; \
    }

#endif

/* The parameters without their parentheses. */
#define NNF_LIST(...) __VA_ARGS__

#endif
