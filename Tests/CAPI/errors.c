/* Statuses, messages, null pointers: what every function promises. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "expect.h"
#include "small_network.h"

static void versions_agree_with_the_header(void) {
  char version[32];
  snprintf(version, sizeof version, "%d.%d.%d", NNFORMER_VERSION_MAJOR, NNFORMER_VERSION_MINOR, NNFORMER_VERSION_PATCH);
  EXPECT(strcmp(nnformer_version(), version) == 0);
  EXPECT(nnformer_abi_version() == NNFORMER_ABI_VERSION);
}

static void every_status_has_a_name_of_its_own(void) {
  nnformer_status left, right;
  for (left = NNFORMER_OK; left <= NNFORMER_INTERNAL_ERROR; left++)
    for (right = NNFORMER_OK; right < left; right++)
      EXPECT(strcmp(nnformer_status_name(left), nnformer_status_name(right)) != 0);
  EXPECT(strcmp(nnformer_status_name(NNFORMER_INVALID_ARGUMENT), "invalid argument") == 0);
  EXPECT(strcmp(nnformer_status_name(NNFORMER_INTERNAL_ERROR + 1), "unknown status") == 0);
  EXPECT(strcmp(nnformer_status_name(-1), "unknown status") == 0);
  EXPECT(strcmp(nnformer_status_name(INT32_MIN), "unknown status") == 0);
}

/* Every function that takes a handle or must return something, given NULL in its place. */
static void null_is_refused_by_name(void) {
  nnformer_error error = NNFORMER_ERROR_INIT;
  nnformer_graph *graph = small_network_graph(1);
  nnformer_graph *out = NULL;
  nnformer_graph_builder *builder = small_network_builder("");
  nnformer_predictor *predictor = NULL;
  nnformer_predictor *other = NULL;
  const char *names[1] = {"x"};
  size_t number;
  EXPECT_OK(nnformer_predictor_create(&predictor, &error), &error);
#define REFUSED(call, argument) EXPECT_STATUS(call, NNFORMER_INVALID_ARGUMENT, &error, argument " is NULL")
  REFUSED(nnformer_predictor_create(NULL, &error), "predictor");
  REFUSED(nnformer_predictor_open(NULL, "weights", &error), "predictor");
  REFUSED(nnformer_predictor_open(&other, NULL, &error), "path");
  REFUSED(nnformer_predictor_open_in_precision(NULL, NULL, NNFORMER_PRECISION_FAST, &error), "predictor");
  REFUSED(nnformer_predictor_get_platform(NULL, 0, NULL, &error), "predictor");
  REFUSED(nnformer_predictor_get_platform(predictor, 0, NULL, &error), "platform");
  REFUSED(nnformer_predictor_find_platform(NULL, "x", &number, &error), "predictor");
  REFUSED(nnformer_predictor_find_platform(predictor, NULL, &number, &error), "id");
  REFUSED(nnformer_predictor_find_platform(predictor, "x", NULL, &error), "index");
  REFUSED(nnformer_predictor_get_label_set(NULL, 0, 0, NULL, &error), "predictor");
  REFUSED(nnformer_graph_open(NULL, "model.onnx", NULL, &error), "graph");
  REFUSED(nnformer_graph_open(&out, NULL, NULL, &error), "path");
  REFUSED(nnformer_graph_parse(NULL, "", 0, NULL, &error), "graph");
  REFUSED(nnformer_graph_parse(&out, NULL, 1, NULL, &error), "bytes");
  REFUSED(nnformer_predict(NULL, graph, NULL, 0, &error), "predictor");
  REFUSED(nnformer_predict(predictor, NULL, NULL, 0, &error), "graph");
  REFUSED(nnformer_predict(predictor, graph, NULL, SIZE_MAX, &error), "latency_ms");
  REFUSED(nnformer_graph_summarize(NULL, NULL, &error), "graph");
  REFUSED(nnformer_graph_summarize(graph, NULL, &error), "summary");
  REFUSED(nnformer_graph_get_node(NULL, 0, NULL, &error), "graph");
  REFUSED(nnformer_graph_get_node(graph, 0, NULL, &error), "node");
  REFUSED(nnformer_graph_get_input_type(NULL, 0, 0, NULL, &error), "graph");
  REFUSED(nnformer_graph_get_input_type(graph, 0, 0, NULL, &error), "type");
  REFUSED(nnformer_graph_get_output_type(NULL, 0, 0, NULL, &error), "graph");
  REFUSED(nnformer_graph_get_output_type(graph, 0, 0, NULL, &error), "type");
  REFUSED(nnformer_graph_hash(NULL, NULL, 0, &error), "graph");
  REFUSED(nnformer_graph_hash(graph, NULL, SIZE_MAX, &error), "hash");
  REFUSED(nnformer_graph_builder_create(NULL, 0, &error), "builder");
  REFUSED(nnformer_graph_builder_add_input(NULL, "x", 1, NULL, 0, &error), "builder");
  REFUSED(nnformer_graph_builder_add_input(builder, NULL, 1, NULL, 0, &error), "name");
  REFUSED(nnformer_graph_builder_add_input(builder, "x", 1, NULL, 1, &error), "extents");
  REFUSED(nnformer_graph_builder_add_parameter(NULL, "x", 1, NULL, 0, &error), "builder");
  REFUSED(nnformer_graph_builder_add_parameter(builder, NULL, 1, NULL, 0, &error), "name");
  REFUSED(nnformer_graph_builder_add_parameter(builder, "x", 1, NULL, 1, &error), "extents");
  REFUSED(nnformer_graph_builder_add_integers(NULL, "x", NULL, 0, &error), "builder");
  REFUSED(nnformer_graph_builder_add_integers(builder, NULL, NULL, 0, &error), "name");
  REFUSED(nnformer_graph_builder_add_integers(builder, "x", NULL, 1, &error), "values");
  REFUSED(nnformer_graph_builder_add_floats(NULL, "x", NULL, 0, &error), "builder");
  REFUSED(nnformer_graph_builder_add_floats(builder, NULL, NULL, 0, &error), "name");
  REFUSED(nnformer_graph_builder_add_floats(builder, "x", NULL, 1, &error), "values");
  REFUSED(nnformer_graph_builder_add_node(NULL, "Relu", names, 1, names, 1, &error), "builder");
  REFUSED(nnformer_graph_builder_add_node(builder, NULL, names, 1, names, 1, &error), "operator_name");
  REFUSED(nnformer_graph_builder_add_node(builder, "Relu", NULL, 1, names, 1, &error), "inputs");
  REFUSED(nnformer_graph_builder_add_node(builder, "Relu", names, 1, NULL, 1, &error), "outputs");
  REFUSED(nnformer_graph_builder_set_int(NULL, "axis", 1, &error), "builder");
  REFUSED(nnformer_graph_builder_set_int(builder, NULL, 1, &error), "name");
  REFUSED(nnformer_graph_builder_set_ints(NULL, "axes", NULL, 0, &error), "builder");
  REFUSED(nnformer_graph_builder_set_ints(builder, NULL, NULL, 0, &error), "name");
  REFUSED(nnformer_graph_builder_set_ints(builder, "axes", NULL, 1, &error), "values");
  REFUSED(nnformer_graph_builder_set_float(NULL, "alpha", 1, &error), "builder");
  REFUSED(nnformer_graph_builder_set_float(builder, NULL, 1, &error), "name");
  REFUSED(nnformer_graph_builder_set_floats(NULL, "scales", NULL, 0, &error), "builder");
  REFUSED(nnformer_graph_builder_set_floats(builder, NULL, NULL, 0, &error), "name");
  REFUSED(nnformer_graph_builder_set_floats(builder, "scales", NULL, 1, &error), "values");
  REFUSED(nnformer_graph_builder_set_string(NULL, "mode", "x", &error), "builder");
  REFUSED(nnformer_graph_builder_set_string(builder, NULL, "x", &error), "name");
  REFUSED(nnformer_graph_builder_set_string(builder, "mode", NULL, &error), "value");
  REFUSED(nnformer_graph_builder_add_output(NULL, "x", &error), "builder");
  REFUSED(nnformer_graph_builder_add_output(builder, NULL, &error), "name");
  REFUSED(nnformer_graph_builder_finish(NULL, &out, NULL, &error), "builder");
  REFUSED(nnformer_graph_builder_finish(builder, NULL, NULL, &error), "graph");
  REFUSED(nnformer_graph_copy_features(NULL, NULL, 0, &error), "graph");
  REFUSED(nnformer_graph_copy_features(graph, NULL, SIZE_MAX, &error), "features");
  REFUSED(nnformer_graph_copy_graph_features(NULL, NULL, 0, &error), "graph");
  REFUSED(nnformer_graph_copy_graph_features(graph, NULL, SIZE_MAX, &error), "features");
  REFUSED(nnformer_graph_relation_size(NULL, 0, &number, &error), "graph");
  REFUSED(nnformer_graph_relation_size(graph, 0, NULL, &error), "size");
  REFUSED(nnformer_graph_copy_relation(NULL, 0, NULL, 0, NULL, 0, &error), "graph");
  REFUSED(nnformer_graph_copy_relation(graph, 0, NULL, SIZE_MAX, NULL, SIZE_MAX, &error), "offsets");
#undef REFUSED
  EXPECT(nnformer_predictor_platform_count(NULL) == 0);
  EXPECT(nnformer_graph_unknown_operator(NULL, 0) == NULL);
  nnformer_predictor_destroy(predictor);
  nnformer_graph_destroy(graph);
  nnformer_graph_builder_destroy(builder);
  nnformer_predictor_destroy(NULL);
  nnformer_graph_destroy(NULL);
  nnformer_graph_builder_destroy(NULL);
}

