/* Every function that can fail, given NULL for a handle or a result. That none is left out, test_capi.py checks. */
#include "expect.h"
#include "small_network.h"

#define REFUSED(call, argument) EXPECT_STATUS(call, NNFORMER_INVALID_ARGUMENT, &error, argument " is NULL")

static nnformer_error error = NNFORMER_ERROR_INIT;
static nnformer_predictor *predictor;
static nnformer_graph *graph;

static void null_is_refused_by_predictors_and_sessions(void) {
  nnformer_predictor *other = NULL;
  nnformer_session *session = NULL, *another = NULL;
  const nnformer_graph *none[1] = {NULL};
  double latency_ms[64];
  size_t number;
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
  REFUSED(nnformer_predictor_get_label_set(predictor, 0, 0, NULL, &error), "label_set");
  REFUSED(nnformer_predict(NULL, graph, NULL, 0, &error), "predictor");
  REFUSED(nnformer_predict(predictor, NULL, NULL, 0, &error), "graph");
  REFUSED(nnformer_predict(predictor, graph, NULL, SIZE_MAX, &error), "latency_ms");
  EXPECT_OK(nnformer_session_create(&session, predictor, 1, &error), &error);
  REFUSED(nnformer_session_create(NULL, predictor, 1, &error), "session");
  REFUSED(nnformer_session_create(&another, NULL, 1, &error), "predictor");
  REFUSED(nnformer_session_predict(NULL, none, 1, latency_ms, 64, &error), "session");
  REFUSED(nnformer_session_predict(session, NULL, 1, latency_ms, 64, &error), "graphs");
  REFUSED(nnformer_session_predict(session, none, 1, latency_ms, 64, &error), "an element of graphs");
  REFUSED(nnformer_session_predict(session, none, 1, NULL, 64, &error), "latency_ms");
  EXPECT(other == NULL && another == NULL);
  EXPECT(nnformer_predictor_platform_count(NULL) == 0);
  nnformer_session_destroy(session);
  nnformer_session_destroy(NULL);
  nnformer_predictor_destroy(NULL);
}

static void null_is_refused_by_graphs(void) {
  nnformer_graph *out = NULL;
  size_t number;
  REFUSED(nnformer_graph_open(NULL, "model.onnx", NULL, &error), "graph");
  REFUSED(nnformer_graph_open(&out, NULL, NULL, &error), "path");
  REFUSED(nnformer_graph_parse(NULL, "", 0, NULL, &error), "graph");
  REFUSED(nnformer_graph_parse(&out, NULL, 1, NULL, &error), "bytes");
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
  REFUSED(nnformer_graph_copy_features(NULL, NULL, 0, &error), "graph");
  REFUSED(nnformer_graph_copy_features(graph, NULL, SIZE_MAX, &error), "features");
  REFUSED(nnformer_graph_copy_graph_features(NULL, NULL, 0, &error), "graph");
  REFUSED(nnformer_graph_copy_graph_features(graph, NULL, SIZE_MAX, &error), "features");
  REFUSED(nnformer_graph_relation_size(NULL, 0, &number, &error), "graph");
  REFUSED(nnformer_graph_relation_size(graph, 0, NULL, &error), "size");
  REFUSED(nnformer_graph_copy_relation(NULL, 0, NULL, 0, NULL, 0, &error), "graph");
  REFUSED(nnformer_graph_copy_relation(graph, 0, NULL, SIZE_MAX, NULL, SIZE_MAX, &error), "offsets");
  EXPECT(out == NULL);
  EXPECT(nnformer_graph_unknown_operator(NULL, 0) == NULL);
  nnformer_graph_destroy(NULL);
}

static void null_is_refused_by_builders(void) {
  nnformer_graph_builder *builder = small_network_builder("");
  nnformer_graph *out = NULL;
  const char *names[1] = {"x"};
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
  EXPECT(out == NULL);
  nnformer_graph_builder_destroy(builder);
  nnformer_graph_builder_destroy(NULL);
}

