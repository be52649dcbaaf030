/* The dense product on the model's own shapes beside OpenBLAS and the processor's peak, one thread, interleaved in one
 * run. Prints a line a shape: rows inputs outputs, then GFLOP/s (medians) of the kernel in float32, of those in integers of 16
 * and of 8 bits with the conversion of their input (0 where there is none), of OpenBLAS and of the peak in float32.
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

/* A product of integers, its weight converted and packed; x is converted each time. */
typedef struct {
    nnf_quantized_product product;
    const float *x;
    uint8_t *rows, *weight, *panels;
    int32_t *starts;
    float *row_steps, *weight_steps, *bias;
} integer_product;

static integer_product integers_of(nnf_integers kind, size_t rows, shape s, const float *x, const float *weight, float *y) {
    const size_t padded = nnf_padded_columns(s.outputs), bytes = nnf_quantized_bytes(kind, s.inputs);
    integer_product p = {.x = x, .rows = malloc(rows * bytes), .weight = malloc(s.outputs * bytes),
                         .panels = malloc(padded * bytes), .starts = malloc(padded * sizeof(int32_t)),
                         .row_steps = filled(rows), .weight_steps = filled(padded), .bias = filled(padded)};
    if (!p.rows || !p.weight || !p.panels || !p.starts) exit(EXIT_FAILURE);
    nnf_quantize(nnf_best_instructions(), kind, s.outputs, s.inputs, weight, s.inputs, p.weight, bytes, p.weight_steps);
    nnf_pack_quantized(kind, s.inputs, s.outputs, p.weight, bytes, p.panels, p.starts);
    p.product = (nnf_quantized_product){
        .integers = kind, .rows = rows, .inputs = s.inputs, .outputs = s.outputs, .x = p.rows, .x_stride = bytes,
        .x_steps = p.row_steps, .panels = p.panels, .starts = p.starts, .weight_steps = p.weight_steps, .bias = p.bias,
        .y = y, .y_stride = padded};
    return p;
}

static void multiply_integers(const integer_product *p) {
    const nnf_quantized_product *const q = &p->product;
    nnf_quantize(nnf_best_instructions(), q->integers, q->rows, q->inputs, p->x, q->inputs, p->rows, q->x_stride, p->row_steps);
    nnf_multiply_quantized(nnf_best_instructions(), q);
}

static void free_integers(integer_product p) {
    free(p.rows), free(p.weight), free(p.panels), free(p.starts), free(p.row_steps), free(p.weight_steps), free(p.bias);
}

static void measure(size_t rows, shape s, size_t rounds) {
    const size_t padded = nnf_padded_columns(s.outputs);
    float *const x = filled(rows * s.inputs), *const weight = filled(s.outputs * s.inputs);
    float *const panels = filled(padded * s.inputs), *const y = filled(rows * padded);
    nnf_pack_weight(s.inputs, s.outputs, weight, s.inputs, NULL, panels);
    const nnf_product product = {.rows = rows, .inputs = s.inputs, .outputs = s.outputs, .x = x, .x_stride = s.inputs,
                                 .panels = panels, .y = y, .y_stride = padded};
    static const nnf_integers kinds[] = {NNF_INTEGERS_16, NNF_INTEGERS_8};
    integer_product quantized[2];
    double *integer[2];
    for (size_t k = 0; k < 2; k++) {
        quantized[k] = integers_of(kinds[k], rows, s, x, weight, y);
        integer[k] = calloc(rounds, sizeof **integer);
    }
    const double flops = 2.0 * (double)rows * (double)s.inputs * (double)s.outputs;
    const size_t repetitions = (size_t)(2e7 / flops) + 1;
    double *const own = malloc(rounds * sizeof *own), *const blas = malloc(rounds * sizeof *blas);
    double *const limit = malloc(rounds * sizeof *limit);
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
        for (size_t k = 0; k < 2; k++) {
            if (!nnf_multiplies_quantized(nnf_best_instructions(), kinds[k])) continue;
            start = now();
            for (size_t r = 0; r < repetitions; r++) multiply_integers(&quantized[k]);
            integer[k][round] = flops * (double)repetitions / (now() - start) * 1e-9;
        }
        start = now();
        const double peak_flops = peak(&sink);
        limit[round] = peak_flops / (now() - start) * 1e-9;
    }
    printf("%zu %zu %zu %.1f %.1f %.1f %.1f %.1f\n", rows, s.inputs, s.outputs, median(own, rounds),
           median(integer[0], rounds), median(integer[1], rounds), median(blas, rounds), median(limit, rounds));
    free(x), free(weight), free(panels), free(y), free(own), free(blas), free(limit);
    for (size_t k = 0; k < 2; k++) free_integers(quantized[k]), free(integer[k]);
}

int main(int argc, char **argv) {
    const size_t rounds = argc > 1 ? (size_t)strtoul(argv[1], NULL, 10) : 31;
    /* The shipped network's (width 64), then the paper's (width 512): query-key-value, projection, expansion with
     * aggregation, embedding of features. */
    static const shape shapes[] = {{64, 192}, {64, 64}, {64, 128}, {65, 64},
                                   {512, 1536}, {512, 512}, {512, 1024}, {65, 512}};
    static const size_t rows[] = {1, 16, 64, 150, 1024};
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
        for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) measure(rows[r], shapes[s], rounds);
    }
    return EXIT_SUCCESS;
}
