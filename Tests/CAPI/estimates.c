/* Estimates with their intervals and scores. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

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
  EXPECT(nnformer_predict_estimates(NULL, graph, estimates, count, NULL) == NNFORMER_INVALID_ARGUMENT);
  EXPECT(nnformer_predict_estimates(predictor, NULL, estimates, count, NULL) == NNFORMER_INVALID_ARGUMENT);
  EXPECT(nnformer_predict_estimates(predictor, graph, NULL, count, NULL) == NNFORMER_INVALID_ARGUMENT);
  EXPECT(nnformer_predict_estimates(predictor, graph, estimates, count - 1, NULL) == NNFORMER_INVALID_ARGUMENT);
  estimates[count - 1].struct_size = sizeof *estimates + 8;
  EXPECT(nnformer_predict_estimates(predictor, graph, estimates, count, NULL) == NNFORMER_INVALID_ARGUMENT);
  estimates[0].struct_size = 4;
  EXPECT(nnformer_predict_estimates(predictor, graph, estimates, count, NULL) == NNFORMER_INVALID_ARGUMENT);
  EXPECT(estimates[0].latency_ms == 0);
  EXPECT(nnformer_predictor_unseen_operator(NULL, graph, 0, 0) == NULL);
  EXPECT(nnformer_predictor_unseen_operator(predictor, NULL, 0, 0) == NULL);
  EXPECT(nnformer_predictor_unseen_operator(predictor, graph, count, 0) == NULL);
  EXPECT(nnformer_predictor_unseen_operator(predictor, graph, 0, SIZE_MAX) == NULL);
  free(estimates);
}

int main(void) {
  nnformer_error error = NNFORMER_ERROR_INIT;
  nnformer_predictor *predictor = NULL;
  nnformer_graph *graph = small_network_graph(1);
  EXPECT_OK(nnformer_predictor_create(&predictor, &error), &error);
  an_interval_holds_the_estimate(predictor, graph);
  elements_may_be_larger(predictor, graph);
  arguments_are_checked(predictor, graph);
  nnformer_graph_destroy(graph);
  nnformer_predictor_destroy(predictor);
  return expect_result();
}
