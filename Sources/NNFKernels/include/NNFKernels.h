/* Kernels of NN-Former in C: dense products, attention and sums over lists, rows that are equal, elementary functions,
 * memory and threads.
 *
 * Conventions
 * - A matrix is row-major: a pointer to its first element, its rows and columns, and a stride, the distance in
 *   elements between the starts of consecutive rows (at least the columns).
 * - Outputs do not overlap inputs, except where a function works in place and says so.
 * - Any count may be 0. Nothing but nnf_allocate allocates or fails, nothing keeps state; calls on distinct outputs may
 *   run at once.
 * - Results depend on the inputs and on the instruction set alone: each output element is summed in an order that does
 *   not depend on where its row lies in the matrix.
 * - Functions that take `instructions` are compiled for each of them; the caller passes what nnf_best_instructions
 *   returns, or less.
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

/* ---- instruction sets ---- */

/* Each includes those before it. */
typedef enum {
    NNF_INSTRUCTIONS_BASELINE = 0, /* whatever the compiler targets: SSE2, NEON */
    NNF_INSTRUCTIONS_AVX2 = 1,     /* with fused multiply-add */
    NNF_INSTRUCTIONS_AVX512 = 2    /* F, VL, BW, DQ, VNNI */
} nnf_instructions;

/* The best of them that processor and operating system support. */
nnf_instructions nnf_best_instructions(void);

/* ---- elementary functions ---- */

/* Logarithm to base 2, the same bits on every platform: it does not call the system's libm, so that features
 * computed where a model is trained and where it runs are equal. Error below 0.51 units in the last place.
 * log2(0) = -infinity; NaN for negative arguments and NaN; log2(+infinity) = +infinity. */
float nnf_log2f(float x);

/* e^x in double precision. */
double nnf_exp(double x);

/* x = e^clamp(x, lower, upper), in place, with -87 <= lower and upper <= 88; `count` is a multiple of 8. Error below
 * 2 units in the last place. NaN stays NaN. */
void nnf_exponentiate(nnf_instructions instructions, size_t count, float lower, float upper, float *x);

/* ---- dense ---- */

/* `columns` rounded up to whole panels of 16: rows of this many columns need no special case at their end. */
size_t nnf_padded_columns(size_t columns);

/* Packs weight [outputs, inputs] for nnf_multiply, output o multiplied by output_scale[o]: panels of 16 outputs,
 * panels[o / 16][i][o % 16], zero beyond `outputs`; inputs * nnf_padded_columns(outputs) elements. */
void nnf_pack_weight(size_t inputs, size_t outputs, const float *weight, size_t weight_stride,
                     const float *NNF_NULLABLE output_scale, float *panels);

/* y = x . weight^T + bias, with x [rows, inputs], a packed weight, bias [nnf_padded_columns(outputs)] or null, and
 * y [rows, nnf_padded_columns(outputs)]: columns beyond `outputs` are written too. */
typedef struct {
    size_t rows, inputs, outputs;
    const float *x;
    size_t x_stride;
    const float *panels;
    const float *NNF_NULLABLE bias;
    float *y;
    size_t y_stride;
    bool is_adding;     /* adds to what y holds */
    bool is_rectifying; /* y = max(y, 0) in the end; NaN stays NaN */
} nnf_product;

/* rows * inputs * outputs multiply-accumulates in float32. */
void nnf_multiply(nnf_instructions instructions, const nnf_product *product);

/* ---- dense, integers ----
 *
 * Rows of float32 as integers times a step of the row's own, with exact sums of products in 32 bits.
 */

typedef enum {
    NNF_INTEGERS_16, /* rounding is about 6e-5 of a row's root mean square at 96 columns and 1.4e-4 at 512 */
    NNF_INTEGERS_8   /* about 1e-2 */
} nnf_integers;

/* Whether nnf_multiply_quantized is there for them. With AVX-512 and from 16 rows on, the conversion of x included, 16 bits are
 * 1.2 to 1.5 times as fast as nnf_multiply at 64 inputs and 1.8 to 1.9 times at 512; 8 bits 0.9 to 1.7 and 2.9 to 3.4 times
 * (Documentation/Performance.md, "The dense product"). */
bool nnf_multiplies_quantized(nnf_instructions instructions, nnf_integers integers);

