/* Attention and sums over lists of neighbours. */
#include "NNFKernels.h"
#include "lanes.h"

#include <math.h>

static float dot(size_t columns, const float *a, const float *b) {
    nnf_lanes sums = {0};
    size_t c = 0;
    for (; c + NNF_LANE_COUNT <= columns; c += NNF_LANE_COUNT) {
        nnf_lanes left, right;
        NNF_LOAD(left, a + c);
        NNF_LOAD(right, b + c);
        sums += left * right;
    }
    float sum = 0.0f;
    for (size_t lane = 0; lane < NNF_LANE_COUNT; lane++) sum += sums[lane];
    for (; c < columns; c++) sum += a[c] * b[c];
    return sum;
}

/* y += factor * x */
static void add_multiple(size_t columns, float factor, const float *x, float *y) {
    for (size_t c = 0; c < columns; c++) y[c] += factor * x[c];
}

static void multiply_all(size_t columns, float factor, float *y) {
    for (size_t c = 0; c < columns; c++) y[c] *= factor;
}

void nnf_list_attention(size_t rows, size_t columns,
                        const float *queries, const float *keys, const float *values, size_t stride,
                        const uint32_t *offsets, const uint32_t *indices,
                        float *y, size_t y_stride) {
    const float scale = (float)(1.0 / sqrt((double)columns));
    for (size_t row = 0; row < rows; row++) {
        const float *const query = queries + row * stride;
        float *const output = y + row * y_stride;

        /* The row itself comes first: the maximum is finite from the start, its weight e^0 = 1. */
        float maximum = scale * dot(columns, query, keys + row * stride);
        float total = 1.0f;
        if (columns > 0) memcpy(output, values + row * stride, columns * sizeof(float));

        for (uint32_t entry = offsets[row]; entry < offsets[row + 1]; entry++) {
            const size_t other = indices[entry];
            const float score = scale * dot(columns, query, keys + other * stride);
            if (score > maximum) {
                const float correction = expf(maximum - score);
                total *= correction;
                multiply_all(columns, correction, output);
                maximum = score;
            }
            const float weight = expf(score - maximum);
            total += weight;
            add_multiple(columns, weight, values + other * stride, output);
        }
        multiply_all(columns, 1.0f / total, output);
    }
}

void nnf_add_list_sums(size_t rows, size_t columns,
                       const float *x, size_t x_stride,
                       const uint32_t *offsets, const uint32_t *indices,
                       float *y, size_t y_stride) {
    for (size_t row = 0; row < rows; row++) {
        for (uint32_t entry = offsets[row]; entry < offsets[row + 1]; entry++) {
            add_multiple(columns, 1.0f, x + (size_t)indices[entry] * x_stride, y + row * y_stride);
        }
    }
}
