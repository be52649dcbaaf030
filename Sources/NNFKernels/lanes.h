/* Short vectors of the compiler: one source for every instruction set, narrower registers take them in parts. */
#ifndef NNF_LANES_H
#define NNF_LANES_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum {
    NNF_LANE_COUNT = 16,
    NNF_OCTET_COUNT = 8
};

typedef float nnf_lanes __attribute__((vector_size(NNF_LANE_COUNT * sizeof(float))));
typedef float nnf_octet __attribute__((vector_size(NNF_OCTET_COUNT * sizeof(float))));
typedef int32_t nnf_lane_bits __attribute__((vector_size(NNF_LANE_COUNT * sizeof(int32_t))));
typedef int32_t nnf_octet_bits __attribute__((vector_size(NNF_OCTET_COUNT * sizeof(int32_t))));

#define NNF_INLINE static inline __attribute__((always_inline))

/* Macros, not functions: passing vectors by value would depend on the instruction set of caller and callee. */
#define NNF_LOAD(vector, pointer) memcpy(&(vector), (pointer), sizeof(vector))
#define NNF_STORE(vector, pointer) memcpy((pointer), &(vector), sizeof(vector))

/* `scalar` in every lane. */
#define NNF_BROADCAST(vector, scalar) ((vector) = (scalar) - (__typeof__(vector)){0})

/* max(lanes, 0); NaN stays NaN. */
#define NNF_RECTIFY(lanes) ((lanes) = (nnf_lanes)((nnf_lane_bits)(lanes) & ~(nnf_lane_bits)((lanes) < 0.0f)))

/* The sum of the lanes of an octet. */
#define NNF_SUM(octet) \
    ((((octet)[0] + (octet)[4]) + ((octet)[2] + (octet)[6])) + (((octet)[1] + (octet)[5]) + ((octet)[3] + (octet)[7])))

/* The largest of the lanes of an octet; unspecified with NaN among them. */
NNF_INLINE float nnf_larger(float a, float b) { return a > b ? a : b; }
#define NNF_MAXIMUM(octet) \
    nnf_larger(nnf_larger(nnf_larger((octet)[0], (octet)[4]), nnf_larger((octet)[2], (octet)[6])), \
               nnf_larger(nnf_larger((octet)[1], (octet)[5]), nnf_larger((octet)[3], (octet)[7])))

#endif