/* Bytes of a row of integers; at most twice the columns, in whole groups of four. */
size_t nnf_quantized_bytes(nnf_integers integers, size_t columns);

/* y = x / step, rounded, a row of nnf_quantized_bytes(integers, columns) bytes: int16_t, or uint8_t with 128 added. Rows of x
 * lie x_stride elements apart, rows of y y_stride bytes. A row that is not finite has a step of NaN. */
void nnf_quantize(nnf_instructions instructions, nnf_integers integers, size_t rows, size_t columns, const float *x,
                  size_t x_stride, uint8_t *y, size_t y_stride, float *steps);

/* Packs a quantized weight, `outputs` rows weight_stride bytes apart, for nnf_multiply_quantized: panels of 16 outputs, of which
 * four bytes each lie together, zero beyond `outputs`; nnf_quantized_bytes(integers, inputs) * nnf_padded_columns(outputs)
 * bytes. starts, [nnf_padded_columns(outputs)], is what sums begin with. */
void nnf_pack_quantized(nnf_integers integers, size_t inputs, size_t outputs, const uint8_t *weight,
                        size_t weight_stride, uint8_t *panels, int32_t *starts);

/* y = (x x_steps) . (weight weight_steps)^T + bias, with quantized x, packed weight and its starts, weight_steps and bias
 * [nnf_padded_columns(outputs)], and y [rows, nnf_padded_columns(outputs)]. x_stride is in bytes. */
typedef struct {
    nnf_integers integers;
    size_t rows, inputs, outputs;
    const uint8_t *x;
    size_t x_stride;
    const float *x_steps;
    const uint8_t *panels;
    const int32_t *starts;
    const float *weight_steps, *bias;
    float *y;
    size_t y_stride;
    bool is_adding; /* adds to what y holds */
} nnf_quantized_product;

void nnf_multiply_quantized(nnf_instructions instructions, const nnf_quantized_product *product);

/* ---- rows ---- */

/* y[i] = x[indices[i]] */
void nnf_gather(size_t rows, size_t columns, const float *x, size_t x_stride, const uint32_t *indices,
                float *y, size_t y_stride);

/* y[i] = sum of x[indices[terms i + t]] over t < terms */
void nnf_gather_sums(size_t rows, size_t columns, const float *x, size_t x_stride, size_t terms,
                     const uint32_t *indices, float *y, size_t y_stride);

/* Layer normalisation of each row: y = (x - mean) / sqrt(variance + epsilon) * scale + shift, with the biased
 * variance over the columns. y may be x. */
void nnf_normalize(nnf_instructions instructions, size_t rows, size_t columns,
                   const float *x, size_t x_stride,
                   const float *scale, const float *shift, float epsilon,
                   float *y, size_t y_stride);

/* sums[c] += counts[e] * x[rows[e]][c] over all e, in double precision. */
void nnf_add_counted_rows(nnf_instructions instructions, size_t entries, size_t columns,
                          const uint32_t *rows, const float *counts, const float *x, size_t x_stride, double *sums);

/* ---- equal rows ----
 *
 * A stage of the encoder makes a row for each node from the node's own input row and from the multisets of input rows
 * that its relations show. Nodes with equal own row and equal multisets have equal rows: each distinct row is computed
 * once. Networks repeat blocks, and candidates of a search repeat each other, so this often halves the work and more.
 *
 * Rows are told apart by colours: 128 bits that depend on what the row is computed from and on nothing else. Among 10^9
 * distinct rows the chance that any two colours agree is 10^-21; such a pair would share one of its two rows. Lists are
 * ordered by colour, so that the numbering of rows, and with it the composition of a batch, has no influence on rounding.
 */
typedef struct {
    uint64_t low, high;
} nnf_colour;

/* The colour of a row of features, given as the words it is determined by. */
nnf_colour nnf_colour_of_words(size_t count, const uint32_t *words);

/* Relations in the order of the attention heads: successors, predecessors, co-children, co-parents. */
enum { NNF_RELATIONS = 4 };

/* Lists of a graph's nodes: list i is indices[offsets[i]] ... indices[offsets[i + 1] - 1]. The caller guarantees that
 * offsets ascend and that each index is below the number of nodes. */
