/* A predictor and a graph serve any number of threads at once, and all get the same bits. */
#define _POSIX_C_SOURCE 200809L
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "expect.h"
#include "small_network.h"

enum { thread_count = 8, rounds = 50 };

typedef struct job {
  const nnformer_predictor *predictor;
  const nnformer_graph *graph;
  size_t platform_count, feature_count;
  double *latency_ms;
  float *features;
  int failures;
} job;

static void *work(void *argument) {
  job *job = argument;
  double *latency_ms = malloc(job->platform_count * sizeof *latency_ms);
  float *features = malloc(job->feature_count * sizeof *features);
  int round;
  for (round = 0; round < rounds; round++) {
    nnformer_error error = NNFORMER_ERROR_INIT;
    nnformer_platform platform = NNFORMER_PLATFORM_INIT;
    nnformer_graph *own = NULL;
    size_t index;
    job->failures += nnformer_predict(job->predictor, job->graph, latency_ms, job->platform_count, &error) != NNFORMER_OK;
    job->failures += nnformer_graph_copy_features(job->graph, features, job->feature_count, &error) != NNFORMER_OK;
    job->failures += nnformer_predictor_get_platform(job->predictor, 0, &platform, &error) != NNFORMER_OK;
    job->failures += nnformer_predictor_find_platform(job->predictor, platform.id, &index, &error) != NNFORMER_OK;
    job->failures += memcmp(latency_ms, job->latency_ms, job->platform_count * sizeof *latency_ms) != 0;
    job->failures += memcmp(features, job->features, job->feature_count * sizeof *features) != 0;
    /* Errors belong to the call, not to the process. */
    job->failures += nnformer_graph_open(&own, "/nowhere/model.onnx", NULL, &error) != NNFORMER_INPUT_OUTPUT;
    job->failures += !strstr(error.message, "/nowhere/model.onnx");
  }
  free(latency_ms);
  free(features);
  return NULL;
}

int main(void) {
  nnformer_predictor *predictor = NULL;
  nnformer_graph *graph = small_network_graph(1);
  nnformer_error error = NNFORMER_ERROR_INIT;
  nnformer_graph_summary summary = NNFORMER_GRAPH_SUMMARY_INIT;
  pthread_t threads[thread_count];
  job jobs[thread_count], first = {0};
  int i;
  EXPECT_OK(nnformer_predictor_create(&predictor, &error), &error);
  EXPECT_OK(nnformer_graph_summarize(graph, &summary, &error), &error);
  first.predictor = predictor;
  first.graph = graph;
  first.platform_count = nnformer_predictor_platform_count(predictor);
  first.feature_count = (size_t)summary.node_count * nnformer_feature_count();
  first.latency_ms = malloc(first.platform_count * sizeof *first.latency_ms);
  first.features = malloc(first.feature_count * sizeof *first.features);
  EXPECT_OK(nnformer_predict(predictor, graph, first.latency_ms, first.platform_count, &error), &error);
  EXPECT_OK(nnformer_graph_copy_features(graph, first.features, first.feature_count, &error), &error);
  for (i = 0; i < thread_count; i++) {
    jobs[i] = first;
    EXPECT(pthread_create(&threads[i], NULL, work, &jobs[i]) == 0);
  }
  for (i = 0; i < thread_count; i++) {
    EXPECT(pthread_join(threads[i], NULL) == 0);
    EXPECT(jobs[i].failures == 0);
  }
  free(first.latency_ms);
  free(first.features);
  nnformer_graph_destroy(graph);
  nnformer_predictor_destroy(predictor);
  return expect_result();
}
