/* The dense product on the model's own shapes beside OpenBLAS and the processor's peak, one thread, interleaved in one
 * run. Prints a line a shape: rows inputs outputs, then GFLOP/s (medians) of the kernel in float32, of the kernel in 16-bit
 * integers with the conversion of its input (0 where there is none), of OpenBLAS and of the peak in float32.
 *
 * usage: dense [ROUNDS]   (OPENBLAS_CORETYPE unset, OPENBLAS_NUM_THREADS=1)
 */
#define _POSIX_C_SOURCE 200809L
#include <cblas.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "NNFKernels.h"

typedef struct {
    size_t inputs, outputs;
} shape;

/* Seconds that this thread has run, however often the system took the processor away. */
static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static int ascending(const void *a, const void *b) {
    const double difference = *(const double *)a - *(const double *)b;
    return (difference > 0) - (difference < 0);
}

static double median(double *values, size_t count) {
    qsort(values, count, sizeof *values, ascending);
    return values[count / 2];
}

/* ---- the peak: fused multiply-adds on registers alone, enough chains to hide their latency */

enum { CHAINS = 12, PEAK_STEPS = 20000 };

#define FOR_EACH_CHAIN(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7) DO(8) DO(9) DO(10) DO(11)
#define START(c) vector sum##c = (vector){0} + (float)(c);
/* The empty statement keeps the compiler from computing the chain's end beforehand. */
#define STEP(c) sum##c = sum##c * factor + summand; __asm__ volatile("" : "+v"(sum##c));
#define END(c) + sum##c[0]

#define PEAK_LOOP(bytes) \
    typedef float vector __attribute__((vector_size(bytes))); \
    const vector factor = (vector){0} + 0.999f, summand = (vector){0} + 0.001f; \
    FOR_EACH_CHAIN(START) \
    for (int step = 0; step < PEAK_STEPS; step++) { FOR_EACH_CHAIN(STEP) } \
    *sink = 0 FOR_EACH_CHAIN(END); \
    return 2.0 * CHAINS * PEAK_STEPS * (bytes) / sizeof(float);

#if defined(__x86_64__)
__attribute__((target("avx512f,fma"))) static double peak_avx512(volatile float *sink) { PEAK_LOOP(64) }
__attribute__((target("avx2,fma"))) static double peak_avx2(volatile float *sink) { PEAK_LOOP(32) }
static double peak(volatile float *sink) {
    return nnf_best_instructions() == NNF_INSTRUCTIONS_AVX512 ? peak_avx512(sink) : peak_avx2(sink);
}
#else
static double peak(volatile float *sink) { PEAK_LOOP(16) }
#endif

static float *filled(size_t count) {
    float *const values = aligned_alloc(64, (count * sizeof(float) + 63) / 64 * 64);
    if (!values) exit(EXIT_FAILURE);
    for (size_t i = 0; i < count; i++) values[i] = (float)(i % 17) / 16.0f - 0.5f;
    return values;
}

static void measure(size_t rows, shape s, size_t rounds) {
    const size_t padded = nnf_padded_columns(s.outputs);
    float *const x = filled(rows * s.inputs), *const weight = filled(s.outputs * s.inputs);
    float *const panels = filled(padded * s.inputs), *const y = filled(rows * padded);
    nnf_pack_weight(s.inputs, s.outputs, weight, s.inputs, NULL, panels);
    const nnf_product product = {.rows = rows, .inputs = s.inputs, .outputs = s.outputs, .x = x, .x_stride = s.inputs,
                                 .panels = panels, .y = y, .y_stride = padded};
    const size_t columns = nnf_quantized_columns(s.inputs);
    int16_t *const integers = malloc(columns * (rows + s.outputs) * sizeof *integers);
    int16_t *const integer_panels = malloc(columns * padded * sizeof *integer_panels);
    float *const steps = filled(rows + padded), *const bias = filled(padded);
    const bool has_integers = nnf_multiplies_quantized(nnf_best_instructions());
    nnf_quantize(nnf_best_instructions(), s.outputs, s.inputs, weight, s.inputs, integers + rows * columns, columns,
                 steps + rows);
    nnf_pack_quantized(s.inputs, s.outputs, integers + rows * columns, columns, integer_panels);
    const nnf_quantized_product quantized = {
        .rows = rows, .inputs = s.inputs, .outputs = s.outputs, .x = integers, .x_stride = columns, .x_steps = steps,
        .panels = integer_panels, .weight_steps = steps + rows, .bias = bias, .y = y, .y_stride = padded};
    const double flops = 2.0 * (double)rows * (double)s.inputs * (double)s.outputs;
    const size_t repetitions = (size_t)(2e7 / flops) + 1;
    double *const own = malloc(rounds * sizeof *own), *const blas = malloc(rounds * sizeof *blas);
    double *const limit = malloc(rounds * sizeof *limit), *const integer = calloc(rounds, sizeof *integer);
    volatile float sink;
    for (size_t round = 0; round < rounds; round++) {
        double start = now();
        for (size_t r = 0; r < repetitions; r++) nnf_multiply(nnf_best_instructions(), &product);
        own[round] = flops * (double)repetitions / (now() - start) * 1e-9;
        start = now();
        for (size_t r = 0; r < repetitions; r++) {
            cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)rows, (int)s.outputs, (int)s.inputs, 1.0f, x,
                        (int)s.inputs, weight, (int)s.inputs, 0.0f, y, (int)padded);
        }
        blas[round] = flops * (double)repetitions / (now() - start) * 1e-9;
        start = now();
        for (size_t r = 0; has_integers && r < repetitions; r++) {
            nnf_quantize(nnf_best_instructions(), rows, s.inputs, x, s.inputs, integers, columns, steps);
            nnf_multiply_quantized(nnf_best_instructions(), &quantized);
        }
        if (has_integers) integer[round] = flops * (double)repetitions / (now() - start) * 1e-9;
        start = now();
        const double peak_flops = peak(&sink);
        limit[round] = peak_flops / (now() - start) * 1e-9;
    }
    printf("%zu %zu %zu %.1f %.1f %.1f %.1f\n", rows, s.inputs, s.outputs, median(own, rounds), median(integer, rounds),
           median(blas, rounds), median(limit, rounds));
    free(x), free(weight), free(panels), free(y), free(own), free(blas), free(limit);
    free(integers), free(integer_panels), free(steps), free(bias), free(integer);
}

int main(int argc, char **argv) {
    const size_t rounds = argc > 1 ? (size_t)strtoul(argv[1], NULL, 10) : 31;
    /* The shipped network's (width 96), then the paper's (width 512): query-key-value, projection, expansion with
     * aggregation, hidden layer of the head, embedding of features. */
    static const shape shapes[] = {{96, 288}, {96, 96}, {96, 192}, {96, 128}, {273, 96},
                                   {512, 1536}, {512, 512}, {512, 1024}, {273, 512}};
    static const size_t rows[] = {1, 16, 64, 150, 1024};
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
        for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) measure(rows[r], shapes[s], rounds);
    }
    return EXIT_SUCCESS;
}
