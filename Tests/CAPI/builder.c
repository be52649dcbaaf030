/* Section 6: a builder refuses what it can see is wrong, and a call that fails changes nothing. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "expect.h"
#include "small_network.h"

static nnformer_error error = NNFORMER_ERROR_INIT;

#define REFUSED(call, status, part) EXPECT_STATUS(call, status, &error, part)

static uint64_t node_count(const nnformer_graph_builder *builder) {
  nnformer_graph_summary summary = NNFORMER_GRAPH_SUMMARY_INIT;
  nnformer_graph_options options = NNFORMER_GRAPH_OPTIONS_INIT;
  nnformer_graph *graph = NULL;
  options.batch_size = 1;
  EXPECT_OK(nnformer_graph_builder_finish(builder, &graph, &options, &error), &error);
  EXPECT_OK(nnformer_graph_summarize(graph, &summary, &error), &error);
  nnformer_graph_destroy(graph);
  return summary.node_count;
}

static void what_fails_changes_nothing(void) {
  static const int64_t one[1] = {1}, negative[1] = {-1}, wrong[1] = {-2}, many[65] = {1};
  nnformer_graph_builder *builder = small_network_builder("");
  const char *scores[1] = {"scores"}, *image[1] = {"image"}, *fresh[1] = {"fresh"}, *left_out[2] = {"", NULL};
  const char *twice[2] = {"fresh", "fresh"};
  const uint64_t before = node_count(builder);
  REFUSED(nnformer_graph_builder_add_input(builder, "image", 1, one, 1, &error), NNFORMER_INVALID_ARGUMENT, "image");
  REFUSED(nnformer_graph_builder_add_input(builder, "", 1, one, 1, &error), NNFORMER_INVALID_ARGUMENT, "empty");
  REFUSED(nnformer_graph_builder_add_input(builder, "fresh", 0, one, 1, &error), NNFORMER_INVALID_ARGUMENT, "element type");
  REFUSED(nnformer_graph_builder_add_input(builder, "fresh", 1, wrong, 1, &error), NNFORMER_INVALID_ARGUMENT, "-2");
  REFUSED(nnformer_graph_builder_add_input(builder, "fresh", 1, many, 65, &error), NNFORMER_LIMIT_EXCEEDED, "extents");
  REFUSED(nnformer_graph_builder_add_input(builder, "fresh", 1, one, SIZE_MAX, &error), NNFORMER_LIMIT_EXCEEDED, "extents");
  REFUSED(nnformer_graph_builder_add_input(builder, "\xff", 1, one, 1, &error), NNFORMER_INVALID_ARGUMENT, "UTF-8");
  REFUSED(nnformer_graph_builder_add_parameter(builder, "filter", 1, one, 1, &error), NNFORMER_INVALID_ARGUMENT, "filter");
  REFUSED(nnformer_graph_builder_add_parameter(builder, "fresh", -1, one, 1, &error), NNFORMER_INVALID_ARGUMENT, "type");
  REFUSED(nnformer_graph_builder_add_parameter(builder, "fresh", 1, negative, 1, &error), NNFORMER_INVALID_ARGUMENT, "-1");
  REFUSED(nnformer_graph_builder_add_integers(builder, "scores", one, 1, &error), NNFORMER_INVALID_ARGUMENT, "scores");
  REFUSED(nnformer_graph_builder_add_integers(builder, "fresh", one, SIZE_MAX, &error), NNFORMER_LIMIT_EXCEEDED, "values");
  REFUSED(nnformer_graph_builder_add_floats(builder, "image", NULL, 0, &error), NNFORMER_INVALID_ARGUMENT, "image");
  REFUSED(nnformer_graph_builder_add_node(builder, "Relu", image, 1, scores, 1, &error), NNFORMER_INVALID_ARGUMENT, "scores");
  REFUSED(nnformer_graph_builder_add_node(builder, "Split", image, 1, twice, 2, &error), NNFORMER_INVALID_ARGUMENT, "fresh");
  REFUSED(nnformer_graph_builder_add_node(builder, "Relu", image, 1, left_out, 2, &error), NNFORMER_INVALID_ARGUMENT, "no output");
  REFUSED(nnformer_graph_builder_add_node(builder, "Relu", image, 1, NULL, 0, &error), NNFORMER_INVALID_ARGUMENT, "no output");
  REFUSED(nnformer_graph_builder_add_node(builder, "Relu", image, SIZE_MAX, fresh, 1, &error), NNFORMER_LIMIT_EXCEEDED, "inputs");
  REFUSED(nnformer_graph_builder_add_node(builder, "", image, 1, fresh, 1, &error), NNFORMER_INVALID_ARGUMENT, "operator_name");
  REFUSED(nnformer_graph_builder_add_node(builder, "domain::", image, 1, fresh, 1, &error), NNFORMER_INVALID_ARGUMENT, "operator_name");
  REFUSED(nnformer_graph_builder_set_int(builder, "", 1, &error), NNFORMER_INVALID_ARGUMENT, "empty");
  REFUSED(nnformer_graph_builder_set_ints(builder, "axes", one, SIZE_MAX, &error), NNFORMER_LIMIT_EXCEEDED, "values");
  REFUSED(nnformer_graph_builder_add_output(builder, "", &error), NNFORMER_INVALID_ARGUMENT, "empty");
  REFUSED(nnformer_graph_builder_add_output(builder, "scores", &error), NNFORMER_INVALID_ARGUMENT, "scores");
  EXPECT(node_count(builder) == before);
  /* Nothing above took the name. */
  EXPECT_OK(nnformer_graph_builder_add_node(builder, "Relu", scores, 1, fresh, 1, &error), &error);
  EXPECT_OK(nnformer_graph_builder_add_output(builder, "fresh", &error), &error);
  EXPECT(node_count(builder) == before + 1); /* and a finished builder can be extended */
  nnformer_graph_builder_destroy(builder);
}

