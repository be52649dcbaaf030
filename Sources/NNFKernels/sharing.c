/* Which nodes have equal rows in a stage of the encoder, by colour refinement (Weisfeiler and Leman). */
#include "NNFKernels.h"

#include <string.h>

/* The finaliser of splitmix64 (Steele, Lea and Flood, OOPSLA 2014): every input bit reaches every output bit. */
static uint64_t mixed(uint64_t z) {
    z += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

/* The two halves are mixed with numbers that differ, so that they collide independently. */
static void refine(nnf_colour *colour, uint64_t low, uint64_t high) {
    colour->low = mixed(colour->low + mixed(low));
    colour->high = mixed((colour->high ^ UINT64_C(0xC2B2AE3D27D4EB4F)) + mixed(high ^ UINT64_C(0x165667B19E3779F9)));
}

nnf_colour nnf_colour_of_words(size_t count, const uint32_t *words) {
    nnf_colour colour = {mixed(count), mixed(~(uint64_t)count)};
    for (size_t word = 0; word < count; word += 2) {
        const uint64_t pair = words[word] | (word + 1 < count ? (uint64_t)words[word + 1] << 32 : 0);
        colour.low = mixed(colour.low ^ pair);
        colour.high = mixed(colour.high + (pair ^ UINT64_C(0xC2B2AE3D27D4EB4F)));
    }
    return colour;
}

static bool is_equal(nnf_colour a, nnf_colour b) { return a.low == b.low && a.high == b.high; }

static bool precedes(nnf_colour a, nnf_colour b) { return a.low != b.low ? a.low < b.low : a.high < b.high; }

void nnf_stage_reset(nnf_stage *stage) {
    memset(stage->slots, 0, stage->slot_count * sizeof *stage->slots);
    stage->row_count = 0;
    for (size_t relation = 0; relation < NNF_RELATIONS; relation++) {
        if (stage->lists[relation].offsets) stage->lists[relation].offsets[0] = 0;
    }
}

/* The row of that colour, or a new one; `is_new` says which. Some slot is always empty: there are more than rows. */
static uint32_t find_row(nnf_stage *stage, nnf_colour colour, bool *is_new) {
    size_t slot = colour.low & (stage->slot_count - 1);
    while (stage->slots[slot] != 0) {
        const uint32_t row = stage->slots[slot] - 1;
        if (is_equal(stage->colours[row], colour)) {
            *is_new = false;
            return row;
        }
        slot = (slot + 1) & (stage->slot_count - 1);
    }
    const uint32_t row = (uint32_t)stage->row_count++;
    stage->slots[slot] = row + 1;
    stage->colours[row] = colour;
    *is_new = true;
    return row;
}

/* By colour, which no numbering of rows has a say in: sums over the list then round the same in every batch.
 * Shell's method with Ciura's gaps: in place, and at most a few entries move where lists are short, as they are. */
static void sort_by_colour(size_t count, uint32_t *rows, float *counts, const nnf_colour *colours) {
    static const size_t gaps[] = {8858, 3937, 1750, 701, 301, 132, 57, 23, 10, 4, 1};
    size_t g = count < 5 ? sizeof gaps / sizeof *gaps - 1 : 0;
    for (; g < sizeof gaps / sizeof *gaps; g++) {
        const size_t gap = gaps[g];
        for (size_t i = gap; i < count; i++) {
            const uint32_t row = rows[i];
            const float times = counts[i];
            size_t place = i;
            for (; place >= gap && precedes(colours[row], colours[rows[place - gap]]); place -= gap) {
                rows[place] = rows[place - gap];
                counts[place] = counts[place - gap];
            }
            rows[place] = row;
            counts[place] = times;
        }
    }
}

/* Appends `row` to a list of `count` entries, or counts it again; returns the new count. */
static size_t count_row(uint32_t row, size_t count, uint32_t *rows, float *counts, uint32_t *places) {
    if (places[row] != 0) {
        counts[places[row] - 1] += 1.0f;
        return count;
    }
    rows[count] = row;
    counts[count] = 1.0f;
    places[row] = (uint32_t)++count;
    return count;
}

static void append_list(nnf_stage_lists *lists, size_t row, bool sees_itself, uint32_t own, const uint32_t *inputs,
                        const uint32_t *begin, const uint32_t *end, const nnf_colour *input_colours, uint32_t *places) {
    const uint32_t start = lists->offsets[row];
    uint32_t *const rows = lists->rows + start;
    float *const counts = lists->counts + start;
    size_t count = sees_itself ? count_row(own, 0, rows, counts, places) : 0;
    for (const uint32_t *node = begin; node < end; node++) count = count_row(inputs[*node], count, rows, counts, places);
    for (size_t e = 0; e < count; e++) places[rows[e]] = 0;
    sort_by_colour(count, rows, counts, input_colours);
    lists->offsets[row + 1] = start + (uint32_t)count;
}

void nnf_stage_add_nodes(nnf_stage *stage, size_t nodes, const nnf_node_lists *relations,
                         const nnf_colour *input_colours, const uint32_t *inputs, uint32_t *places, uint32_t *rows) {
    for (size_t node = 0; node < nodes; node++) {
        const uint32_t own = inputs[node];
        nnf_colour colour = input_colours[own];
        for (size_t relation = 0; relation < stage->relation_count; relation++) {
            const uint32_t *const indices = relations[relation].indices;
            const uint32_t end = relations[relation].offsets[node + 1];
            uint64_t low = 0, high = 0;
            for (uint32_t entry = relations[relation].offsets[node]; entry < end; entry++) {
                const nnf_colour other = input_colours[inputs[indices[entry]]];
                low += other.low;
                high += other.high;
            }
            refine(&colour, low, high);
        }
        bool is_new;
        const uint32_t row = find_row(stage, colour, &is_new);
        rows[node] = row;
        if (!is_new) continue;
        stage->own[row] = own;
        for (size_t relation = 0; relation < stage->relation_count; relation++) {
            const nnf_node_lists *const lists = &relations[relation];
            append_list(&stage->lists[relation], row, stage->sees_itself, own, inputs,
                        lists->indices + lists->offsets[node], lists->indices + lists->offsets[node + 1],
                        input_colours, places);
        }
    }
}

void nnf_stage_add_colours(nnf_stage *stage, size_t nodes, const nnf_colour *colours, const uint32_t *inputs,
                           uint32_t *rows) {
    for (size_t node = 0; node < nodes; node++) {
        bool is_new;
        rows[node] = find_row(stage, colours[inputs[node]], &is_new);
        if (is_new) stage->own[rows[node]] = (uint32_t)node;
    }
}

size_t nnf_count_rows(size_t nodes, const uint32_t *node_rows, uint32_t *places, uint32_t *rows, float *counts) {
    size_t count = 0;
    for (size_t node = 0; node < nodes; node++) count = count_row(node_rows[node], count, rows, counts, places);
    for (size_t e = 0; e < count; e++) places[rows[e]] = 0;
    return count;
}
