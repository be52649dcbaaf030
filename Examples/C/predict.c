/* Prints the latency of an ONNX model on every platform: predict MODEL.onnx [BATCH] */
#include <nnformer.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
  nnformer_predictor *predictor = NULL;
  nnformer_graph *graph = NULL;
  double *latency_ms = NULL;
  nnformer_error error = NNFORMER_ERROR_INIT;
  nnformer_graph_options options = NNFORMER_GRAPH_OPTIONS_INIT;
  int exit_code = EXIT_FAILURE;

  if (argc < 2 || argc > 3) {
    fprintf(stderr, "usage: %s MODEL.onnx [BATCH]\n", argv[0]);
    return 64;
  }
  if (argc == 3) options.batch_size = strtoll(argv[2], NULL, 10);

  if (nnformer_predictor_create(&predictor, &error) != NNFORMER_OK) goto done;
  if (nnformer_graph_open(&graph, argv[1], &options, &error) != NNFORMER_OK) goto done;

  size_t count = nnformer_predictor_platform_count(predictor);
  latency_ms = malloc(count * sizeof *latency_ms);
  if (latency_ms == NULL) goto done;
  if (nnformer_predict(predictor, graph, latency_ms, count, &error) != NNFORMER_OK) goto done;

  for (size_t i = 0; i < count; ++i) {
    nnformer_platform platform = NNFORMER_PLATFORM_INIT;
    if (nnformer_predictor_get_platform(predictor, i, &platform, &error) != NNFORMER_OK) goto done;
    printf("%s\t%.9g\n", platform.id, latency_ms[i]);
  }
  exit_code = EXIT_SUCCESS;

done:
  if (exit_code != EXIT_SUCCESS) fprintf(stderr, "%s: %s\n", argv[1], error.message);
  free(latency_ms);
  nnformer_graph_destroy(graph);
  nnformer_predictor_destroy(predictor);
  return exit_code;
}