static void without_outputs_nothing_is_left_out(void) {
  static const int64_t extents[2] = {1, 8};
  const char *input[1] = {"x"}, *left[1] = {"left"}, *right[2] = {"", "right"}, *omitted[3] = {"x", NULL, NULL};
  nnformer_graph_builder *builder = NULL;
  EXPECT_OK(nnformer_graph_builder_create(&builder, 17, &error), &error);
  EXPECT_OK(nnformer_graph_builder_add_input(builder, "x", 1, extents, 2, &error), &error);
  EXPECT_OK(nnformer_graph_builder_add_node(builder, "Sqrt", input, 1, left, 1, &error), &error);
  EXPECT_OK(nnformer_graph_builder_add_node(builder, "company::Custom", omitted, 3, right, 2, &error), &error);
  EXPECT(node_count(builder) == 2);
  EXPECT_OK(nnformer_graph_builder_add_output(builder, "left", &error), &error);
  EXPECT(node_count(builder) == 1);
  nnformer_graph_builder_destroy(builder);
}

static void unknown_operators_are_named(void) {
  static const int64_t extents[2] = {1, 8};
  const char *input[1] = {"x"}, *output[1] = {"y"};
  nnformer_graph_builder *builder = NULL;
  nnformer_graph *graph = NULL;
  nnformer_node node = NNFORMER_NODE_INIT;
  EXPECT_OK(nnformer_graph_builder_create(&builder, 0, &error), &error);
  EXPECT_OK(nnformer_graph_builder_add_input(builder, "x", 1, extents, 2, &error), &error);
  EXPECT_OK(nnformer_graph_builder_add_node(builder, "company::Custom", input, 1, output, 1, &error), &error);
  EXPECT_OK(nnformer_graph_builder_finish(builder, &graph, NULL, &error), &error);
  nnformer_graph_builder_destroy(builder); /* the graph lives on its own */
  EXPECT(strcmp(nnformer_graph_unknown_operator(graph, 0), "company::Custom") == 0);
  EXPECT(nnformer_graph_unknown_operator(graph, 1) == NULL);
  EXPECT_OK(nnformer_graph_get_node(graph, 0, &node, &error), &error);
  EXPECT(node.is_known == 0 && strcmp(node.operator_name, "company::Custom") == 0);
  nnformer_graph_destroy(graph);
}

