/* Reads a model and estimates it, so many times each: something to count instructions of, under `valgrind --tool=callgrind`.
 *
 * usage: profile MODEL.onnx READINGS ESTIMATES
 */
#include <nnformer.h>
#include <stdio.h>
#include <stdlib.h>

static void check(nnformer_status status, const nnformer_error *error) {
  if (status == NNFORMER_OK) return;
  fprintf(stderr, "%s\n", error->message);
  exit(EXIT_FAILURE);
}

int main(int argc, char **argv) {
  nnformer_graph_options options = NNFORMER_GRAPH_OPTIONS_INIT;
  nnformer_error error = NNFORMER_ERROR_INIT;
  nnformer_predictor *predictor = NULL;
  nnformer_graph *graph = NULL;
  double latency_ms[4096];
  long count;
  if (argc != 4) return EXIT_FAILURE;
  options.batch_size = 1;
  check(nnformer_predictor_create(&predictor, &error), &error);
  for (count = strtol(argv[2], NULL, 10); count > 0; count--) {
    nnformer_graph_destroy(graph);
    check(nnformer_graph_open(&graph, argv[1], &options, &error), &error);
  }
  for (count = strtol(argv[3], NULL, 10); count > 0; count--) {
    check(nnformer_predict(predictor, graph, latency_ms, 4096, &error), &error);
  }
  nnformer_graph_destroy(graph);
  nnformer_predictor_destroy(predictor);
  return EXIT_SUCCESS;
}
