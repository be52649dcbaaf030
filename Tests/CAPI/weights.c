/* Files of weights, opened: those inside the library, from where they lie in the sources, give the same bits. */
#include <string.h>

#include "expect.h"
#include "small_network.h"

enum { room = 64 };

static nnformer_error error = NNFORMER_ERROR_INIT;

static void estimate(nnformer_predictor *predictor, double *latency_ms) {
  nnformer_graph *graph = small_network_graph(1);
  EXPECT(nnformer_predictor_platform_count(predictor) > 0);
  EXPECT_OK(nnformer_predict(predictor, graph, latency_ms, room, &error), &error);
  nnformer_graph_destroy(graph);
  nnformer_predictor_destroy(predictor);
}

static void latency_weights_of_a_file_are_those_inside(const char *path) {
  double inside[room] = {0}, opened[room] = {0};
  nnformer_predictor *predictor = NULL;
  EXPECT_OK(nnformer_predictor_create(&predictor, &error), &error);
  estimate(predictor, inside);
  EXPECT_OK(nnformer_predictor_open(&predictor, path, &error), &error);
  estimate(predictor, opened);
  EXPECT(memcmp(inside, opened, sizeof inside) == 0);
}

static void precisions_of_a_file_are_those_inside(const char *path) {
  static const int32_t precisions[2] = {NNFORMER_PRECISION_DEFAULT, NNFORMER_PRECISION_FAST};
  int i;
  for (i = 0; i < 2; i++) {
    double inside[room] = {0}, opened[room] = {0};
    nnformer_predictor *predictor = NULL;
    EXPECT_OK(nnformer_predictor_open_in_precision(&predictor, NULL, precisions[i], &error), &error);
    estimate(predictor, inside);
    EXPECT_OK(nnformer_predictor_open_in_precision(&predictor, path, precisions[i], &error), &error);
    estimate(predictor, opened);
    EXPECT(memcmp(inside, opened, sizeof inside) == 0);
  }
}

static double accuracy(nnformer_accuracy_predictor *predictor, size_t dataset) {
  nnformer_cell_list *cells = NULL;
  double percent = -1;
  EXPECT_OK(nnformer_cell_list_create(&cells, "nasbench201", &error), &error);
  EXPECT_OK(nnformer_cell_list_add_architecture(
                cells, "|nor_conv_3x3~0|+|none~0|nor_conv_3x3~1|+|skip_connect~0|none~1|nor_conv_1x1~2|", &error),
            &error);
  EXPECT_OK(nnformer_accuracy_predict(predictor, cells, dataset, &percent, 1, &error), &error);
  nnformer_cell_list_destroy(cells);
  return percent;
}

static void accuracy_weights_of_a_file_are_those_inside(const char *path) {
  nnformer_accuracy_predictor *inside = NULL, *opened = NULL;
  size_t dataset = 0;
  EXPECT_OK(nnformer_accuracy_predictor_create(&inside, &error), &error);
  EXPECT_OK(nnformer_accuracy_predictor_open(&opened, path, &error), &error);
  EXPECT(nnformer_accuracy_predictor_dataset_count(opened) == nnformer_accuracy_predictor_dataset_count(inside));
  EXPECT_OK(nnformer_accuracy_predictor_find_dataset(opened, "nasbench201", "cifar100", &dataset, &error), &error);
  EXPECT(accuracy(opened, dataset) == accuracy(inside, dataset));
  nnformer_accuracy_predictor_destroy(inside);
  nnformer_accuracy_predictor_destroy(opened);
}

static void weights_of_the_other_kind_are_incompatible(const char *latency, const char *accuracy) {
  nnformer_predictor *predictor = NULL;
  nnformer_accuracy_predictor *accuracy_predictor = NULL;
  EXPECT_STATUS(nnformer_predictor_open(&predictor, accuracy, &error), NNFORMER_INCOMPATIBLE_WEIGHTS, &error, "");
  EXPECT_STATUS(nnformer_accuracy_predictor_open(&accuracy_predictor, latency, &error), NNFORMER_INCOMPATIBLE_WEIGHTS, &error,
                "nnformer_accuracy");
  EXPECT(predictor == NULL && accuracy_predictor == NULL);
}

int main(int count, char **arguments) {
  if (count != 3) return 2;
  latency_weights_of_a_file_are_those_inside(arguments[1]);
  precisions_of_a_file_are_those_inside(arguments[1]);
  accuracy_weights_of_a_file_are_those_inside(arguments[2]);
  weights_of_the_other_kind_are_incompatible(arguments[1], arguments[2]);
  return expect_result();
}
