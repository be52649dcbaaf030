/* Sessions: many graphs in one call, the same bits as one by one, and no allocation once memory has grown. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "expect.h"
#include "small_network.h"

enum { graph_count = 40, thread_counts = 3 };

/* ---- allocations of this process, the library's among them, are counted whichever way they are made */

#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__)
#define COUNTS_ALLOCATIONS 1
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *memory, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);
static volatile size_t allocation_count;

void *malloc(size_t size) {
  allocation_count++;
  return __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
  allocation_count++;
  return __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size) {
  allocation_count++;
  return __libc_realloc(memory, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
  allocation_count++;
  return __libc_memalign(alignment, size);
}

int posix_memalign(void **memory, size_t alignment, size_t size) {
  allocation_count++;
  *memory = __libc_memalign(alignment, size);
  return *memory ? 0 : ENOMEM;
}
#else
#define COUNTS_ALLOCATIONS 0
static size_t allocation_count;
#endif

typedef struct fixture {
  nnformer_predictor *predictor;
  nnformer_graph *graphs[graph_count];
  size_t platform_count, estimate_count;
  double *alone, *together;
} fixture;

/* The weights inside, and a platform that was calibrated: its estimates are made of the others'. */
static nnformer_predictor *make_predictor(void) {
  nnformer_error error = NNFORMER_ERROR_INIT;
  nnformer_predictor *inside = NULL, *extended = NULL;
  nnformer_calibrated_platform *platform;
  EXPECT_OK(nnformer_predictor_create(&inside, &error), &error);
  platform = small_network_platform(inside, "mine");
  EXPECT_OK(nnformer_predictor_add_platforms(&extended, inside, (const nnformer_calibrated_platform *const *)&platform, 1,
                                             &error), &error);
  nnformer_calibrated_platform_destroy(platform);
  nnformer_predictor_destroy(inside);
  return extended;
}

static fixture make_fixture(void) {
  fixture f = {0};
  nnformer_error error = NNFORMER_ERROR_INIT;
  size_t g;
  f.predictor = make_predictor();
  f.platform_count = nnformer_predictor_platform_count(f.predictor);
  f.estimate_count = graph_count * f.platform_count;
  f.alone = malloc(f.estimate_count * sizeof *f.alone);
  f.together = malloc(f.estimate_count * sizeof *f.together);
  for (g = 0; g < graph_count; g++) {
    f.graphs[g] = small_network_graph(1 + (int64_t)g % 7);
    EXPECT_OK(nnformer_predict(f.predictor, f.graphs[g], f.alone + g * f.platform_count, f.platform_count, &error),
              &error);
  }
  return f;
}

static nnformer_session *make_session(const fixture *f, size_t thread_count) {
  nnformer_session *session = NULL;
  nnformer_error error = NNFORMER_ERROR_INIT;
  EXPECT_OK(nnformer_session_create(&session, f->predictor, thread_count, &error), &error);
  return session;
}

static nnformer_status predict_all(nnformer_session *session, const fixture *f, nnformer_error *error) {
  return nnformer_session_predict(session, (const nnformer_graph *const *)f->graphs, graph_count, f->together,
                                  f->estimate_count, error);
}

static void batches_give_the_bits_of_graphs_alone(const fixture *f) {
  const size_t thread_count[thread_counts] = {1, 2, 5};
  nnformer_error error = NNFORMER_ERROR_INIT;
  int i;
  for (i = 0; i < thread_counts; i++) {
    nnformer_session *session = make_session(f, thread_count[i]);
    memset(f->together, 0, f->estimate_count * sizeof *f->together);
    EXPECT_OK(predict_all(session, f, &error), &error);
    EXPECT(memcmp(f->together, f->alone, f->estimate_count * sizeof *f->together) == 0);
    nnformer_session_destroy(session);
  }
}

static void later_calls_allocate_nothing(const fixture *f) {
  nnformer_error error = NNFORMER_ERROR_INIT;
  nnformer_session *session = make_session(f, 1);
  size_t before = allocation_count, g;
  EXPECT_OK(predict_all(session, f, &error), &error);
  EXPECT(!COUNTS_ALLOCATIONS || allocation_count > before);
  before = allocation_count;
  EXPECT_OK(predict_all(session, f, &error), &error);
  for (g = 0; g < graph_count; g++) {
    EXPECT_OK(nnformer_session_predict(session, (const nnformer_graph *const *)&f->graphs[g], 1, f->together,
                                       f->platform_count, &error),
              &error);
  }
  EXPECT(allocation_count == before);
  nnformer_session_destroy(session);
}

static void a_session_outlives_its_predictor(const fixture *f) {
  nnformer_error error = NNFORMER_ERROR_INIT;
  nnformer_predictor *predictor = make_predictor();
  nnformer_session *session = NULL;
  EXPECT_OK(nnformer_session_create(&session, predictor, 2, &error), &error);
  nnformer_predictor_destroy(predictor);
  memset(f->together, 0, f->estimate_count * sizeof *f->together);
  EXPECT_OK(predict_all(session, f, &error), &error);
  EXPECT(memcmp(f->together, f->alone, f->estimate_count * sizeof *f->together) == 0);
  nnformer_session_destroy(session);
}

static void misuse_is_refused_and_writes_nothing(const fixture *f) {
  nnformer_error error = NNFORMER_ERROR_INIT;
  nnformer_session *session = make_session(f, 1);
  nnformer_session *other = NULL;
  const nnformer_graph *graphs[2] = {NULL, NULL};
  double latency_ms[64];
  graphs[0] = f->graphs[0];
  latency_ms[0] = -1;
#define REFUSED(call, part) EXPECT_STATUS(call, NNFORMER_INVALID_ARGUMENT, &error, part)
  REFUSED(nnformer_session_create(&other, f->predictor, 0, &error), "thread_count is 0");
  REFUSED(nnformer_session_create(&other, f->predictor, NNFORMER_MAXIMUM_THREAD_COUNT + 1, &error), "thread_count");
  EXPECT(other == NULL);
  REFUSED(nnformer_session_predict(session, graphs, 1, latency_ms, 1, &error), "latency_ms has room for 1");
  REFUSED(nnformer_session_predict(session, graphs, 2, latency_ms, 64, &error), "an element of graphs is NULL");
  EXPECT_STATUS(nnformer_session_predict(session, graphs, SIZE_MAX, latency_ms, 64, &error), NNFORMER_LIMIT_EXCEEDED,
                &error, "graph_count");
  EXPECT(latency_ms[0] == -1);
  EXPECT_OK(nnformer_session_predict(session, NULL, 0, NULL, 0, &error), &error);
  nnformer_session_destroy(session);
}

int main(void) {
  fixture f = make_fixture();
  size_t g;
  batches_give_the_bits_of_graphs_alone(&f);
  later_calls_allocate_nothing(&f);
  a_session_outlives_its_predictor(&f);
  misuse_is_refused_and_writes_nothing(&f);
  for (g = 0; g < graph_count; g++) nnformer_graph_destroy(f.graphs[g]);
  free(f.alone);
  free(f.together);
  nnformer_predictor_destroy(f.predictor);
  return expect_result();
}
