/* Dense product over packed weights. A tile of rows by a few panels of 16 outputs is held in registers while the inputs
 * run by: each weight loaded serves all rows of the tile, each input loaded all panels (Goto and van de Geijn, "Anatomy
 * of high-performance matrix multiplication", 2008).
 */
#include "NNFKernels.h"
#include "lanes.h"
#include "variants.h"

enum {
    MAXIMUM_TILE_ROWS = 8,
    MAXIMUM_TILE_PANELS = 3,
    /* Rows whose inputs stay in the second-level cache while all panels pass: a multiple of every tile's rows. */
    BLOCK_ROWS = 96
};

static size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

static size_t panel_count(size_t outputs) { return (outputs + NNF_LANE_COUNT - 1) / NNF_LANE_COUNT; }

size_t nnf_padded_columns(size_t columns) { return panel_count(columns) * NNF_LANE_COUNT; }

void nnf_pack_weight(size_t inputs, size_t outputs, const float *weight, size_t weight_stride,
                     const float *output_scale, float *panels) {
    for (size_t panel = 0; panel < panel_count(outputs); panel++) {
        float *const packed = panels + panel * inputs * NNF_LANE_COUNT;
        const size_t first = panel * NNF_LANE_COUNT;
        for (size_t i = 0; i < inputs; i++) {
            for (size_t lane = 0; lane < NNF_LANE_COUNT; lane++) {
                const size_t o = first + lane;
                const float scale = output_scale && o < outputs ? output_scale[o] : 1.0f;
                packed[i * NNF_LANE_COUNT + lane] = o < outputs ? scale * weight[o * weight_stride + i] : 0.0f;
            }
        }
    }
}

/* The sums of every output run over the inputs in the same order whatever the shape of the tile, so that the result of a
 * row does not depend on its place. */
NNF_INLINE void multiply_tile(const nnf_product *p, size_t first_row, size_t first_panel, const size_t rows,
                              const size_t panels) {
    const size_t inputs = p->inputs, panel_size = inputs * NNF_LANE_COUNT;
    const float *const weights = p->panels + first_panel * panel_size;
    const float *const x = p->x + first_row * p->x_stride;
    nnf_lanes sums[MAXIMUM_TILE_ROWS][MAXIMUM_TILE_PANELS];
#pragma GCC unroll 3
    for (size_t q = 0; q < panels; q++) {
        nnf_lanes start = {0};
        if (p->bias) NNF_LOAD(start, p->bias + (first_panel + q) * NNF_LANE_COUNT);
#pragma GCC unroll 8
        for (size_t r = 0; r < rows; r++) sums[r][q] = start;
    }
    for (size_t i = 0; i < inputs; i++) {
        nnf_lanes w[MAXIMUM_TILE_PANELS];
#pragma GCC unroll 3
        for (size_t q = 0; q < panels; q++) NNF_LOAD(w[q], weights + q * panel_size + i * NNF_LANE_COUNT);
#pragma GCC unroll 8
        for (size_t r = 0; r < rows; r++) {
            const float input = x[r * p->x_stride + i];
#pragma GCC unroll 3
            for (size_t q = 0; q < panels; q++) sums[r][q] += w[q] * input;
        }
    }
#pragma GCC unroll 8
    for (size_t r = 0; r < rows; r++) {
        float *const y = p->y + (first_row + r) * p->y_stride + first_panel * NNF_LANE_COUNT;
#pragma GCC unroll 3
        for (size_t q = 0; q < panels; q++) {
            nnf_lanes result = sums[r][q];
            if (p->is_adding) {
                nnf_lanes before;
                NNF_LOAD(before, y + q * NNF_LANE_COUNT);
                result += before;
            }
            if (p->is_rectifying) NNF_RECTIFY(result);
            NNF_STORE(result, y + q * NNF_LANE_COUNT);
        }
    }
}

NNF_INLINE void multiply_strip(const nnf_product *p, size_t first_row, size_t end_row, size_t panel,
                               const size_t tile_rows, const size_t panels) {
    size_t row = first_row;
    for (; row + tile_rows <= end_row; row += tile_rows) multiply_tile(p, row, panel, tile_rows, panels);
    switch (end_row - row) {
    case 7: if (tile_rows > 7) multiply_tile(p, row, panel, 7, panels); break;
    case 6: if (tile_rows > 6) multiply_tile(p, row, panel, 6, panels); break;
    case 5: if (tile_rows > 5) multiply_tile(p, row, panel, 5, panels); break;
    case 4: if (tile_rows > 4) multiply_tile(p, row, panel, 4, panels); break;
    case 3: if (tile_rows > 3) multiply_tile(p, row, panel, 3, panels); break;
    case 2: if (tile_rows > 2) multiply_tile(p, row, panel, 2, panels); break;
    case 1: if (tile_rows > 1) multiply_tile(p, row, panel, 1, panels); break;
    default: break;
    }
}

NNF_INLINE void multiply(const nnf_product *p, const size_t tile_rows, const size_t tile_panels) {
    const size_t panels = panel_count(p->outputs);
    for (size_t first_row = 0; first_row < p->rows; first_row += BLOCK_ROWS) {
        const size_t end_row = smaller(first_row + BLOCK_ROWS, p->rows);
        for (size_t panel = 0; panel < panels;) {
            const size_t remaining = panels - panel;
            if (tile_panels >= 3 && remaining >= 3 && remaining != 4) {
                multiply_strip(p, first_row, end_row, panel, tile_rows, 3);
                panel += 3;
            } else if (tile_panels >= 2 && remaining >= 2) {
                multiply_strip(p, first_row, end_row, panel, tile_rows, 2);
                panel += 2;
            } else {
                multiply_strip(p, first_row, end_row, panel, tile_rows, 1);
                panel += 1;
            }
        }
    }
}

/* Tiles are as large as the registers of the instruction set allow. */
#if defined(__x86_64__)
static void multiply_baseline(const nnf_product *p) { multiply(p, 2, 1); }
NNF_TARGET_AVX2 static void multiply_avx2(const nnf_product *p) { multiply(p, 6, 1); }
NNF_TARGET_AVX512 static void multiply_avx512(const nnf_product *p) { multiply(p, MAXIMUM_TILE_ROWS, MAXIMUM_TILE_PANELS); }
NNF_DEFINE_DISPATCH(nnf_multiply, multiply, (const nnf_product *p), (p))
#else
static void multiply_neon(const nnf_product *p) { multiply(p, 6, 1); }
void nnf_multiply(nnf_instructions instructions, const nnf_product *p) {
    (void)instructions;
    multiply_neon(p);
}
#endif
