/* Operations on each row of a matrix. */
#include "NNFKernels.h"

#include <math.h>

void nnf_relu(size_t rows, size_t columns, float *x, size_t x_stride) {
    for (size_t row = 0; row < rows; row++) {
        float *const values = x + row * x_stride;
        for (size_t c = 0; c < columns; c++) values[c] = values[c] < 0.0f ? 0.0f : values[c];
    }
}

void nnf_layer_norm(size_t rows, size_t columns,
                    const float *x, size_t x_stride,
                    const float *scale, const float *shift, float epsilon,
                    float *y, size_t y_stride) {
    for (size_t row = 0; row < rows; row++) {
        const float *const input = x + row * x_stride;
        float *const output = y + row * y_stride;
        double sum = 0.0;
        for (size_t c = 0; c < columns; c++) sum += input[c];
        const double mean = sum / (double)columns;
        double squares = 0.0;
        for (size_t c = 0; c < columns; c++) {
            const double deviation = input[c] - mean;
            squares += deviation * deviation;
        }
        const double inverse = 1.0 / sqrt(squares / (double)columns + epsilon);
        for (size_t c = 0; c < columns; c++) {
            output[c] = (float)((input[c] - mean) * inverse) * scale[c] + shift[c];
        }
    }
}

void nnf_add_scaled(size_t rows, size_t columns,
                    const float *x, size_t x_stride, const float *scale,
                    float *y, size_t y_stride) {
    for (size_t row = 0; row < rows; row++) {
        const float *const input = x + row * x_stride;
        float *const output = y + row * y_stride;
        for (size_t c = 0; c < columns; c++) output[c] += scale[c] * input[c];
    }
}

void nnf_add_column_sums(size_t rows, size_t columns, const float *x, size_t x_stride, double *sums) {
    for (size_t row = 0; row < rows; row++) {
        const float *const input = x + row * x_stride;
        for (size_t c = 0; c < columns; c++) sums[c] += input[c];
    }
}
