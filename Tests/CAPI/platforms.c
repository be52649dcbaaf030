/* Sections 2 and 4: what a predictor says of its platforms, and what it predicts. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "expect.h"
#include "small_network.h"

static void platforms_describe_themselves(const nnformer_predictor *predictor) {
  nnformer_error error = NNFORMER_ERROR_INIT;
  size_t count = nnformer_predictor_platform_count(predictor), index, found, number;
  EXPECT(count > 0);
  for (index = 0; index < count; index++) {
    nnformer_platform platform = NNFORMER_PLATFORM_INIT;
    EXPECT_OK(nnformer_predictor_get_platform(predictor, index, &platform, &error), &error);
    EXPECT(platform.id && platform.device && platform.runtime && platform.precision && platform.source && platform.licence);
    EXPECT(platform.quantity == NNFORMER_QUANTITY_LATENCY || platform.quantity == NNFORMER_QUANTITY_TIME_PER_IMAGE);
    EXPECT_OK(nnformer_predictor_find_platform(predictor, platform.id, &found, &error), &error);
    EXPECT(found == index); /* ids are unique, and lead back */
    for (number = 0; number < platform.label_set_count; number++) {
      nnformer_label_set set = NNFORMER_LABEL_SET_INIT;
      EXPECT_OK(nnformer_predictor_get_label_set(predictor, index, number, &set, &error), &error);
      EXPECT(set.file[0] && set.column[0] && set.family[0]);
      EXPECT(set.mape_percent >= 0);
      EXPECT(set.within_10_percent >= 0 && set.within_10_percent <= 100);
      EXPECT(set.spearman >= -1 && set.spearman <= 1);
    }
  }
}

static void indexes_are_checked(const nnformer_predictor *predictor) {
  static const size_t beyond[] = {0, 1, SIZE_MAX / 2, SIZE_MAX};
  nnformer_platform platform = NNFORMER_PLATFORM_INIT;
  nnformer_label_set set = NNFORMER_LABEL_SET_INIT;
  nnformer_error error = NNFORMER_ERROR_INIT;
  const size_t count = nnformer_predictor_platform_count(predictor);
  size_t i;
  for (i = 0; i < sizeof beyond / sizeof *beyond; i++) {
    const size_t index = beyond[i] > SIZE_MAX - count ? beyond[i] : count + beyond[i];
    EXPECT_STATUS(nnformer_predictor_get_platform(predictor, index, &platform, &error), NNFORMER_INVALID_ARGUMENT, &error,
                  "out of range");
    EXPECT_STATUS(nnformer_predictor_get_label_set(predictor, index, 0, &set, &error), NNFORMER_INVALID_ARGUMENT, &error,
                  "out of range");
  }
  EXPECT(platform.id == NULL && set.file == NULL);
  EXPECT_OK(nnformer_predictor_get_platform(predictor, 0, &platform, &error), &error);
  EXPECT_STATUS(nnformer_predictor_get_label_set(predictor, 0, platform.label_set_count, &set, &error),
                NNFORMER_INVALID_ARGUMENT, &error, "label sets");
}

static void an_unknown_id_names_the_nearest(const nnformer_predictor *predictor) {
  nnformer_platform platform = NNFORMER_PLATFORM_INIT;
  nnformer_error error = NNFORMER_ERROR_INIT;
  size_t index = 77, length = 1 << 20;
  char misspelt[128], *endless = malloc(length + 1);
  EXPECT_OK(nnformer_predictor_get_platform(predictor, 0, &platform, &error), &error);
  EXPECT(strlen(platform.id) + 1 < sizeof misspelt);
  strcpy(misspelt, platform.id);
  strcat(misspelt, "x");
  EXPECT_STATUS(nnformer_predictor_find_platform(predictor, misspelt, &index, &error), NNFORMER_NOT_FOUND, &error,
                platform.id);
  EXPECT_STATUS(nnformer_predictor_find_platform(predictor, "", &index, &error), NNFORMER_NOT_FOUND, &error, "");
  memset(endless, 'x', length); /* a long id costs no more than a short one */
  endless[length] = 0;
  EXPECT_STATUS(nnformer_predictor_find_platform(predictor, endless, &index, &error), NNFORMER_NOT_FOUND, &error, "");
  EXPECT_STATUS(nnformer_predictor_find_platform(predictor, "\xff", &index, &error), NNFORMER_INVALID_ARGUMENT, &error,
                "UTF-8");
  EXPECT(index == 77);
  free(endless);
}