static void null_is_refused_by_cells(void) {
  static const char *const operations[2] = {"input", "output"};
  static const uint8_t adjacency[4] = {0, 1, 0, 0};
  nnformer_accuracy_predictor *accuracy = NULL, *other = NULL;
  nnformer_cell_list *list = NULL, *another = NULL;
  double percent;
  size_t number;
  EXPECT_OK(nnformer_accuracy_predictor_create(&accuracy, &error), &error);
  EXPECT_OK(nnformer_cell_list_create(&list, "nasbench101", &error), &error);
  EXPECT_OK(nnformer_cell_list_add_matrix(list, adjacency, 2, operations, &error), &error);
  REFUSED(nnformer_cell_list_create(NULL, "nasbench101", &error), "list");
  REFUSED(nnformer_cell_list_create(&another, NULL, &error), "space");
  REFUSED(nnformer_cell_list_add_architecture(NULL, "x", &error), "list");
  REFUSED(nnformer_cell_list_add_architecture(list, NULL, &error), "architecture");
  REFUSED(nnformer_cell_list_add_matrix(NULL, adjacency, 2, operations, &error), "list");
  REFUSED(nnformer_cell_list_add_matrix(list, NULL, 2, operations, &error), "adjacency");
  REFUSED(nnformer_cell_list_add_matrix(list, adjacency, 2, NULL, &error), "operations");
  REFUSED(nnformer_cell_list_encoding_size(NULL, 0, &number, &number, &error), "list");
  REFUSED(nnformer_cell_list_encoding_size(list, 0, NULL, &number, &error), "node_count");
  REFUSED(nnformer_cell_list_encoding_size(list, 0, &number, NULL, &error), "entry_count");
  REFUSED(nnformer_cell_list_copy_features(NULL, NULL, 0, &error), "list");
  REFUSED(nnformer_cell_list_copy_features(list, NULL, SIZE_MAX, &error), "features");
  REFUSED(nnformer_cell_list_copy_relation(NULL, 0, NULL, 0, NULL, 0, &error), "list");
  REFUSED(nnformer_cell_list_copy_relation(list, 0, NULL, SIZE_MAX, NULL, SIZE_MAX, &error), "offsets");
  REFUSED(nnformer_accuracy_predictor_create(NULL, &error), "predictor");
  REFUSED(nnformer_accuracy_predictor_open(NULL, "weights", &error), "predictor");
  REFUSED(nnformer_accuracy_predictor_open(&other, NULL, &error), "path");
  REFUSED(nnformer_accuracy_predictor_get_dataset(NULL, 0, NULL, &error), "predictor");
  REFUSED(nnformer_accuracy_predictor_get_dataset(accuracy, 0, NULL, &error), "dataset");
  REFUSED(nnformer_accuracy_predictor_find_dataset(NULL, "nasbench101", "cifar10", &number, &error), "predictor");
  REFUSED(nnformer_accuracy_predictor_find_dataset(accuracy, NULL, "cifar10", &number, &error), "space");
  REFUSED(nnformer_accuracy_predictor_find_dataset(accuracy, "nasbench101", NULL, &number, &error), "id");
  REFUSED(nnformer_accuracy_predictor_find_dataset(accuracy, "nasbench101", "cifar10", NULL, &error), "index");
  REFUSED(nnformer_accuracy_predict(NULL, list, 0, &percent, 1, &error), "predictor");
  REFUSED(nnformer_accuracy_predict(accuracy, NULL, 0, &percent, 1, &error), "list");
  REFUSED(nnformer_accuracy_predict(accuracy, list, 0, NULL, SIZE_MAX, &error), "accuracy_percent");
  EXPECT(other == NULL && another == NULL);
  EXPECT(nnformer_cell_list_count(NULL) == 0 && nnformer_accuracy_predictor_dataset_count(NULL) == 0);
  nnformer_cell_list_destroy(list);
  nnformer_cell_list_destroy(NULL);
  nnformer_accuracy_predictor_destroy(accuracy);
  nnformer_accuracy_predictor_destroy(NULL);
}

static void null_is_refused_by_estimates_and_explanations(void) {
  nnformer_explanation *explanation = NULL, *other = NULL;
  nnformer_estimate estimate = NNFORMER_ESTIMATE_INIT;
  nnformer_explanation_summary summary = NNFORMER_EXPLANATION_SUMMARY_INIT;
  nnformer_block block = NNFORMER_BLOCK_INIT;
  double node_ms;
  REFUSED(nnformer_predict_estimates(NULL, graph, &estimate, 1, &error), "predictor");
  REFUSED(nnformer_predict_estimates(predictor, NULL, &estimate, 1, &error), "graph");
  REFUSED(nnformer_predict_estimates(predictor, graph, NULL, SIZE_MAX, &error), "estimates");
  EXPECT(nnformer_predictor_unseen_operator(NULL, graph, 0, 0) == NULL);
  EXPECT(nnformer_predictor_unseen_operator(predictor, NULL, 0, 0) == NULL);
  EXPECT_OK(nnformer_explanation_create(&explanation, predictor, graph, 0, &error), &error);
  REFUSED(nnformer_explanation_create(NULL, predictor, graph, 0, &error), "explanation");
  REFUSED(nnformer_explanation_create(&other, NULL, graph, 0, &error), "predictor");
  REFUSED(nnformer_explanation_create(&other, predictor, NULL, 0, &error), "graph");
  REFUSED(nnformer_explanation_summarize(NULL, &summary, &error), "explanation");
  REFUSED(nnformer_explanation_summarize(explanation, NULL, &error), "summary");
  REFUSED(nnformer_explanation_copy_nodes(NULL, &node_ms, NULL, 1, &error), "explanation");
  REFUSED(nnformer_explanation_copy_nodes(explanation, NULL, NULL, SIZE_MAX, &error), "node_ms");
  REFUSED(nnformer_explanation_get_block(NULL, 0, &block, &error), "explanation");
  REFUSED(nnformer_explanation_get_block(explanation, 0, NULL, &error), "block");
  EXPECT(other == NULL);
  nnformer_explanation_destroy(explanation);
  nnformer_explanation_destroy(NULL);
}

