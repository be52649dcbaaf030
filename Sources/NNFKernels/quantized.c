/* Dense product over integers, two or four times as fast as float32 where processors multiply pairs or quadruples of them.
 *
 * A vector of n numbers becomes integers with a common step. Of 16 bits, it is chosen so that the norm of the integers is
 * below 2^15.5: by the inequality of Cauchy and Schwarz, no sum of products of two such vectors then leaves the range of 32
 * bits, not even halfway. The root mean square of the integers is 2^15.5 / sqrt(n), 4,700 at n = 96: rounding costs 6e-5 of it.
 * Of 8 bits, the largest becomes 127; instructions multiply unsigned by signed bytes, so a row has 128 added to each of its
 * integers, and sums start at -128 times the sum of the weights. 65,000 products of the largest stay in the range.
 * Either way the arithmetic is exact, and its result does not depend on order.
 */
#include "NNFKernels.h"
#include "lanes.h"
#include "variants.h"

#include <math.h>

enum {
    BLOCK_ROWS = 96,
    GROUP_BYTES = 4, /* of a row, that an instruction multiplies and adds up in one lane */
    BYTE_OFFSET = 128
};

size_t nnf_quantized_bytes(nnf_integers integers, size_t columns) {
    return integers == NNF_INTEGERS_8 ? (columns + 3) / 4 * GROUP_BYTES : (columns + 1) / 2 * GROUP_BYTES;
}

/* Steps for rows of so many columns. Of 16 bits: norm / room, and largest size / 32767, whichever is more; 46340 is the square
 * root of 2^31; rounding n numbers adds at most sqrt(n) / 2 to the norm, and as much again is left for what floats round off.
 * Of 8 bits: largest size / 127. */
typedef struct {
    float per_norm, norm_per_largest, per_largest;
} quantization;

static quantization quantization_of(nnf_integers integers, size_t columns) {
    const double root = sqrt((double)columns);
    if (integers == NNF_INTEGERS_8) return (quantization){0.0f, 0.0f, 1.0f / 127.0f};
    return (quantization){(float)(1.0 / (46340.0 - root)), (float)root, 1.0f / 32767.0f};
}

NNF_INLINE float step_of_row(quantization q, size_t columns, const float *x) {
    const size_t whole = columns - columns % NNF_OCTET_COUNT;
    nnf_octet squares = {0}, largest = {0};
    for (size_t c = 0; c < whole; c += NNF_OCTET_COUNT) {
        nnf_octet value;
        NNF_LOAD(value, x + c);
        squares += value * value;
        const nnf_octet size = (nnf_octet)((nnf_octet_bits)value & 0x7FFFFFFF);
        const nnf_octet_bits is_larger = size > largest;
        largest = (nnf_octet)(((nnf_octet_bits)size & is_larger) | ((nnf_octet_bits)largest & ~is_larger));
    }
    float sum = NNF_SUM(squares), maximum = NNF_MAXIMUM(largest);
    for (size_t c = whole; c < columns; c++) {
        sum += x[c] * x[c];
        maximum = fabsf(x[c]) > maximum ? fabsf(x[c]) : maximum;
    }
    /* Squares of tiny numbers vanish: the largest bounds their norm. */
    const float norm = sum < 1e-30f ? maximum * q.norm_per_largest : sqrtf(sum);
    const float by_norm = norm * q.per_norm, by_largest = maximum * q.per_largest;
    /* A sum that is not finite makes the step NaN, and with it the result. */
    return !(sum < INFINITY) ? NAN : by_norm > by_largest ? by_norm : by_largest;
}

/* Adding 1.5 * 2^23 rounds to the nearest integer and leaves it in the low bits. */
static const float ROUNDING = 12582912.0f;

NNF_INLINE void round_to_shorts(size_t columns, const float *x, float inverse, uint8_t *y) {
    typedef int16_t octet_of_shorts __attribute__((vector_size(NNF_OCTET_COUNT * sizeof(int16_t))));
    const size_t whole = columns - columns % NNF_OCTET_COUNT;
    int16_t integer = 0;
    for (size_t c = 0; c < whole; c += NNF_OCTET_COUNT) {
        nnf_octet value;
        NNF_LOAD(value, x + c);
        const octet_of_shorts shorts =
            __builtin_convertvector((nnf_octet_bits)(value * inverse + ROUNDING), octet_of_shorts);
        NNF_STORE(shorts, y + c * sizeof integer);
    }
    for (size_t c = whole; c < columns; c++) {
        integer = (int16_t)lrintf(x[c] * inverse);
        memcpy(y + c * sizeof integer, &integer, sizeof integer);
    }
    if (columns % 2 != 0) memset(y + columns * sizeof integer, 0, sizeof integer);
}

NNF_INLINE void round_to_bytes(size_t columns, const float *x, float inverse, uint8_t *y) {
    typedef uint8_t octet_of_bytes __attribute__((vector_size(NNF_OCTET_COUNT)));
    const size_t whole = columns - columns % NNF_OCTET_COUNT;
    for (size_t c = 0; c < whole; c += NNF_OCTET_COUNT) {
        nnf_octet value;
        NNF_LOAD(value, x + c);
        const octet_of_bytes bytes =
            __builtin_convertvector((nnf_octet_bits)(value * inverse + (ROUNDING + BYTE_OFFSET)), octet_of_bytes);
        NNF_STORE(bytes, y + c);
    }
    for (size_t c = whole; c < columns; c++) y[c] = (uint8_t)(lrintf(x[c] * inverse) + BYTE_OFFSET);
    for (size_t c = columns; c % GROUP_BYTES != 0; c++) y[c] = BYTE_OFFSET;
}

