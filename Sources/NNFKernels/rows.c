/* Operations on each row of a matrix. */
#include "NNFKernels.h"
#include "exponential.h"
#include "lanes.h"
#include "variants.h"

#include <math.h>

void nnf_gather(size_t rows, size_t columns, const float *x, size_t x_stride, const uint32_t *indices,
                float *y, size_t y_stride) {
    for (size_t row = 0; row < rows; row++) {
        memcpy(y + row * y_stride, x + indices[row] * x_stride, columns * sizeof(float));
    }
}

void nnf_gather_sums(size_t rows, size_t columns, const float *x, size_t x_stride, size_t terms,
                     const uint32_t *indices, float *y, size_t y_stride) {
    for (size_t row = 0; row < rows; row++) {
        float *const sum = y + row * y_stride;
        memset(sum, 0, columns * sizeof(float));
        for (size_t term = 0; term < terms; term++) {
            const float *const summand = x + indices[row * terms + term] * x_stride;
            for (size_t c = 0; c < columns; c++) sum[c] += summand[c];
        }
    }
}

/* Whole octets, then what is left over one by one. */
NNF_INLINE void normalize_row(size_t columns, const float *x, const float *scale, const float *shift, float epsilon,
                              float *y) {
    const size_t whole = columns - columns % NNF_OCTET_COUNT;
    /* Sums run over differences from the first element, so that a large common offset cancels before it rounds. */
    const float origin = x[0];
    nnf_octet sums = {0};
    for (size_t c = 0; c < whole; c += NNF_OCTET_COUNT) {
        nnf_octet value;
        NNF_LOAD(value, x + c);
        sums += value - origin;
    }
    float sum = NNF_SUM(sums);
    for (size_t c = whole; c < columns; c++) sum += x[c] - origin;
    const float mean = sum / (float)columns;

    nnf_octet squares = {0};
    for (size_t c = 0; c < whole; c += NNF_OCTET_COUNT) {
        nnf_octet value;
        NNF_LOAD(value, x + c);
        const nnf_octet deviation = (value - origin) - mean;
        squares += deviation * deviation;
    }
    float square = NNF_SUM(squares);
    for (size_t c = whole; c < columns; c++) square += ((x[c] - origin) - mean) * ((x[c] - origin) - mean);
    const float inverse = 1.0f / sqrtf(square / (float)columns + epsilon);

    for (size_t c = 0; c < whole; c += NNF_OCTET_COUNT) {
        nnf_octet value, factor, summand;
        NNF_LOAD(value, x + c);
        NNF_LOAD(factor, scale + c);
        NNF_LOAD(summand, shift + c);
        value = (((value - origin) - mean) * inverse) * factor + summand;
        NNF_STORE(value, y + c);
    }
    for (size_t c = whole; c < columns; c++) y[c] = (((x[c] - origin) - mean) * inverse) * scale[c] + shift[c];
}

NNF_INLINE void normalize(size_t rows, size_t columns, const float *x, size_t x_stride, const float *scale,
                          const float *shift, float epsilon, float *y, size_t y_stride) {
    if (columns == 0) return;
    for (size_t row = 0; row < rows; row++) {
        normalize_row(columns, x + row * x_stride, scale, shift, epsilon, y + row * y_stride);
    }
}

NNF_DEFINE_VARIANTS(nnf_normalize, normalize,
                    (size_t rows, size_t columns, const float *x, size_t x_stride, const float *scale,
                     const float *shift, float epsilon, float *y, size_t y_stride),
                    (rows, columns, x, x_stride, scale, shift, epsilon, y, y_stride))

NNF_INLINE void exponentiate(size_t count, float lower, float upper, float *x) {
    for (size_t c = 0; c < count; c += NNF_OCTET_COUNT) {
        nnf_octet value;
        NNF_LOAD(value, x + c);
        const nnf_octet_bits is_low = value < lower, is_high = value > upper;
        nnf_octet low, high;
        NNF_BROADCAST(low, lower);
        NNF_BROADCAST(high, upper);
        value = (nnf_octet)(((nnf_octet_bits)value & ~is_low & ~is_high) | ((nnf_octet_bits)low & is_low) |
                            ((nnf_octet_bits)high & is_high));
        nnf_exponential(&value);
        NNF_STORE(value, x + c);
    }
}

NNF_DEFINE_VARIANTS(nnf_exponentiate, exponentiate, (size_t count, float lower, float upper, float *x),
                    (count, lower, upper, x))

NNF_INLINE void add_counted(size_t entries, size_t columns, const uint32_t *rows, const float *counts, const float *x,
                            size_t x_stride, double *sums) {
    for (size_t e = 0; e < entries; e++) {
        const float *const row = x + rows[e] * x_stride;
        const double count = counts[e];
        for (size_t c = 0; c < columns; c++) sums[c] += count * row[c];
    }
}

NNF_DEFINE_VARIANTS(nnf_add_counted_rows, add_counted,
                    (size_t entries, size_t columns, const uint32_t *rows, const float *counts, const float *x,
                     size_t x_stride, double *sums),
                    (entries, columns, rows, counts, x, x_stride, sums))
