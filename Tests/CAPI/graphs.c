/* Sections 3 and 5: options of a graph, and what it says of its nodes. */
#include <stdlib.h>
#include <string.h>

#include "expect.h"
#include "small_network.h"

static nnformer_graph *graph;
static nnformer_error error = NNFORMER_ERROR_INIT;

static void the_summary_adds_up(void) {
  nnformer_graph_summary summary = NNFORMER_GRAPH_SUMMARY_INIT;
  uint64_t macs = 0, flops = 0, parameters = 0, bytes_read = 0, bytes_written = 0, i;
  EXPECT_OK(nnformer_graph_summarize(graph, &summary, &error), &error);
  EXPECT(summary.node_count == 5);
  EXPECT(summary.edge_count == 4);
  EXPECT(summary.batch_size == 3);
  EXPECT(summary.unknown_operator_count == 0);
  EXPECT(summary.parameters == SMALL_NETWORK_PARAMETERS);
  EXPECT(summary.macs == 3 * SMALL_NETWORK_MACS);
  EXPECT(summary.flops >= 2 * summary.macs);
  for (i = 0; i < summary.node_count; i++) {
    nnformer_node node = NNFORMER_NODE_INIT;
    EXPECT_OK(nnformer_graph_get_node(graph, (size_t)i, &node, &error), &error);
    EXPECT(node.is_known == 1);
    EXPECT(node.output_count == 1);
    macs += node.macs;
    flops += node.flops;
    parameters += node.parameters;
    bytes_read += node.bytes_read;
    bytes_written += node.bytes_written;
  }
  EXPECT(macs == summary.macs && flops == summary.flops && parameters == summary.parameters);
  EXPECT(bytes_read == summary.bytes_read && bytes_written == summary.bytes_written);
  EXPECT(nnformer_graph_unknown_operator(graph, 0) == NULL);
}

static void nodes_describe_themselves(void) {
  nnformer_node node = NNFORMER_NODE_INIT;
  nnformer_tensor_type type = NNFORMER_TENSOR_TYPE_INIT;
  EXPECT_OK(nnformer_graph_get_node(graph, 0, &node, &error), &error);
  EXPECT(strcmp(node.operator_name, "Conv") == 0);
  EXPECT(strcmp(node.name, "features") == 0);
  EXPECT(node.macs == 3 * 4 * 3 * 3 * 3 * 8 * 8);
  EXPECT(node.parameters == 4 * 3 * 3 * 3);
  EXPECT(node.bytes_written == 3 * 4 * 8 * 8 * 4);
  EXPECT(node.input_count >= 2);
  type.extents[4] = 99;
  EXPECT_OK(nnformer_graph_get_output_type(graph, 0, 0, &type, &error), &error);
  EXPECT(type.element_type == 1 && type.rank == 4);
  EXPECT(type.extents[0] == 3 && type.extents[1] == 4 && type.extents[2] == 8 && type.extents[3] == 8);
  EXPECT(type.extents[4] == 99); /* beyond the rank nothing is written */
  EXPECT_OK(nnformer_graph_get_input_type(graph, 0, 1, &type, &error), &error);
  EXPECT(type.rank == 4 && type.extents[0] == 4 && type.extents[1] == 3);
}

static void indexes_are_checked(void) {
  nnformer_node node = NNFORMER_NODE_INIT;
  nnformer_tensor_type type = NNFORMER_TENSOR_TYPE_INIT;
  EXPECT_STATUS(nnformer_graph_get_node(graph, 5, &node, &error), NNFORMER_INVALID_ARGUMENT, &error, "5 nodes");
  EXPECT_STATUS(nnformer_graph_get_node(graph, SIZE_MAX, &node, &error), NNFORMER_INVALID_ARGUMENT, &error, "range");
  EXPECT_STATUS(nnformer_graph_get_output_type(graph, 5, 0, &type, &error), NNFORMER_INVALID_ARGUMENT, &error, "nodes");
  EXPECT_STATUS(nnformer_graph_get_output_type(graph, 0, 1, &type, &error), NNFORMER_INVALID_ARGUMENT, &error, "outputs");
  EXPECT_STATUS(nnformer_graph_get_input_type(graph, SIZE_MAX, 0, &type, &error), NNFORMER_INVALID_ARGUMENT, &error,
                "nodes");
  EXPECT_STATUS(nnformer_graph_get_input_type(graph, 0, SIZE_MAX, &type, &error), NNFORMER_INVALID_ARGUMENT, &error,
                "inputs");
  EXPECT(node.name == NULL && type.rank == -1);
  EXPECT(nnformer_graph_unknown_operator(graph, SIZE_MAX) == NULL);
}

static void the_hash_ignores_names_but_not_shapes(void) {
  uint8_t hash[NNFORMER_GRAPH_HASH_SIZE + 1], other[NNFORMER_GRAPH_HASH_SIZE];
  nnformer_graph_builder *builder = small_network_builder("other names/");
  nnformer_graph_options options = NNFORMER_GRAPH_OPTIONS_INIT;
  nnformer_graph *renamed = NULL, *wider = small_network_graph(4);
  hash[NNFORMER_GRAPH_HASH_SIZE] = 0xa5;
  options.batch_size = 3;
  EXPECT_OK(nnformer_graph_builder_finish(builder, &renamed, &options, &error), &error);
  EXPECT_OK(nnformer_graph_hash(graph, hash, sizeof hash, &error), &error);
  EXPECT(hash[NNFORMER_GRAPH_HASH_SIZE] == 0xa5);
  EXPECT_OK(nnformer_graph_hash(renamed, other, sizeof other, &error), &error);
  EXPECT(memcmp(hash, other, sizeof other) == 0);
  EXPECT_OK(nnformer_graph_hash(wider, other, sizeof other, &error), &error);
  EXPECT(memcmp(hash, other, sizeof other) != 0);
  EXPECT_STATUS(nnformer_graph_hash(graph, hash, sizeof other - 1, &error), NNFORMER_INVALID_ARGUMENT, &error, "hash");
  nnformer_graph_destroy(renamed);
  nnformer_graph_destroy(wider);
  nnformer_graph_builder_destroy(builder);
}

