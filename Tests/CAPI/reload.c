/* A plug-in host: loads the library, uses it, lets go of it, and does the same again. */
#include <dlfcn.h>
#include <nnformer.h>
#include <stdio.h>
#include <string.h>

/* A function of the library as one of its type; C knows no cast between data and functions. */
static int load(void *library, const char *name, void *function, size_t size) {
  void *const symbol = dlsym(library, name);
  if (!symbol) fprintf(stderr, "%s is missing\n", name);
  if (symbol) memcpy(function, &symbol, size);
  return symbol != NULL;
}

#define LOAD(library, name) load(library, "nnformer_" #name, &name, sizeof name)

static double latency_ms[4096];

/* An estimate of a model on the first platform; negative where something fails. */
static double estimate(const char *path, const char *model) {
  nnformer_status (*graph_open)(nnformer_graph **, const char *, const nnformer_graph_options *, nnformer_error *);
  nnformer_status (*predictor_create)(nnformer_predictor **, nnformer_error *);
  nnformer_status (*predict)(const nnformer_predictor *, const nnformer_graph *, double *, size_t, nnformer_error *);
  void (*graph_destroy)(nnformer_graph *);
  void (*predictor_destroy)(nnformer_predictor *);
  nnformer_graph_options options = NNFORMER_GRAPH_OPTIONS_INIT;
  nnformer_error error = NNFORMER_ERROR_INIT;
  nnformer_predictor *predictor = NULL;
  nnformer_graph *graph = NULL;
  void *const library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    fprintf(stderr, "%s\n", dlerror());
    return -1;
  }
  latency_ms[0] = -1;
  options.batch_size = 1;
  if (LOAD(library, graph_open) && LOAD(library, predictor_create) && LOAD(library, predict) &&
      LOAD(library, graph_destroy) && LOAD(library, predictor_destroy)) {
    if (graph_open(&graph, model, &options, &error) != NNFORMER_OK ||
        predictor_create(&predictor, &error) != NNFORMER_OK ||
        predict(predictor, graph, latency_ms, sizeof latency_ms / sizeof *latency_ms, &error) != NNFORMER_OK)
      fprintf(stderr, "%s\n", error.message);
    graph_destroy(graph);
    predictor_destroy(predictor);
  }
  if (dlclose(library) != 0) fprintf(stderr, "%s\n", dlerror());
  return latency_ms[0];
}

int main(int count, char **arguments) {
  double first;
  int round;
  if (count != 3) return 2;
  first = estimate(arguments[1], arguments[2]);
  for (round = 0; round < 3; round++)
    if (first <= 0 || estimate(arguments[1], arguments[2]) != first) return 1;
  return 0;
}