static void attributes_and_constants_shape_results(void) {
  static const int64_t image[4] = {1, 2, 4, 4}, target[3] = {1, 2, 64}, axes[1] = {2};
  static const float scales[4] = {1, 1, 2, 2};
  const char *resize[3] = {"x", "", "scales"}, *reshape[2] = {"large", "target"};
  const char *large[1] = {"large"}, *flat[1] = {"flat"}, *sum[1] = {"sum"};
  nnformer_graph_builder *builder = NULL;
  nnformer_graph *graph = NULL;
  nnformer_graph_summary summary = NNFORMER_GRAPH_SUMMARY_INIT;
  nnformer_tensor_type type = NNFORMER_TENSOR_TYPE_INIT;
  EXPECT_OK(nnformer_graph_builder_create(&builder, 11, &error), &error);
  REFUSED(nnformer_graph_builder_set_int(builder, "axis", 1, &error), NNFORMER_INVALID_ARGUMENT, "no node");
  EXPECT_OK(nnformer_graph_builder_add_input(builder, "x", 1, image, 4, &error), &error);
  EXPECT_OK(nnformer_graph_builder_add_floats(builder, "scales", scales, 4, &error), &error);
  EXPECT_OK(nnformer_graph_builder_add_integers(builder, "target", target, 3, &error), &error);
  EXPECT_OK(nnformer_graph_builder_add_node(builder, "Resize", resize, 3, large, 1, &error), &error);
  EXPECT_OK(nnformer_graph_builder_add_node(builder, "Reshape", reshape, 2, flat, 1, &error), &error);
  EXPECT_OK(nnformer_graph_builder_add_node(builder, "ReduceSum", flat, 1, sum, 1, &error), &error);
  EXPECT_OK(nnformer_graph_builder_set_int(builder, "keepdims", 1, &error), &error);
  EXPECT_OK(nnformer_graph_builder_set_int(builder, "keepdims", 0, &error), &error); /* the later value counts */
  EXPECT_OK(nnformer_graph_builder_set_ints(builder, "axes", axes, 1, &error), &error);
  EXPECT_OK(nnformer_graph_builder_finish(builder, &graph, NULL, &error), &error);
  EXPECT_OK(nnformer_graph_summarize(graph, &summary, &error), &error);
  EXPECT_OK(nnformer_graph_get_output_type(graph, (size_t)summary.node_count - 1, 0, &type, &error), &error);
  EXPECT(type.rank == 2 && type.extents[0] == 1 && type.extents[1] == 2);
  nnformer_graph_destroy(graph);
  nnformer_graph_builder_destroy(builder);
}

typedef void set_attribute(nnformer_graph_builder *builder, int value);

static void set_slope(nnformer_graph_builder *builder, int value) {
  EXPECT_OK(nnformer_graph_builder_set_float(builder, "alpha", value ? 0.2f : 0.1f, &error), &error);
}

static void set_slopes(nnformer_graph_builder *builder, int value) {
  const float slopes[2] = {0.1f, value ? 0.2f : 0.1f};
  EXPECT_OK(nnformer_graph_builder_set_floats(builder, "alphas", slopes, 2, &error), &error);
}

static void set_mode(nnformer_graph_builder *builder, int value) {
  EXPECT_OK(nnformer_graph_builder_set_string(builder, "mode", value ? "steep" : "gentle", &error), &error);
}

/* Of a graph of one node, which has the attribute `set` with the `first` value and then again with the `last`. */
static void hash_with(const char *operator_name, set_attribute *set, int first, int last, uint8_t *hash) {
  static const int64_t extents[2] = {1, 8};
  const char *input[1] = {"x"}, *output[1] = {"y"};
  nnformer_graph_builder *builder = NULL;
  nnformer_graph *graph = NULL;
  EXPECT_OK(nnformer_graph_builder_create(&builder, 0, &error), &error);
  EXPECT_OK(nnformer_graph_builder_add_input(builder, "x", 1, extents, 2, &error), &error);
  EXPECT_OK(nnformer_graph_builder_add_node(builder, operator_name, input, 1, output, 1, &error), &error);
  set(builder, first);
  set(builder, last);
  EXPECT_OK(nnformer_graph_builder_finish(builder, &graph, NULL, &error), &error);
  EXPECT_OK(nnformer_graph_hash(graph, hash, NNFORMER_GRAPH_HASH_SIZE, &error), &error);
  nnformer_graph_destroy(graph);
  nnformer_graph_builder_destroy(builder);
}

/* The slope of a LeakyRelu changes neither a shape nor a cost, but what the graph is. */
static void attributes_without_a_shape_are_in_the_hash(void) {
  static const struct {
    const char *operator_name;
    set_attribute *set;
  } cases[] = {{"LeakyRelu", set_slope}, {"company::Custom", set_slopes}, {"company::Custom", set_mode}};
  uint8_t gentle[NNFORMER_GRAPH_HASH_SIZE], steep[NNFORMER_GRAPH_HASH_SIZE], later[NNFORMER_GRAPH_HASH_SIZE];
  size_t i;
  for (i = 0; i < sizeof cases / sizeof *cases; i++) {
    hash_with(cases[i].operator_name, cases[i].set, 0, 0, gentle);
    hash_with(cases[i].operator_name, cases[i].set, 1, 1, steep);
    hash_with(cases[i].operator_name, cases[i].set, 0, 1, later);
    EXPECT(memcmp(gentle, steep, sizeof gentle) != 0);
    EXPECT(memcmp(later, steep, sizeof later) == 0); /* the later value counts */
  }
}