NNF_INLINE void quantize(nnf_integers integers, size_t rows, size_t columns, const float *x, size_t x_stride, uint8_t *y,
                         size_t y_stride, float *steps) {
    const quantization q = quantization_of(integers, columns);
    for (size_t row = 0; row < rows; row++, x += x_stride, y += y_stride) {
        const float step = step_of_row(q, columns, x);
        const float inverse = step > 0.0f ? 1.0f / step : 0.0f;
        steps[row] = step;
        if (!(inverse > 0.0f && inverse < INFINITY)) {
            memset(y, integers == NNF_INTEGERS_8 ? BYTE_OFFSET : 0, nnf_quantized_bytes(integers, columns));
        } else if (integers == NNF_INTEGERS_8) {
            round_to_bytes(columns, x, inverse, y);
        } else {
            round_to_shorts(columns, x, inverse, y);
        }
    }
}

NNF_DEFINE_VARIANTS(nnf_quantize, quantize,
                    (nnf_integers integers, size_t rows, size_t columns, const float *x, size_t x_stride, uint8_t *y,
                     size_t y_stride, float *steps),
                    (integers, rows, columns, x, x_stride, y, y_stride, steps))

void nnf_pack_quantized(nnf_integers integers, size_t inputs, size_t outputs, const uint8_t *weight,
                        size_t weight_stride, uint8_t *panels, int32_t *starts) {
    const size_t bytes = nnf_quantized_bytes(integers, inputs);
    for (size_t o = 0; o < nnf_padded_columns(outputs); o++) {
        uint8_t *const packed = panels + o / NNF_LANE_COUNT * bytes * NNF_LANE_COUNT + o % NNF_LANE_COUNT * GROUP_BYTES;
        starts[o] = 0;
        for (size_t i = 0; i < bytes; i++) {
            uint8_t byte = o < outputs ? weight[o * weight_stride + i] : 0;
            if (integers == NNF_INTEGERS_8 && o < outputs) {
                const int32_t value = (int32_t)byte - BYTE_OFFSET;
                starts[o] -= BYTE_OFFSET * value;
                byte = (uint8_t)value;
            }
            packed[i / GROUP_BYTES * GROUP_BYTES * NNF_LANE_COUNT + i % GROUP_BYTES] = byte;
        }
    }
}

#if defined(__x86_64__)

#include <immintrin.h>

typedef int32_t eight_ints __attribute__((vector_size(32)));
typedef int32_t sixteen_ints __attribute__((vector_size(64)));

#define NNF_TARGET NNF_TARGET_AVX2
#define NNF_NAME(name) name##_avx2
#define NNF_REGISTER eight_ints
#define NNF_REGISTER_LANES 8
#define NNF_FLOATS nnf_octet
#define NNF_MULTIPLY(sum, x, w) ((sum) += (eight_ints)_mm256_madd_epi16((__m256i)(x), (__m256i)(w)))
#define NNF_TILE_ROWS 6
#define NNF_TILE_PANELS 1
#include "quantized_product.h"

#define NNF_TARGET NNF_TARGET_AVX512
#define NNF_NAME(name) name##_avx512
#define NNF_REGISTER sixteen_ints
#define NNF_REGISTER_LANES 16
#define NNF_FLOATS nnf_lanes
#define NNF_MULTIPLY(sum, x, w) \
    ((sum) = (sixteen_ints)_mm512_dpwssd_epi32((__m512i)(sum), (__m512i)(x), (__m512i)(w)))
#define NNF_TILE_ROWS 8
#define NNF_TILE_PANELS 3
#include "quantized_product.h"

#define NNF_TARGET NNF_TARGET_AVX512
#define NNF_NAME(name) name##_bytes_avx512
#define NNF_REGISTER sixteen_ints
#define NNF_REGISTER_LANES 16
#define NNF_FLOATS nnf_lanes
#define NNF_MULTIPLY(sum, x, w) \
    ((sum) = (sixteen_ints)_mm512_dpbusd_epi32((__m512i)(sum), (__m512i)(x), (__m512i)(w)))
#define NNF_TILE_ROWS 8
#define NNF_TILE_PANELS 3
#include "quantized_product.h"

bool nnf_multiplies_quantized(nnf_instructions instructions, nnf_integers integers) {
    return instructions >= (integers == NNF_INTEGERS_8 ? NNF_INSTRUCTIONS_AVX512 : NNF_INSTRUCTIONS_AVX2);
}

void nnf_multiply_quantized(nnf_instructions instructions, const nnf_quantized_product *p) {
    if (p->integers == NNF_INTEGERS_8) multiply_quantized_bytes_avx512(p);
    else if (instructions == NNF_INSTRUCTIONS_AVX512) multiply_quantized_avx512(p);
    else multiply_quantized_avx2(p);
}

#else

bool nnf_multiplies_quantized(nnf_instructions instructions, nnf_integers integers) {
    (void)instructions;
    (void)integers;
    return false;
}

void nnf_multiply_quantized(nnf_instructions instructions, const nnf_quantized_product *p) {
    (void)instructions;
    (void)p;
}

#endif
