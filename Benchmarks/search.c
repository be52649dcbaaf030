/* A search loop: networks of NAS-Bench-201's space (Dong and Yang, ICLR 2020) built node by node through the C API and
 * estimated on every platform, first on one thread, then on two that each take half. Prints a line a round and number of
 * threads: threads, networks, nodes of a network on average, seconds to build, seconds to estimate, seconds in all.
 *
 * usage: search NETWORKS ROUNDS BATCH   (BATCH networks go to one call of nnformer_session_predict)
 */
#define _POSIX_C_SOURCE 200809L
#include <nnformer.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { NAME_SIZE = 64, EDGES = 6, OPERATIONS = 5, STAGES = 3, CELLS = 5, MAXIMUM_THREADS = 2 };
enum { NONE, SKIP, POOL, CONVOLUTION_1, CONVOLUTION_3 };

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static void check(nnformer_status status, const nnformer_error *error) {
  if (status == NNFORMER_OK) return;
  fprintf(stderr, "%s\n", error->message);
  exit(EXIT_FAILURE);
}

/* ---- one network */

typedef struct {
  nnformer_graph_builder *builder;
  nnformer_error error;
  int name_count;
} network;

typedef struct {
  char name[NAME_SIZE];
} value;

static value fresh(network *n, const char *kind) {
  value v;
  snprintf(v.name, sizeof v.name, "%s%d", kind, n->name_count++);
  return v;
}

static value parameter(network *n, const int64_t *extents, size_t rank) {
  const value v = fresh(n, "weight");
  check(nnformer_graph_builder_add_parameter(n->builder, v.name, 1, extents, rank, &n->error), &n->error);
  return v;
}

static value node(network *n, const char *operator_name, const char *const *inputs, size_t count) {
  const value v = fresh(n, operator_name);
  const char *const outputs[] = {v.name};
  check(nnformer_graph_builder_add_node(n->builder, operator_name, inputs, count, outputs, 1, &n->error), &n->error);
  return v;
}

static void integers(network *n, const char *name, int64_t a, size_t count) {
  const int64_t values[] = {a, a, a, a};
  check(nnformer_graph_builder_set_ints(n->builder, name, values, count, &n->error), &n->error);
}

static value convolution(network *n, value x, int64_t inputs, int64_t outputs, int64_t kernel, int64_t stride) {
  const int64_t extents[] = {outputs, inputs, kernel, kernel};
  const value weight = parameter(n, extents, 4);
  const char *const operands[] = {x.name, weight.name};
  const value y = node(n, "Conv", operands, 2);
  integers(n, "kernel_shape", kernel, 2);
  integers(n, "pads", kernel / 2, 4);
  integers(n, "strides", stride, 2);
  return y;
}

static value normalization(network *n, value x, int64_t channels) {
  const value a = parameter(n, &channels, 1), b = parameter(n, &channels, 1);
  const value c = parameter(n, &channels, 1), d = parameter(n, &channels, 1);
  const char *const operands[] = {x.name, a.name, b.name, c.name, d.name};
  return node(n, "BatchNormalization", operands, 5);
}

static value unary(network *n, const char *operator_name, value x) {
  const char *const operands[] = {x.name};
  return node(n, operator_name, operands, 1);
}

static value binary(network *n, const char *operator_name, value x, value y) {
  const char *const operands[] = {x.name, y.name};
  return node(n, operator_name, operands, 2);
}

static value pool(network *n, value x, int64_t kernel, int64_t stride, int64_t pad) {
  const value y = unary(n, "AveragePool", x);
  integers(n, "kernel_shape", kernel, 2);
  integers(n, "strides", stride, 2);
  integers(n, "pads", pad, 4);
  return y;
}

static value edge(network *n, value x, int operation, int64_t channels) {
  switch (operation) {
    case NONE: return binary(n, "Mul", x, parameter(n, NULL, 0));
    case SKIP: return x;
    case POOL: return pool(n, x, 3, 1, 1);
    default:
      x = convolution(n, unary(n, "Relu", x), channels, channels, operation == CONVOLUTION_1 ? 1 : 3, 1);
      return normalization(n, x, channels);
  }
}

static value cell(network *n, value x, const int *operations, int64_t channels) {
  static const int from[EDGES] = {0, 0, 1, 0, 1, 2}, to[EDGES] = {1, 2, 2, 3, 3, 3};
  value nodes[4];
  int e, is_set[4] = {1, 0, 0, 0};
  nodes[0] = x;
  for (e = 0; e < EDGES; e++) {
    const value summand = edge(n, nodes[from[e]], operations[e], channels);
    nodes[to[e]] = is_set[to[e]] ? binary(n, "Add", nodes[to[e]], summand) : summand;
    is_set[to[e]] = 1;
  }
  return nodes[3];
}

static value reduction(network *n, value x, int64_t channels) {
  value main = convolution(n, unary(n, "Relu", x), channels / 2, channels, 3, 2);
  main = unary(n, "Relu", normalization(n, main, channels));
  main = normalization(n, convolution(n, main, channels, channels, 3, 1), channels);
  return binary(n, "Add", convolution(n, pool(n, x, 2, 2, 0), channels / 2, channels, 1, 1), main);
}

