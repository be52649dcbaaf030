/* The body of nnf_multiply_quantized for one instruction set and kind of integers, included once for each. Expects
 * - NNF_TARGET, the function attribute, and NNF_NAME(name), the name with a suffix;
 * - NNF_REGISTER, an integer vector of NNF_REGISTER_LANES 32-bit lanes, and NNF_FLOATS, floats of as many;
 * - NNF_MULTIPLY(sum, x, w): each 32-bit lane of sum grows by the products of the integers, a pair or four, in x and w;
 * - NNF_TILE_ROWS and NNF_TILE_PANELS, as large as the registers allow.
 */

enum { NNF_NAME(PARTS) = NNF_LANE_COUNT / NNF_REGISTER_LANES };

NNF_TARGET NNF_INLINE void NNF_NAME(quantized_tile)(const nnf_quantized_product *p, size_t first_row,
                                                    size_t first_panel, const size_t rows, const size_t panels) {
    const size_t bytes = nnf_quantized_bytes(p->integers, p->inputs), columns = panels * NNF_NAME(PARTS);
    const size_t panel_size = bytes * NNF_LANE_COUNT;
    const uint8_t *const weights = p->panels + first_panel * panel_size;
    const uint8_t *const x = p->x + first_row * p->x_stride;
    const int32_t *const starts = p->starts + first_panel * NNF_LANE_COUNT;
    NNF_REGISTER sums[NNF_TILE_ROWS][NNF_TILE_PANELS * NNF_NAME(PARTS)];
#pragma GCC unroll 8
    for (size_t r = 0; r < rows; r++) {
#pragma GCC unroll 3
        for (size_t q = 0; q < columns; q++) NNF_LOAD(sums[r][q], starts + q * NNF_REGISTER_LANES);
    }
    for (size_t i = 0; i < bytes; i += GROUP_BYTES) {
        NNF_REGISTER w[NNF_TILE_PANELS * NNF_NAME(PARTS)];
#pragma GCC unroll 3
        for (size_t q = 0; q < columns; q++) {
            const size_t panel = q / NNF_NAME(PARTS), part = q % NNF_NAME(PARTS);
            NNF_LOAD(w[q], weights + panel * panel_size + i * NNF_LANE_COUNT + part * GROUP_BYTES * NNF_REGISTER_LANES);
        }
#pragma GCC unroll 8
        for (size_t r = 0; r < rows; r++) {
            int32_t group;
            memcpy(&group, x + r * p->x_stride + i, sizeof group);
            const NNF_REGISTER input = (NNF_REGISTER){0} + group;
#pragma GCC unroll 3
            for (size_t q = 0; q < columns; q++) NNF_MULTIPLY(sums[r][q], input, w[q]);
        }
    }
#pragma GCC unroll 8
    for (size_t r = 0; r < rows; r++) {
        const float step = p->x_steps[first_row + r];
#pragma GCC unroll 3
        for (size_t q = 0; q < columns; q++) {
            const size_t output = first_panel * NNF_LANE_COUNT + q * NNF_REGISTER_LANES;
            float *const y = p->y + (first_row + r) * p->y_stride + output;
            NNF_FLOATS steps, result;
            NNF_LOAD(steps, p->weight_steps + output);
            NNF_LOAD(result, p->bias + output);
            result += __builtin_convertvector(sums[r][q], NNF_FLOATS) * (steps * step);
            if (p->is_adding) {
                NNF_FLOATS before;
                NNF_LOAD(before, y);
                result += before;
            }
            NNF_STORE(result, y);
        }
    }
}

NNF_TARGET NNF_INLINE void NNF_NAME(quantized_strip)(const nnf_quantized_product *p, size_t first_row, size_t end_row,
                                                     size_t panel, const size_t panels) {
    size_t row = first_row;
    for (; row + NNF_TILE_ROWS <= end_row; row += NNF_TILE_ROWS) {
        NNF_NAME(quantized_tile)(p, row, panel, NNF_TILE_ROWS, panels);
    }
    switch (end_row - row) {
#if NNF_TILE_ROWS > 6
    case 7: NNF_NAME(quantized_tile)(p, row, panel, 7, panels); break;
    case 6: NNF_NAME(quantized_tile)(p, row, panel, 6, panels); break;
#endif
    case 5: NNF_NAME(quantized_tile)(p, row, panel, 5, panels); break;
    case 4: NNF_NAME(quantized_tile)(p, row, panel, 4, panels); break;
    case 3: NNF_NAME(quantized_tile)(p, row, panel, 3, panels); break;
    case 2: NNF_NAME(quantized_tile)(p, row, panel, 2, panels); break;
    case 1: NNF_NAME(quantized_tile)(p, row, panel, 1, panels); break;
    default: break;
    }
}

NNF_TARGET static void NNF_NAME(multiply_quantized)(const nnf_quantized_product *p) {
    const size_t panels = nnf_padded_columns(p->outputs) / NNF_LANE_COUNT;
    for (size_t first_row = 0; first_row < p->rows; first_row += BLOCK_ROWS) {
        const size_t end_row = first_row + BLOCK_ROWS < p->rows ? first_row + BLOCK_ROWS : p->rows;
        for (size_t panel = 0; panel < panels;) {
            const size_t remaining = panels - panel;
#if NNF_TILE_PANELS == 3
            if (remaining >= 3 && remaining != 4) {
                NNF_NAME(quantized_strip)(p, first_row, end_row, panel, 3);
                panel += 3;
                continue;
            }
            if (remaining >= 2) {
                NNF_NAME(quantized_strip)(p, first_row, end_row, panel, 2);
                panel += 2;
                continue;
            }
#endif
            (void)remaining;
            NNF_NAME(quantized_strip)(p, first_row, end_row, panel, 1);
            panel += 1;
        }
    }
}

#undef NNF_TARGET
#undef NNF_NAME
#undef NNF_REGISTER
#undef NNF_REGISTER_LANES
#undef NNF_FLOATS
#undef NNF_MULTIPLY
#undef NNF_TILE_ROWS
#undef NNF_TILE_PANELS