static void an_error_structure_is_optional(void) {
  nnformer_graph *graph = NULL;
  EXPECT(nnformer_graph_open(&graph, "/nowhere/model.onnx", NULL, NULL) == NNFORMER_INPUT_OUTPUT);
  EXPECT(graph == NULL);
}

static void failures_say_what_and_where(void) {
  nnformer_graph *graph = NULL;
  nnformer_predictor *predictor = NULL;
  nnformer_error error = NNFORMER_ERROR_INIT;
  EXPECT_STATUS(nnformer_graph_open(&graph, "/nowhere/model.onnx", NULL, &error), NNFORMER_INPUT_OUTPUT, &error,
                "/nowhere/model.onnx");
  EXPECT_STATUS(nnformer_graph_open(&graph, "/", NULL, &error), NNFORMER_INPUT_OUTPUT, &error, "");
  EXPECT_STATUS(nnformer_graph_open(&graph, "\xff.onnx", NULL, &error), NNFORMER_INVALID_ARGUMENT, &error, "UTF-8");
  EXPECT_STATUS(nnformer_graph_parse(&graph, "no protobuf", 11, NULL, &error), NNFORMER_MALFORMED_INPUT, &error, "");
  EXPECT_STATUS(nnformer_graph_parse(&graph, NULL, 0, NULL, &error), NNFORMER_MALFORMED_INPUT, &error, "");
  EXPECT_STATUS(nnformer_graph_parse(&graph, "x", SIZE_MAX, NULL, &error), NNFORMER_LIMIT_EXCEEDED, &error, "size");
  EXPECT(graph == NULL);
  EXPECT_STATUS(nnformer_predictor_open(&predictor, "/nowhere/weights", &error), NNFORMER_INPUT_OUTPUT, &error,
                "/nowhere/weights");
  EXPECT_STATUS(nnformer_predictor_open(&predictor, "/proc/self/exe", &error), NNFORMER_MALFORMED_INPUT, &error, "safetensors");
  EXPECT(predictor == NULL);
}

