/* Kernels of NN-Former in portable C: dense products, sparse attention and sums over lists, elementary functions.
 *
 * Conventions
 * - A matrix is row-major: a pointer to its first element, its rows and columns, and a stride, the distance in
 *   elements between the starts of consecutive rows (at least the columns).
 * - Lists are rows in compressed form: row i is indices[offsets[i]] ... indices[offsets[i + 1] - 1]; offsets has
 *   rows + 1 entries. The caller guarantees that offsets ascend and that each index is below `rows`.
 * - Outputs do not overlap inputs, except where a function works in place and says so.
 * - Any count may be 0. Nothing allocates, fails, or keeps state; calls on distinct outputs may run at once.
 * - Results depend on the inputs alone: each output element is summed in an order that does not depend on where its
 *   row lies in the matrix.
 */
#ifndef NNF_KERNELS_H
#define NNF_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__cplusplus)
extern "C" {
#endif

#if defined(__clang__)
#pragma clang assume_nonnull begin
#define NNF_NULLABLE _Nullable
#else
#define NNF_NULLABLE
#endif

/* ---- elementary functions ---- */

/* Logarithm to base 2, the same bits on every platform: it does not call the system's libm, so that features
 * computed where a model is trained and where it runs are equal. Error below 0.51 units in the last place.
 * log2(0) = -infinity; NaN for negative arguments and NaN; log2(+infinity) = +infinity. */
float nnf_log2f(float x);

/* e^x in double precision. */
double nnf_exp(double x);

/* ---- dense ---- */

/* y = x . weight^T + bias, with x [rows, inputs], weight [outputs, inputs], bias [outputs] or null,
 * y [rows, outputs]. With `accumulate` the product and bias are added to what y holds.
 * Cost: rows * inputs * outputs multiply-accumulates in float32. */
void nnf_linear(size_t rows, size_t inputs, size_t outputs,
                const float *x, size_t x_stride,
                const float *weight, size_t weight_stride,
                const float *NNF_NULLABLE bias,
                float *y, size_t y_stride, bool accumulate);

/* Instruction sets that dense products are compiled for, each including those before it. */
typedef enum {
    NNF_INSTRUCTIONS_BASELINE = 0, /* whatever the compiler targets */
    NNF_INSTRUCTIONS_AVX2 = 1,     /* with fused multiply-add */
    NNF_INSTRUCTIONS_AVX512 = 2
} nnf_instructions;

/* The best of them that processor and operating system support: what nnf_linear uses. */
nnf_instructions nnf_best_instructions(void);

/* nnf_linear with `instructions`, or with the best supported where that is less: lets tests reach every variant. */
void nnf_linear_using(nnf_instructions instructions,
                      size_t rows, size_t inputs, size_t outputs,
                      const float *x, size_t x_stride,
                      const float *weight, size_t weight_stride,
                      const float *NNF_NULLABLE bias,
                      float *y, size_t y_stride, bool accumulate);

/* x = max(x, 0), in place; NaN stays NaN. */
void nnf_relu(size_t rows, size_t columns, float *x, size_t x_stride);

/* Layer normalisation of each row: y = (x - mean) / sqrt(variance + epsilon) * scale + shift, with the biased
 * variance over the columns. Mean and variance are summed in double precision. y may be x. */
void nnf_layer_norm(size_t rows, size_t columns,
                    const float *x, size_t x_stride,
                    const float *scale, const float *shift, float epsilon,
                    float *y, size_t y_stride);

/* y[i][c] += scale[c] * x[i][c]: a residual connection with layer scale. */
void nnf_add_scaled(size_t rows, size_t columns,
                    const float *x, size_t x_stride, const float *scale,
                    float *y, size_t y_stride);

/* sums[c] += x[0][c] + ... + x[rows - 1][c], in double precision. */
void nnf_add_column_sums(size_t rows, size_t columns, const float *x, size_t x_stride, double *sums);

/* ---- sparse ---- */

/* One attention head over lists. Row i sees itself and the rows of its list:
 * y_i = sum_j softmax_j(q_i . k_j / sqrt(columns)) v_j. Queries, keys and values are [rows, columns] with a common
 * stride, so that they may be slices of one matrix.
 * Cost: (rows + entries of all lists) * 2 * columns multiply-accumulates, one pass, no scratch memory: the running
 * maximum of the scores is corrected as it grows (Milakov and Gimelshein 2018, arXiv 1805.02867). */
void nnf_list_attention(size_t rows, size_t columns,
                        const float *queries, const float *keys, const float *values, size_t stride,
                        const uint32_t *offsets, const uint32_t *indices,
                        float *y, size_t y_stride);

/* y_i += sum of x_j over the list of row i: the product of an adjacency matrix and x. */
void nnf_add_list_sums(size_t rows, size_t columns,
                       const float *x, size_t x_stride,
                       const uint32_t *offsets, const uint32_t *indices,
                       float *y, size_t y_stride);

#if defined(__clang__)
#pragma clang assume_nonnull end
#endif

#if defined(__cplusplus)
}
#endif

#endif