static void equal_hashes_have_equal_estimates(void) {
  nnformer_graph_builder *builder = small_network_builder("other names/");
  nnformer_graph_options options = NNFORMER_GRAPH_OPTIONS_INIT;
  nnformer_graph *renamed = NULL;
  nnformer_predictor *predictor = NULL;
  double latency_ms[64], of_renamed[64];
  size_t count;
  options.batch_size = 3;
  EXPECT_OK(nnformer_graph_builder_finish(builder, &renamed, &options, &error), &error);
  EXPECT_OK(nnformer_predictor_create(&predictor, &error), &error);
  count = nnformer_predictor_platform_count(predictor);
  EXPECT_OK(nnformer_predict(predictor, graph, latency_ms, 64, &error), &error);
  EXPECT_OK(nnformer_predict(predictor, renamed, of_renamed, 64, &error), &error);
  EXPECT(memcmp(latency_ms, of_renamed, count * sizeof *latency_ms) == 0);
  nnformer_predictor_destroy(predictor);
  nnformer_graph_destroy(renamed);
  nnformer_graph_builder_destroy(builder);
}

static void options_fix_open_axes(void) {
  static const int64_t extents[4] = {2, -1, -1, -1};
  nnformer_graph_builder *builder = small_network_builder("");
  nnformer_graph_options options = NNFORMER_GRAPH_OPTIONS_INIT;
  nnformer_graph_summary summary = NNFORMER_GRAPH_SUMMARY_INIT;
  nnformer_input_shape shape = {NULL, extents, 4};
  nnformer_graph *made = NULL;
  EXPECT_STATUS(nnformer_graph_builder_finish(builder, &made, NULL, &error), NNFORMER_OPEN_AXIS, &error, "image");
  EXPECT(made == NULL);
  options.input_shapes = &shape;
  options.input_shape_count = 1;
  EXPECT_OK(nnformer_graph_builder_finish(builder, &made, &options, &error), &error);
  EXPECT_OK(nnformer_graph_summarize(made, &summary, &error), &error);
  EXPECT(summary.batch_size == 2);
  nnformer_graph_destroy(made);
  shape.name = "image";
  EXPECT_OK(nnformer_graph_builder_finish(builder, &made, &options, &error), &error);
  nnformer_graph_destroy(made);
  shape.name = "no such input";
  EXPECT_STATUS(nnformer_graph_builder_finish(builder, &made, &options, &error), NNFORMER_NOT_FOUND, &error,
                "no such input");
  EXPECT(made == NULL);
  nnformer_graph_builder_destroy(builder);
}

static void unusable_options_are_refused(void) {
  static const int64_t negative[1] = {-2};
  const nnformer_graph_options defaults = NNFORMER_GRAPH_OPTIONS_INIT;
  nnformer_graph_builder *builder = small_network_builder("");
  nnformer_graph_options options = NNFORMER_GRAPH_OPTIONS_INIT;
  nnformer_input_shape shape = {NULL, negative, 1};
  nnformer_graph *made = NULL;
#define REFUSED(status, part) EXPECT_STATUS(nnformer_graph_builder_finish(builder, &made, &options, &error), status, &error, part)
  options.flags = 2;
  REFUSED(NNFORMER_INVALID_ARGUMENT, "flags");
  options = defaults;
  options.batch_size = -1;
  REFUSED(NNFORMER_INVALID_ARGUMENT, "batch_size");
  options = defaults;
  options.input_shape_count = 1;
  REFUSED(NNFORMER_INVALID_ARGUMENT, "input_shapes is NULL");
  options.input_shapes = &shape;
  REFUSED(NNFORMER_INVALID_ARGUMENT, "extent -2");
  shape.rank = SIZE_MAX; /* refused before anything is read */
  REFUSED(NNFORMER_LIMIT_EXCEEDED, "extents");
  shape.rank = 65;
  REFUSED(NNFORMER_LIMIT_EXCEEDED, "extents");
  shape.rank = 1;
  shape.extents = NULL;
  REFUSED(NNFORMER_INVALID_ARGUMENT, "extents is NULL");
  options.input_shape_count = SIZE_MAX;
  REFUSED(NNFORMER_LIMIT_EXCEEDED, "input_shapes");
#undef REFUSED
  EXPECT(made == NULL);
  nnformer_graph_builder_destroy(builder);
}

int main(void) {
  graph = small_network_graph(3);
  the_summary_adds_up();
  nodes_describe_themselves();
  indexes_are_checked();
  the_hash_ignores_names_but_not_shapes();
  equal_hashes_have_equal_estimates();
  options_fix_open_axes();
  unusable_options_are_refused();
  nnformer_graph_destroy(graph);
  return expect_result();
}