static void estimates_fill_the_buffer_and_no_more(const nnformer_predictor *predictor) {
  const size_t count = nnformer_predictor_platform_count(predictor);
  double *latency_ms = malloc((count + 1) * sizeof *latency_ms);
  nnformer_graph *graph = small_network_graph(1);
  nnformer_error error = NNFORMER_ERROR_INIT;
  size_t i;
  for (i = 0; i <= count; i++) latency_ms[i] = -7;
  EXPECT_STATUS(nnformer_predict(predictor, graph, latency_ms, count - 1, &error), NNFORMER_INVALID_ARGUMENT, &error,
                "latency_ms");
  EXPECT(latency_ms[0] == -7);
  EXPECT_OK(nnformer_predict(predictor, graph, latency_ms, count + 1, &error), &error);
  for (i = 0; i < count; i++) EXPECT(isfinite(latency_ms[i]) && latency_ms[i] > 0);
  EXPECT(latency_ms[count] == -7);
  nnformer_graph_destroy(graph);
  free(latency_ms);
}

/* Whether NNFORMER_PRECISION_FAST has instructions to use: AVX-512 with VNNI, all of it that the library asks for. */
static int has_8_bit_products(void) {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("avx512f") &&
         __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512vnni");
#else
  return 0;
#endif
}

static void fast_estimates_are_near_and_not_the_same(const nnformer_predictor *predictor) {
  const size_t count = nnformer_predictor_platform_count(predictor);
  double *exact_ms = malloc(count * sizeof *exact_ms), *fast_ms = malloc(count * sizeof *fast_ms);
  nnformer_graph *graph = small_network_graph(1);
  nnformer_predictor *same = NULL, *fast = NULL;
  nnformer_error error = NNFORMER_ERROR_INIT;
  size_t i;
  EXPECT_OK(nnformer_predict(predictor, graph, exact_ms, count, &error), &error);
  EXPECT_OK(nnformer_predictor_open_in_precision(&same, NULL, NNFORMER_PRECISION_DEFAULT, &error), &error);
  EXPECT_OK(nnformer_predict(same, graph, fast_ms, count, &error), &error);
  EXPECT(memcmp(exact_ms, fast_ms, count * sizeof *exact_ms) == 0);
  EXPECT_OK(nnformer_predictor_open_in_precision(&fast, NULL, NNFORMER_PRECISION_FAST, &error), &error);
  EXPECT(nnformer_predictor_platform_count(fast) == count);
  EXPECT_OK(nnformer_predict(fast, graph, fast_ms, count, &error), &error);
  /* Of a network like none of training: those are nearer. */
  for (i = 0; i < count; i++) EXPECT(fabs(fast_ms[i] / exact_ms[i] - 1) < 0.05);
  EXPECT((memcmp(exact_ms, fast_ms, count * sizeof *exact_ms) != 0) == has_8_bit_products());
  nnformer_predictor_destroy(fast);
  EXPECT_STATUS(nnformer_predictor_open_in_precision(&fast, NULL, 7, &error), NNFORMER_INVALID_ARGUMENT, &error,
                "precision is 7");
  EXPECT(fast == NULL);
  EXPECT_STATUS(nnformer_predictor_open_in_precision(&fast, "/nowhere/weights", NNFORMER_PRECISION_FAST, &error),
                NNFORMER_INPUT_OUTPUT, &error, "/nowhere/weights");
  nnformer_predictor_destroy(same);
  nnformer_graph_destroy(graph);
  free(exact_ms);
  free(fast_ms);
}

int main(void) {
  nnformer_predictor *predictor = NULL;
  nnformer_error error = NNFORMER_ERROR_INIT;
  EXPECT_OK(nnformer_predictor_create(&predictor, &error), &error);
  platforms_describe_themselves(predictor);
  indexes_are_checked(predictor);
  an_unknown_id_names_the_nearest(predictor);
  estimates_fill_the_buffer_and_no_more(predictor);
  fast_estimates_are_near_and_not_the_same(predictor);
  nnformer_predictor_destroy(predictor);
  return expect_result();
}