/* EXPECT_STATUS checks that the message is one line; a terminal must not be steered by the name of a file either. */
static void messages_hold_no_control_characters(void) {
  nnformer_graph *graph = NULL;
  nnformer_error error = NNFORMER_ERROR_INIT;
  EXPECT_STATUS(nnformer_graph_open(&graph, "/nowhere/a\nb\r\x1b[31mc\xc2\x9b", NULL, &error), NNFORMER_INPUT_OUTPUT,
                &error, "a b");
  EXPECT(strchr(error.message, '\x1b') == NULL);
  EXPECT(strstr(error.message, "\xc2\x9b") == NULL);
}

static void success_resets_the_error(void) {
  nnformer_graph *graph = NULL;
  nnformer_predictor *predictor = NULL;
  nnformer_error error = NNFORMER_ERROR_INIT;
  EXPECT_STATUS(nnformer_graph_open(&graph, NULL, NULL, &error), NNFORMER_INVALID_ARGUMENT, &error, "path");
  EXPECT_OK(nnformer_predictor_create(&predictor, &error), &error);
  EXPECT(error.byte_offset == NNFORMER_NO_BYTE_OFFSET);
  nnformer_predictor_destroy(predictor);
}

int main(void) {
  versions_agree_with_the_header();
  every_status_has_a_name_of_its_own();
  null_is_refused_by_name();
  an_error_structure_is_optional();
  failures_say_what_and_where();
  messages_hold_no_control_characters();
  success_resets_the_error();
  return expect_result();
}
