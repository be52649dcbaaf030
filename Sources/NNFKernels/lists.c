/* Attention and sums over counted lists of neighbours. */
#include "NNFKernels.h"
#include "exponential.h"
#include "lanes.h"
#include "variants.h"

#include <math.h>

/* Entries of a list whose scores are held at once; a longer list is worked through in parts. */
enum { PART_ENTRIES = 64 };

NNF_INLINE float dot(size_t columns, const float *a, const float *b) {
    nnf_octet sums = {0};
    size_t c = 0;
    for (; c + NNF_OCTET_COUNT <= columns; c += NNF_OCTET_COUNT) {
        nnf_octet left, right;
        NNF_LOAD(left, a + c);
        NNF_LOAD(right, b + c);
        sums += left * right;
    }
    float sum = NNF_SUM(sums);
    for (; c < columns; c++) sum += a[c] * b[c];
    return sum;
}

/* y = factor * y + sum of weights[e] * x[rows[e]]; without `is_first`, otherwise y = the sum. */
NNF_INLINE void weigh_rows(size_t columns, size_t entries, const float *weights, const uint32_t *rows, const float *x,
                           size_t x_stride, bool is_first, float factor, float *y) {
    size_t c = 0;
    for (; c + NNF_OCTET_COUNT <= columns; c += NNF_OCTET_COUNT) {
        nnf_octet sum = {0};
        if (!is_first) {
            NNF_LOAD(sum, y + c);
            sum *= factor;
        }
        for (size_t e = 0; e < entries; e++) {
            nnf_octet value;
            NNF_LOAD(value, x + rows[e] * x_stride + c);
            sum += value * weights[e];
        }
        NNF_STORE(sum, y + c);
    }
    for (; c < columns; c++) {
        float sum = is_first ? 0.0f : factor * y[c];
        for (size_t e = 0; e < entries; e++) sum += weights[e] * x[rows[e] * x_stride + c];
        y[c] = sum;
    }
}

NNF_INLINE void attend_row(const nnf_attention *a, size_t row, float scale, float *y) {
    const float *const query = a->queries + a->own[row] * a->stride;
    const uint32_t end = a->lists.offsets[row + 1];
    if (end - a->lists.offsets[row] == 1) {
        /* One row has all the weight: most often the row itself, where its list is empty. */
        memcpy(y, a->values + a->lists.rows[end - 1] * a->stride, a->columns * sizeof(float));
        return;
    }
    float maximum = -INFINITY, total = 0.0f;
    bool is_first = true;
    for (uint32_t first = a->lists.offsets[row]; first < end; first += PART_ENTRIES) {
        const size_t entries = end - first < PART_ENTRIES ? end - first : PART_ENTRIES;
        const uint32_t *const others = a->lists.rows + first;
        const float *const counts = a->lists.counts + first;
        float weights[PART_ENTRIES];
        float larger = maximum;
        for (size_t e = 0; e < entries; e++) {
            weights[e] = scale * dot(a->columns, query, a->keys + others[e] * a->stride);
            larger = weights[e] > larger ? weights[e] : larger;
        }
        for (size_t e = 0; e < entries; e += NNF_OCTET_COUNT) {
            nnf_octet octet;
            for (size_t pad = entries; pad < e + NNF_OCTET_COUNT; pad++) weights[pad] = larger;
            NNF_LOAD(octet, weights + e);
            octet -= larger;
            nnf_exponential(&octet);
            NNF_STORE(octet, weights + e);
        }
        /* The maximum is corrected as it grows (Milakov and Gimelshein 2018, arXiv 1805.02867). */
        const float correction = is_first ? 0.0f : expf(maximum - larger);
        total *= correction;
        for (size_t e = 0; e < entries; e++) {
            weights[e] *= counts[e];
            total += weights[e];
        }
        weigh_rows(a->columns, entries, weights, others, a->values, a->stride, is_first, correction, y);
        maximum = larger;
        is_first = false;
    }
    const float inverse = 1.0f / total;
    for (size_t c = 0; c < a->columns; c++) y[c] *= inverse;
}

NNF_INLINE void attend(const nnf_attention *a, size_t first_row, size_t rows, float *y, size_t y_stride) {
    const float scale = (float)(1.0 / sqrt((double)a->columns));
    for (size_t row = 0; row < rows; row++) attend_row(a, first_row + row, scale, y + row * y_stride);
}

NNF_DEFINE_VARIANTS(nnf_attend, attend,
                    (const nnf_attention *a, size_t first_row, size_t rows, float *y, size_t y_stride),
                    (a, first_row, rows, y, y_stride))

NNF_INLINE void aggregate(const nnf_aggregation *a, size_t first_row, size_t rows, float *y, size_t y_stride) {
    for (size_t row = 0; row < rows; row++) {
        const float *const own = a->x + a->own[first_row + row] * a->stride;
        const uint32_t first = a->lists.offsets[first_row + row], end = a->lists.offsets[first_row + row + 1];
        float *const output = y + row * y_stride;
        for (size_t c = 0; c < a->columns; c += NNF_LANE_COUNT) {
            nnf_lanes sum;
            NNF_LOAD(sum, own + c);
            for (uint32_t e = first; e < end; e++) {
                nnf_lanes message;
                NNF_LOAD(message, a->messages + a->lists.rows[e] * a->stride + c);
                sum += message * a->lists.counts[e];
            }
            NNF_RECTIFY(sum);
            NNF_STORE(sum, output + c);
        }
    }
}

NNF_DEFINE_VARIANTS(nnf_aggregate, aggregate,
                    (const nnf_aggregation *a, size_t first_row, size_t rows, float *y, size_t y_stride),
                    (a, first_row, rows, y, y_stride))
