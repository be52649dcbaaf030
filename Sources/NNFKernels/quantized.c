/* Dense product over 16-bit integers, twice as fast as float32 where processors multiply pairs of them.
 *
 * A vector of n numbers becomes integers with a common step, chosen so that the norm of the integers is below 2^15.5.
 * By the inequality of Cauchy and Schwarz, no sum of products of two such vectors then leaves the range of 32 bits, not even
 * halfway: the arithmetic is exact, and its result does not depend on order nor instruction set. The root mean square of the
 * integers is 2^15.5 / sqrt(n), 4,700 at n = 96: rounding costs 6e-5 of it.
 */
#include "NNFKernels.h"
#include "lanes.h"
#include "variants.h"

#include <math.h>

enum { BLOCK_ROWS = 96 };

size_t nnf_quantized_columns(size_t columns) { return (columns + 1) / 2 * 2; }

/* Steps for rows of so many columns: norm / room, and largest size / 32767, whichever is more. 46340 is the square root
 * of 2^31; rounding n numbers adds at most sqrt(n) / 2 to the norm, and as much again is left for what floats round off. */
typedef struct {
    float per_norm, norm_per_largest;
} quantization;

static quantization quantization_of(size_t columns) {
    const double root = sqrt((double)columns);
    return (quantization){(float)(1.0 / (46340.0 - root)), (float)root};
}

NNF_INLINE void quantize_row(quantization q, size_t columns, const float *x, int16_t *y, float *step) {
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
    const float by_norm = norm * q.per_norm, by_largest = maximum * (1.0f / 32767.0f);
    /* A sum that is not finite makes the step NaN, and with it the result. */
    *step = !(sum < INFINITY) ? NAN : by_norm > by_largest ? by_norm : by_largest;
    const float inverse = *step > 0.0f ? 1.0f / *step : 0.0f;
    if (!(inverse > 0.0f && inverse < INFINITY)) {
        memset(y, 0, nnf_quantized_columns(columns) * sizeof *y);
        return;
    }
    /* Adding 1.5 * 2^23 rounds to the nearest integer and leaves it in the low bits. */
    const float rounding = 12582912.0f;
    for (size_t c = 0; c < whole; c += NNF_OCTET_COUNT) {
        nnf_octet value;
        NNF_LOAD(value, x + c);
        const nnf_octet_bits bits = (nnf_octet_bits)(value * inverse + rounding);
        typedef int16_t octet_of_shorts __attribute__((vector_size(NNF_OCTET_COUNT * sizeof(int16_t))));
        const octet_of_shorts shorts = __builtin_convertvector(bits, octet_of_shorts);
        NNF_STORE(shorts, y + c);
    }
    for (size_t c = whole; c < columns; c++) y[c] = (int16_t)lrintf(x[c] * inverse);
    if (columns % 2 != 0) y[columns] = 0;
}

NNF_INLINE void quantize(size_t rows, size_t columns, const float *x, size_t x_stride, int16_t *y, size_t y_stride,
                         float *steps) {
    const quantization q = quantization_of(columns);
    for (size_t row = 0; row < rows; row++) {
        quantize_row(q, columns, x + row * x_stride, y + row * y_stride, steps + row);
    }
}

NNF_DEFINE_VARIANTS(nnf_quantize, quantize,
                    (size_t rows, size_t columns, const float *x, size_t x_stride, int16_t *y, size_t y_stride,
                     float *steps),
                    (rows, columns, x, x_stride, y, y_stride, steps))

void nnf_pack_quantized(size_t inputs, size_t outputs, const int16_t *weight, size_t weight_stride, int16_t *panels) {
    const size_t pairs = (inputs + 1) / 2;
    for (size_t o = 0; o < nnf_padded_columns(outputs); o++) {
        int16_t *const packed = panels + o / NNF_LANE_COUNT * pairs * 2 * NNF_LANE_COUNT + o % NNF_LANE_COUNT * 2;
        for (size_t i = 0; i < 2 * pairs; i++) {
            packed[i / 2 * 2 * NNF_LANE_COUNT + i % 2] = o < outputs ? weight[o * weight_stride + i] : 0;
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
#define NNF_MULTIPLY_PAIRS(sum, x, w) ((sum) += (eight_ints)_mm256_madd_epi16((__m256i)(x), (__m256i)(w)))
#define NNF_TILE_ROWS 6
#define NNF_TILE_PANELS 1
#include "quantized_product.h"

#define NNF_TARGET NNF_TARGET_AVX512
#define NNF_NAME(name) name##_avx512
#define NNF_REGISTER sixteen_ints
#define NNF_REGISTER_LANES 16
#define NNF_FLOATS nnf_lanes
#define NNF_MULTIPLY_PAIRS(sum, x, w) \
    ((sum) = (sixteen_ints)_mm512_dpwssd_epi32((__m512i)(sum), (__m512i)(x), (__m512i)(w)))
#define NNF_TILE_ROWS 8
#define NNF_TILE_PANELS 3
#include "quantized_product.h"

bool nnf_multiplies_quantized(nnf_instructions instructions) { return instructions >= NNF_INSTRUCTIONS_AVX2; }

void nnf_multiply_quantized(nnf_instructions instructions, const nnf_quantized_product *p) {
    if (instructions == NNF_INSTRUCTIONS_AVX512) multiply_quantized_avx512(p);
    else multiply_quantized_avx2(p);
}

#else

bool nnf_multiplies_quantized(nnf_instructions instructions) {
    (void)instructions;
    return false;
}

void nnf_multiply_quantized(nnf_instructions instructions, const nnf_quantized_product *p) {
    (void)instructions;
    (void)p;
}

#endif
