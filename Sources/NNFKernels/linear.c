/* Dense product. Weights are repacked, 16 outputs by a block of inputs at a time, so that the innermost loop reads them
 * in order and multiplies 16 outputs at once; a tile of rows shares each load (Goto and van de Geijn, "Anatomy of
 * high-performance matrix multiplication", 2008). The panel lives on the stack: nothing is allocated.
 */
#include "NNFKernels.h"
#include "lanes.h"

enum {
    PANEL_INPUTS = 256,         /* 16 KiB a panel: half of a usual first-level cache */
    MAXIMUM_TILE_ROWS = 12
};

/* One operation: y rows = x rows . panel, for up to `tile_rows` rows and the first `outputs` of 16 columns. */
typedef struct {
    size_t rows, inputs, outputs;
    const float *x;
    size_t x_stride;
    const float *panel;         /* [inputs][16], zero beyond `outputs` */
    const float *start;         /* [16] added to each row, for the first block of inputs; null: add to y */
    float *y;
    size_t y_stride;
    bool accumulate;
} panel_product;

/* Every row runs the same operations in the same order, wherever it falls in a tile: rows missing from the last tile
 * repeat its last row and are not stored. */
NNF_INLINE void multiply_tiles(const panel_product *p, const size_t tile_rows) {
    const size_t output_bytes = p->outputs * sizeof(float);
    for (size_t first = 0; first < p->rows; first += tile_rows) {
        const float *x[MAXIMUM_TILE_ROWS];
        nnf_lanes sums[MAXIMUM_TILE_ROWS];
#pragma GCC unroll 12
        for (size_t r = 0; r < tile_rows; r++) {
            const size_t row = first + r < p->rows ? first + r : p->rows - 1;
            x[r] = p->x + row * p->x_stride;
            nnf_lanes sum = {0};
            if (p->accumulate) memcpy(&sum, p->y + row * p->y_stride, output_bytes);
            if (p->start) {
                nnf_lanes start;
                NNF_LOAD(start, p->start);
                sum += start;
            }
            sums[r] = sum;
        }
        for (size_t i = 0; i < p->inputs; i++) {
            nnf_lanes weights;
            NNF_LOAD(weights, p->panel + i * NNF_LANE_COUNT);
#pragma GCC unroll 12
            for (size_t r = 0; r < tile_rows; r++) sums[r] += weights * x[r][i];
        }
#pragma GCC unroll 12
        for (size_t r = 0; r < tile_rows; r++) {
            if (first + r < p->rows) memcpy(p->y + (first + r) * p->y_stride, &sums[r], output_bytes);
        }
    }
}

typedef void multiply(const panel_product *p);

/* Tiles are as high as the accumulators of the instruction set allow. */
static void multiply_baseline(const panel_product *p) { multiply_tiles(p, 2); }

#if defined(__x86_64__)
__attribute__((target("avx2,fma"))) static void multiply_avx2(const panel_product *p) { multiply_tiles(p, 6); }
__attribute__((target("avx512f,fma"))) static void multiply_avx512(const panel_product *p) {
    multiply_tiles(p, MAXIMUM_TILE_ROWS);
}
#endif

nnf_instructions nnf_best_instructions(void) {
#if defined(__x86_64__)
    /* Both checks include the operating system's support for the wider registers. */
    if (__builtin_cpu_supports("avx512f")) return NNF_INSTRUCTIONS_AVX512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return NNF_INSTRUCTIONS_AVX2;
#endif
    return NNF_INSTRUCTIONS_BASELINE;
}

static multiply *multiply_using(nnf_instructions instructions) {
    const nnf_instructions best = nnf_best_instructions();
    switch (instructions < best ? instructions : best) {
#if defined(__x86_64__)
    case NNF_INSTRUCTIONS_AVX512: return multiply_avx512;
    case NNF_INSTRUCTIONS_AVX2: return multiply_avx2;
#endif
    default: return multiply_baseline;
    }
}

/* panel[i][o] = weight[o][i] for a block; columns beyond `outputs` are zero. */
static void pack_panel(size_t inputs, size_t outputs, const float *weight, size_t weight_stride, float *panel) {
    for (size_t o = 0; o < NNF_LANE_COUNT; o++) {
        for (size_t i = 0; i < inputs; i++) {
            panel[i * NNF_LANE_COUNT + o] = o < outputs ? weight[o * weight_stride + i] : 0.0f;
        }
    }
}

static size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

void nnf_linear_using(nnf_instructions instructions,
                      size_t rows, size_t inputs, size_t outputs,
                      const float *x, size_t x_stride,
                      const float *weight, size_t weight_stride,
                      const float *bias,
                      float *y, size_t y_stride, bool accumulate) {
    multiply *const multiply_panel = multiply_using(instructions);
    _Alignas(64) float panel[PANEL_INPUTS * NNF_LANE_COUNT];
    for (size_t output = 0; output < outputs; output += NNF_LANE_COUNT) {
        const size_t panel_outputs = smaller(outputs - output, NNF_LANE_COUNT);
        float start[NNF_LANE_COUNT] = {0};
        if (bias) memcpy(start, bias + output, panel_outputs * sizeof(float));
        size_t input = 0;
        do { /* at least once: without inputs, y still becomes the bias */
            const size_t panel_inputs = smaller(inputs - input, PANEL_INPUTS);
            pack_panel(panel_inputs, panel_outputs, weight + output * weight_stride + input, weight_stride, panel);
            const panel_product product = {
                .rows = rows, .inputs = panel_inputs, .outputs = panel_outputs,
                .x = x + input, .x_stride = x_stride,
                .panel = panel, .start = input == 0 ? start : NULL,
                .y = y + output, .y_stride = y_stride,
                .accumulate = accumulate || input > 0,
            };
            multiply_panel(&product);
            input += panel_inputs;
        } while (input < inputs);
    }
}

void nnf_linear(size_t rows, size_t inputs, size_t outputs,
                const float *x, size_t x_stride,
                const float *weight, size_t weight_stride,
                const float *bias,
                float *y, size_t y_stride, bool accumulate) {
    nnf_linear_using(NNF_INSTRUCTIONS_AVX512, rows, inputs, outputs, x, x_stride, weight, weight_stride, bias,
                     y, y_stride, accumulate);
}