/* The network of the cell that `number`, in base 5, spells. */
static nnformer_graph *build(uint32_t number) {
  network n = {NULL, NNFORMER_ERROR_INIT, 0};
  const int64_t image[] = {1, 3, 32, 32}, classifier[] = {64, 10};
  int operations[EDGES], stage, e;
  nnformer_graph *graph = NULL;
  value x = {"x"};
  for (e = 0; e < EDGES; e++, number /= OPERATIONS) operations[e] = (int)(number % OPERATIONS);
  check(nnformer_graph_builder_create(&n.builder, 17, &n.error), &n.error);
  check(nnformer_graph_builder_add_input(n.builder, "x", 1, image, 4, &n.error), &n.error);
  x = normalization(&n, convolution(&n, x, 3, 16, 3, 1), 16);
  for (stage = 0; stage < STAGES; stage++) {
    int c;
    if (stage > 0) x = reduction(&n, x, INT64_C(16) << stage);
    for (c = 0; c < CELLS; c++) x = cell(&n, x, operations, INT64_C(16) << stage);
  }
  x = unary(&n, "Flatten", unary(&n, "GlobalAveragePool", unary(&n, "Relu", normalization(&n, x, 64))));
  binary(&n, "MatMul", x, parameter(&n, classifier, 2));
  check(nnformer_graph_builder_finish(n.builder, &graph, NULL, &n.error), &n.error);
  nnformer_graph_builder_destroy(n.builder);
  return graph;
}

/* ---- the loop */

typedef struct {
  const nnformer_predictor *predictor;
  uint32_t first, end;
  size_t batch;
  double build_s, estimate_s, checksum;
  uint64_t node_count;
} share;

static void *search(void *argument) {
  share *s = argument;
  const size_t platforms = nnformer_predictor_platform_count(s->predictor);
  nnformer_graph **const graphs = malloc(s->batch * sizeof *graphs);
  double *const latency_ms = malloc(s->batch * platforms * sizeof *latency_ms);
  nnformer_error error = NNFORMER_ERROR_INIT;
  nnformer_session *session = NULL;
  uint32_t number = s->first;
  check(nnformer_session_create(&session, s->predictor, 1, &error), &error);
  while (number < s->end) {
    size_t count = 0, g;
    double start = now();
    for (; count < s->batch && number < s->end; number++) {
      nnformer_graph_summary summary = NNFORMER_GRAPH_SUMMARY_INIT;
      /* A step that shares no factor with the 15,625 cells visits each once, in no order of likeness. */
      graphs[count] = build((uint32_t)((uint64_t)number * 7919 % 15625));
      check(nnformer_graph_summarize(graphs[count++], &summary, &error), &error);
      s->node_count += summary.node_count;
    }
    s->build_s += now() - start;
    start = now();
    check(nnformer_session_predict(session, (const nnformer_graph *const *)graphs, count, latency_ms,
                                   count * platforms, &error),
          &error);
    s->estimate_s += now() - start;
    for (g = 0; g < count; g++) {
      s->checksum += latency_ms[g * platforms];
      nnformer_graph_destroy(graphs[g]);
    }
  }
  nnformer_session_destroy(session);
  free(graphs);
  free(latency_ms);
  return NULL;
}

static void measure(const nnformer_predictor *predictor, uint32_t networks, size_t batch, uint32_t threads) {
  share shares[MAXIMUM_THREADS];
  pthread_t handles[MAXIMUM_THREADS];
  const double start = now();
  double build_s = 0, estimate_s = 0;
  uint64_t node_count = 0;
  uint32_t t;
  memset(shares, 0, sizeof shares);
  for (t = 0; t < threads; t++) {
    shares[t].predictor = predictor;
    shares[t].first = networks * t / threads;
    shares[t].end = networks * (t + 1) / threads;
    shares[t].batch = batch;
    if (pthread_create(&handles[t], NULL, search, &shares[t]) != 0) exit(EXIT_FAILURE);
  }
  for (t = 0; t < threads; t++) {
    pthread_join(handles[t], NULL);
    build_s += shares[t].build_s;
    estimate_s += shares[t].estimate_s;
    node_count += shares[t].node_count;
  }
  printf("%u %u %.1f %.6f %.6f %.6f\n", threads, networks, (double)node_count / networks, build_s, estimate_s,
         now() - start);
  fflush(stdout);
}

int main(int argc, char **argv) {
  const uint32_t networks = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 10000;
  const uint32_t rounds = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : 3;
  const size_t batch = argc > 3 ? (size_t)strtoul(argv[3], NULL, 10) : 64;
  nnformer_predictor *predictor = NULL;
  nnformer_error error = NNFORMER_ERROR_INIT;
  uint32_t round, threads;
  check(nnformer_predictor_create(&predictor, &error), &error);
  for (round = 0; round < rounds; round++) {
    for (threads = 1; threads <= MAXIMUM_THREADS; threads++) measure(predictor, networks, batch, threads);
  }
  nnformer_predictor_destroy(predictor);
  return EXIT_SUCCESS;
}