/* What only the whole graph can tell is told when it is finished. */
static void contradictions_are_found_at_the_end(void) {
  static const int64_t extents[2] = {2, 3};
  const char *multiply[2] = {"x", "x"}, *product[1] = {"product"}, *missing[1] = {"missing"}, *cycle[1] = {"cycle"};
  nnformer_graph_builder *builder = NULL;
  nnformer_graph *graph = NULL;
  EXPECT_OK(nnformer_graph_builder_create(&builder, 0, &error), &error);
  EXPECT_OK(nnformer_graph_builder_add_input(builder, "x", 1, extents, 2, &error), &error);
  EXPECT_OK(nnformer_graph_builder_add_node(builder, "MatMul", multiply, 2, product, 1, &error), &error);
  REFUSED(nnformer_graph_builder_finish(builder, &graph, NULL, &error), NNFORMER_INVALID_MODEL, "product");
  nnformer_graph_builder_destroy(builder);
  EXPECT_OK(nnformer_graph_builder_create(&builder, 0, &error), &error);
  EXPECT_OK(nnformer_graph_builder_add_node(builder, "Relu", missing, 1, product, 1, &error), &error);
  REFUSED(nnformer_graph_builder_finish(builder, &graph, NULL, &error), NNFORMER_INVALID_MODEL, "missing");
  nnformer_graph_builder_destroy(builder);
  EXPECT_OK(nnformer_graph_builder_create(&builder, 0, &error), &error);
  EXPECT_OK(nnformer_graph_builder_add_node(builder, "Relu", cycle, 1, cycle, 1, &error), &error);
  REFUSED(nnformer_graph_builder_finish(builder, &graph, NULL, &error), NNFORMER_INVALID_MODEL, "cycle");
  nnformer_graph_builder_destroy(builder);
  EXPECT(graph == NULL);
}

/* Parameters have no payload: their sizes may be anything, and are counted up to the largest number. */
static void parameter_counts_saturate(void) {
  static const int64_t image[2] = {1, 4}, huge[1] = {INT64_C(1) << 62};
  const char *inputs[3] = {"x", "v", "w"}, *outputs[1] = {"y"};
  nnformer_graph_builder *builder = NULL;
  nnformer_graph *graph = NULL;
  nnformer_node node = NNFORMER_NODE_INIT;
  EXPECT_OK(nnformer_graph_builder_create(&builder, 0, &error), &error);
  EXPECT_OK(nnformer_graph_builder_add_input(builder, "x", 1, image, 2, &error), &error);
  EXPECT_OK(nnformer_graph_builder_add_parameter(builder, "v", 1, huge, 1, &error), &error);
  EXPECT_OK(nnformer_graph_builder_add_parameter(builder, "w", 1, huge, 1, &error), &error);
  EXPECT_OK(nnformer_graph_builder_add_node(builder, "my::Foo", inputs, 3, outputs, 1, &error), &error);
  EXPECT_OK(nnformer_graph_builder_finish(builder, &graph, NULL, &error), &error);
  EXPECT_OK(nnformer_graph_get_node(graph, 0, &node, &error), &error);
  EXPECT(node.parameters == INT64_MAX);
  nnformer_graph_destroy(graph);
  nnformer_graph_builder_destroy(builder);
}

/* Names of more than 256 MiB together are refused, not copied. */
static void names_are_bounded(void) {
  enum { length = 1 << 20, count = 257 };
  static const int64_t image[2] = {1, 4};
  nnformer_graph_builder *builder = NULL;
  nnformer_graph *graph = NULL;
  char *name = malloc(length + 1);
  const char *input[1] = {"x"}, *output[1];
  int i;
  memset(name, 'n', length);
  name[length] = 0;
  output[0] = name;
  EXPECT_OK(nnformer_graph_builder_create(&builder, 0, &error), &error);
  EXPECT_OK(nnformer_graph_builder_add_input(builder, "x", 1, image, 2, &error), &error);
  for (i = 0; i < count; i++) {
    snprintf(name, 8, "%07d", i);
    name[7] = 'n';
    EXPECT_OK(nnformer_graph_builder_add_node(builder, "Relu", input, 1, output, 1, &error), &error);
  }
  REFUSED(nnformer_graph_builder_finish(builder, &graph, NULL, &error), NNFORMER_LIMIT_EXCEEDED, "MiB");
  EXPECT(graph == NULL);
  nnformer_graph_builder_destroy(builder);
  free(name);
}

static void operator_sets_are_checked(void) {
  nnformer_graph_builder *builder = NULL;
  REFUSED(nnformer_graph_builder_create(&builder, -1, &error), NNFORMER_INVALID_ARGUMENT, "operator_set");
  EXPECT(builder == NULL);
}

int main(void) {
  what_fails_changes_nothing();
  without_outputs_nothing_is_left_out();
  unknown_operators_are_named();
  attributes_and_constants_shape_results();
  attributes_without_a_shape_are_in_the_hash();
  contradictions_are_found_at_the_end();
  operator_sets_are_checked();
  parameter_counts_saturate();
  names_are_bounded();
  return expect_result();
}
