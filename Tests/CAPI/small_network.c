#include "small_network.h"

#include <stdio.h>

#include "expect.h"

typedef struct network {
  nnformer_graph_builder *builder;
  const char *prefix;
} network;

static const char *prefixed(const network *network, const char *name, char *buffer, size_t size) {
  snprintf(buffer, size, "%s%s", network->prefix, name);
  return buffer;
}

static void add_node(const network *network, const char *operator_name, const char *input, const char *weight,
                     const char *output) {
  char names[3][64];
  nnformer_error error = NNFORMER_ERROR_INIT;
  const char *inputs[2];
  const char *outputs[1];
  inputs[0] = prefixed(network, input, names[0], sizeof names[0]);
  inputs[1] = weight ? prefixed(network, weight, names[1], sizeof names[1]) : NULL;
  outputs[0] = prefixed(network, output, names[2], sizeof names[2]);
  EXPECT_OK(nnformer_graph_builder_add_node(network->builder, operator_name, inputs, weight ? 2 : 1, outputs, 1, &error),
            &error);
}

static void set_ints(const network *network, const char *name, int64_t first, int64_t second, int64_t third,
                     int64_t fourth, size_t count) {
  const int64_t values[4] = {first, second, third, fourth};
  nnformer_error error = NNFORMER_ERROR_INIT;
  EXPECT_OK(nnformer_graph_builder_set_ints(network->builder, name, values, count, &error), &error);
}

nnformer_graph_builder *small_network_builder(const char *prefix) {
  static const int64_t image[4] = {-1, 3, 8, 8}, filter[4] = {4, 3, 3, 3}, matrix[2] = {4, 10};
  char name[64];
  nnformer_error error = NNFORMER_ERROR_INIT;
  network network = {NULL, prefix};
  EXPECT_OK(nnformer_graph_builder_create(&network.builder, 0, &error), &error);
  EXPECT_OK(nnformer_graph_builder_add_input(network.builder, prefixed(&network, "image", name, sizeof name), 1, image, 4,
                                             &error), &error);
  EXPECT_OK(nnformer_graph_builder_add_parameter(network.builder, prefixed(&network, "filter", name, sizeof name), 1,
                                                 filter, 4, &error), &error);
  EXPECT_OK(nnformer_graph_builder_add_parameter(network.builder, prefixed(&network, "matrix", name, sizeof name), 1,
                                                 matrix, 2, &error), &error);
  add_node(&network, "Conv", "image", "filter", "features");
  set_ints(&network, "pads", 1, 1, 1, 1, 4);
  add_node(&network, "MaxPool", "features", NULL, "pooled");
  set_ints(&network, "kernel_shape", 2, 2, 0, 0, 2);
  set_ints(&network, "strides", 2, 2, 0, 0, 2);
  add_node(&network, "GlobalAveragePool", "pooled", NULL, "mean");
  add_node(&network, "Flatten", "mean", NULL, "flat");
  add_node(&network, "Gemm", "flat", "matrix", "scores");
  EXPECT_OK(nnformer_graph_builder_add_output(network.builder, prefixed(&network, "scores", name, sizeof name), &error),
            &error);
  return network.builder;
}

nnformer_graph *small_network_graph(int64_t batch_size) {
  nnformer_graph *graph = NULL;
  nnformer_graph_options options = NNFORMER_GRAPH_OPTIONS_INIT;
  nnformer_error error = NNFORMER_ERROR_INIT;
  nnformer_graph_builder *builder = small_network_builder("");
  options.batch_size = batch_size;
  EXPECT_OK(nnformer_graph_builder_finish(builder, &graph, &options, &error), &error);
  nnformer_graph_builder_destroy(builder);
  return graph;
}

nnformer_calibrated_platform *small_network_platform(const nnformer_predictor *predictor, const char *id) {
  nnformer_calibration *calibration = NULL;
  nnformer_calibrated_platform *platform = NULL;
  nnformer_error error = NNFORMER_ERROR_INIT;
  int i;
  EXPECT_OK(nnformer_calibration_create(&calibration, predictor, &error), &error);
  for (i = 0; i < NNFORMER_MINIMUM_SAMPLES; i++) {
    nnformer_graph *graph = small_network_graph((int64_t)1 << (2 * i));
    EXPECT_OK(nnformer_calibration_add_sample(calibration, graph, 1 + i, &error), &error);
    nnformer_graph_destroy(graph);
  }
  EXPECT_OK(nnformer_calibration_fit(calibration, id, &platform, &error), &error);
  nnformer_calibration_destroy(calibration);
  return platform;
}