typedef struct {
    const uint32_t *offsets;
    const uint32_t *indices;
} nnf_node_lists;

/* List i names rows[e] counts[e] times, for e in offsets[i] ..< offsets[i + 1]. */
typedef struct {
    uint32_t *NNF_NULLABLE offsets;
    uint32_t *NNF_NULLABLE rows;
    float *NNF_NULLABLE counts;
} nnf_stage_lists;

/* The distinct rows of a stage, in memory of the caller. For n nodes: `colours` and `own` hold n elements, `slots`
 * slot_count, a power of two above n; each list n + 1 offsets and as many rows and counts as the relation has entries
 * (and n more where nodes see themselves). */
typedef struct {
    size_t relation_count; /* the first of the relations; 0 where rows come from features */
    bool sees_itself;      /* whether each list begins with the row's own input */
    size_t slot_count;
    uint32_t *slots;
    size_t row_count;
    nnf_colour *colours;
    uint32_t *own;         /* the row's own input row; where rows come from features, the node it was first seen at */
    nnf_stage_lists lists[NNF_RELATIONS];
} nnf_stage;

/* No rows. */
void nnf_stage_reset(nnf_stage *stage);

/* Gives each node of a graph its row, rows[node], from the colour of its features, colours[inputs[node]]. */
void nnf_stage_add_colours(nnf_stage *stage, size_t nodes, const nnf_colour *colours, const uint32_t *inputs,
                           uint32_t *rows);

/* Gives each node of a graph its row, rows[node], from the input rows inputs[node] and what the relations show of them.
 * `places` is scratch for as many elements as there are input rows, all 0, and left so. O(nodes + entries). */
void nnf_stage_add_nodes(nnf_stage *stage, size_t nodes, const nnf_node_lists *relations,
                         const nnf_colour *input_colours, const uint32_t *inputs, uint32_t *places, uint32_t *rows);

/* The distinct ones of node_rows in the order of their first appearance, and how often each appears; returns how many
 * they are. `places` as above. */
size_t nnf_count_rows(size_t nodes, const uint32_t *node_rows, uint32_t *places, uint32_t *rows, float *counts);

/* ---- sparse ---- */

/* One attention head. Row i reads query q of own[i], keys k and values v of its list, which is not empty:
 * y_i = sum_e softmax_e(log(count_e) + q . k_e / sqrt(columns)) v_e. Queries, keys and values have a common stride, so
 * that they may be slices of one matrix. */
typedef struct {
    size_t columns;
    const float *queries, *keys, *values;
    size_t stride;
    const uint32_t *own;
    nnf_stage_lists lists;
} nnf_attention;

/* Rows first_row ..< first_row + rows, to y [rows, columns]. One pass, no scratch memory but on the stack, however long
 * a list is. */
void nnf_attend(nnf_instructions instructions, const nnf_attention *attention, size_t first_row, size_t rows,
                float *y, size_t y_stride);

/* y_i = max(x_own[i] + sum_e count_e messages_e, 0) over the list of row i; x and messages have a common stride. */
typedef struct {
    size_t columns; /* whole panels of 16 */
    const float *x, *messages;
    size_t stride;
    const uint32_t *own;
    nnf_stage_lists lists;
} nnf_aggregation;

/* Rows first_row ..< first_row + rows, to y [rows, columns]. */
void nnf_aggregate(nnf_instructions instructions, const nnf_aggregation *aggregation, size_t first_row, size_t rows,
                   float *y, size_t y_stride);

/* ---- memory ---- */

/* `size` bytes aligned to 64, or null where there is no memory: Swift's own allocation would end the host's process. */
void *NNF_NULLABLE nnf_allocate(size_t size);
void nnf_free(void *NNF_NULLABLE memory);

/* ---- threads ---- */

typedef void nnf_part(void *context, size_t index);

/* Calls part(context, 0) ... part(context, count - 1) at once, on threads that have ended when this returns; the first
 * runs on the caller's, and so do those for which the system has no thread or beyond NNF_MAXIMUM_PARTS. */
enum { NNF_MAXIMUM_PARTS = 256 };
void nnf_run_parts(size_t count, nnf_part *part, void *context);

#if defined(__clang__)
#pragma clang assume_nonnull end
#endif

#if defined(__cplusplus)
}
#endif

#endif
