/* Short vectors of the compiler: one source for every instruction set, narrower registers take them in parts. */
#ifndef NNF_LANES_H
#define NNF_LANES_H

#include <stddef.h>
#include <string.h>

enum { NNF_LANE_COUNT = 16 };

typedef float nnf_lanes __attribute__((vector_size(NNF_LANE_COUNT * sizeof(float))));

#define NNF_INLINE static inline __attribute__((always_inline))

/* A macro, not a function: passing vectors by value would depend on the instruction set of caller and callee. */
#define NNF_LOAD(vector, pointer) memcpy(&(vector), (pointer), sizeof(nnf_lanes))
#define NNF_STORE(vector, pointer) memcpy((pointer), &(vector), sizeof(nnf_lanes))

#endif
