/* Estimates with their intervals and scores. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "expect.h"
#include "small_network.h"

/* A newer caller's structure: fields that this library does not know come after those that it does. */
typedef struct wide_estimate {
  nnformer_estimate known;
  double unknown;
} wide_estimate;

static void an_interval_holds_the_estimate(const nnformer_predictor *predictor, const nnformer_graph *graph) {
  const size_t count = nnformer_predictor_platform_count(predictor);
  nnformer_error error = NNFORMER_ERROR_INIT;
  double *latency_ms = calloc(count, sizeof *latency_ms);
  nnformer_estimate *estimates = calloc(count, sizeof *estimates);
  size_t i, unseen;
  for (i = 0; i < count; i++) estimates[i].struct_size = sizeof *estimates;
  EXPECT_OK(nnformer_predict(predictor, graph, latency_ms, count, &error), &error);
  EXPECT_OK(nnformer_predict_estimates(predictor, graph, estimates, count, &error), &error);
  for (i = 0; i < count; i++) {
    EXPECT(estimates[i].latency_ms == latency_ms[i]);
    if (!isnan(estimates[i].lower_ms)) {
      EXPECT(estimates[i].lower_ms > 0 && estimates[i].lower_ms < estimates[i].latency_ms);
      EXPECT(estimates[i].upper_ms > estimates[i].latency_ms && isfinite(estimates[i].upper_ms));
      EXPECT(estimates[i].in_domain_score >= 0 && estimates[i].in_domain_score <= 1);
    }
    for (unseen = 0; unseen < estimates[i].unseen_operator_count; unseen++)
      EXPECT(nnformer_predictor_unseen_operator(predictor, graph, i, unseen) != NULL);
    EXPECT(nnformer_predictor_unseen_operator(predictor, graph, i, unseen) == NULL);
  }
  free(latency_ms);
  free(estimates);
}

static void elements_may_be_larger(const nnformer_predictor *predictor, const nnformer_graph *graph) {
  const size_t count = nnformer_predictor_platform_count(predictor);
  nnformer_error error = NNFORMER_ERROR_INIT;
  wide_estimate *estimates = calloc(count, sizeof *estimates);
  size_t i;
  for (i = 0; i < count; i++) {
    estimates[i].known.struct_size = sizeof *estimates;
    estimates[i].unknown = 7;
  }
  EXPECT_OK(nnformer_predict_estimates(predictor, graph, &estimates->known, count, &error), &error);
  for (i = 0; i < count; i++) EXPECT(estimates[i].known.latency_ms > 0 && estimates[i].unknown == 7);
  free(estimates);
}

static void arguments_are_checked(const nnformer_predictor *predictor, const nnformer_graph *graph) {
  const size_t count = nnformer_predictor_platform_count(predictor);
  nnformer_estimate *estimates = calloc(count, sizeof *estimates);
  size_t i;
  for (i = 0; i < count; i++) estimates[i].struct_size = sizeof *estimates;
  EXPECT(nnformer_predict_estimates(predictor, graph, estimates, count - 1, NULL) == NNFORMER_INVALID_ARGUMENT);
  estimates[count - 1].struct_size = sizeof *estimates + 8;
  EXPECT(nnformer_predict_estimates(predictor, graph, estimates, count, NULL) == NNFORMER_INVALID_ARGUMENT);
  estimates[0].struct_size = 4;
  EXPECT(nnformer_predict_estimates(predictor, graph, estimates, count, NULL) == NNFORMER_INVALID_ARGUMENT);
  EXPECT(estimates[0].latency_ms == 0);
  EXPECT(nnformer_predictor_unseen_operator(predictor, graph, count, 0) == NULL);
  EXPECT(nnformer_predictor_unseen_operator(predictor, graph, 0, SIZE_MAX) == NULL);
  free(estimates);
}

/* Loops over thousands of unknown operators end: each call takes the same time, however many there are. */
static void many_unknown_operators_are_listed_in_time(const nnformer_predictor *predictor) {
  enum { count = 10000 };
  static const int64_t image[2] = {1, 4};
  char operator_name[32], names[2][32];
  const char *input[1], *output[1], *found;
  nnformer_error error = NNFORMER_ERROR_INIT;
  nnformer_graph_builder *builder = NULL;
  nnformer_graph *graph = NULL;
  nnformer_node node = NNFORMER_NODE_INIT;
  clock_t started;
  size_t i;
  EXPECT_OK(nnformer_graph_builder_create(&builder, 0, &error), &error);
  EXPECT_OK(nnformer_graph_builder_add_input(builder, "value0", 1, image, 2, &error), &error);
  for (i = 0; i < count; i++) {
    /* Known ones among them, at the start, in between and at the end. */
    if (i % 4999 == 0) snprintf(operator_name, sizeof operator_name, "Relu");
    else snprintf(operator_name, sizeof operator_name, "my::Kind%lu", (unsigned long)i);
    snprintf(names[0], sizeof names[0], "value%lu", (unsigned long)i);
    snprintf(names[1], sizeof names[1], "value%lu", (unsigned long)i + 1);
    input[0] = names[0];
    output[0] = names[1];
    EXPECT_OK(nnformer_graph_builder_add_node(builder, operator_name, input, 1, output, 1, &error), &error);
  }
  EXPECT_OK(nnformer_graph_builder_finish(builder, &graph, NULL, &error), &error);
  nnformer_graph_builder_destroy(builder);
  started = clock();
  for (i = 0; i < count; i++) {
    EXPECT_OK(nnformer_graph_get_node(graph, i, &node, &error), &error);
    EXPECT(node.is_known == (i % 4999 == 0));
  }
  for (i = 0; (found = nnformer_predictor_unseen_operator(predictor, graph, 0, i)) != NULL; i++) {
    /* Kinds in order of appearance, without the two that are known. */
    snprintf(operator_name, sizeof operator_name, "my::Kind%lu", (unsigned long)(i + 1 + (i >= 4998) + (i >= 9996)));
    EXPECT(strcmp(found, operator_name) == 0);
  }
  EXPECT(i == count - 3);
  EXPECT((double)(clock() - started) / CLOCKS_PER_SEC < 2);
  nnformer_graph_destroy(graph);
}

int main(void) {
  nnformer_error error = NNFORMER_ERROR_INIT;
  nnformer_predictor *predictor = NULL;
  nnformer_graph *graph = small_network_graph(1);
  EXPECT_OK(nnformer_predictor_create(&predictor, &error), &error);
  an_interval_holds_the_estimate(predictor, graph);
  elements_may_be_larger(predictor, graph);
  arguments_are_checked(predictor, graph);
  many_unknown_operators_are_listed_in_time(predictor);
  nnformer_graph_destroy(graph);
  nnformer_predictor_destroy(predictor);
  return expect_result();
}