static void null_is_refused_by_calibrations(void) {
  nnformer_calibration *calibration = NULL, *other = NULL;
  nnformer_calibrated_platform *platform = small_network_platform(predictor, "mine"), *another = NULL;
  nnformer_calibration_report report = NNFORMER_CALIBRATION_REPORT_INIT;
  nnformer_predictor *extended = NULL;
  const nnformer_graph *graphs[1], *no_graph[1] = {NULL};
  const nnformer_calibrated_platform *no_platform[1] = {NULL};
  size_t index;
  EXPECT_OK(nnformer_calibration_create(&calibration, predictor, &error), &error);
  graphs[0] = graph;
  REFUSED(nnformer_calibration_create(NULL, predictor, &error), "calibration");
  REFUSED(nnformer_calibration_create(&other, NULL, &error), "predictor");
  REFUSED(nnformer_calibration_add_sample(NULL, graph, 1, &error), "calibration");
  REFUSED(nnformer_calibration_add_sample(calibration, NULL, 1, &error), "graph");
  REFUSED(nnformer_calibration_fit(NULL, "mine", &another, &error), "calibration");
  REFUSED(nnformer_calibration_fit(calibration, NULL, &another, &error), "id");
  REFUSED(nnformer_calibration_fit(calibration, "mine", NULL, &error), "platform");
  REFUSED(nnformer_calibration_suggest(NULL, graphs, 1, &index, 1, &error), "calibration");
  REFUSED(nnformer_calibration_suggest(calibration, NULL, 1, &index, 1, &error), "graphs");
  REFUSED(nnformer_calibration_suggest(calibration, no_graph, 1, &index, 1, &error), "an element of graphs");
  REFUSED(nnformer_calibration_suggest(calibration, graphs, 1, NULL, 1, &error), "indices");
  REFUSED(nnformer_calibrated_platform_save(NULL, "mine.nnfp", &error), "platform");
  REFUSED(nnformer_calibrated_platform_save(platform, NULL, &error), "path");
  REFUSED(nnformer_calibrated_platform_open(NULL, "mine.nnfp", &error), "platform");
  REFUSED(nnformer_calibrated_platform_open(&another, NULL, &error), "path");
  REFUSED(nnformer_calibrated_platform_get_report(NULL, &report, &error), "platform");
  REFUSED(nnformer_calibrated_platform_get_report(platform, NULL, &error), "report");
  REFUSED(nnformer_predictor_add_platforms(NULL, predictor, no_platform, 1, &error), "extended");
  REFUSED(nnformer_predictor_add_platforms(&extended, NULL, no_platform, 1, &error), "predictor");
  REFUSED(nnformer_predictor_add_platforms(&extended, predictor, NULL, 1, &error), "platforms");
  REFUSED(nnformer_predictor_add_platforms(&extended, predictor, no_platform, 1, &error), "an element of platforms");
  EXPECT(other == NULL && another == NULL && extended == NULL);
  nnformer_calibrated_platform_destroy(platform);
  nnformer_calibrated_platform_destroy(NULL);
  nnformer_calibration_destroy(calibration);
  nnformer_calibration_destroy(NULL);
}

int main(void) {
  EXPECT_OK(nnformer_predictor_create(&predictor, &error), &error);
  graph = small_network_graph(1);
  null_is_refused_by_predictors_and_sessions();
  null_is_refused_by_graphs();
  null_is_refused_by_builders();
  null_is_refused_by_cells();
  null_is_refused_by_estimates_and_explanations();
  null_is_refused_by_calibrations();
  nnformer_graph_destroy(graph);
  nnformer_predictor_destroy(predictor);
  return expect_result();
}
