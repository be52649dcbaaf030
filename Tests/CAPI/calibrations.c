/* A platform made of measurements, saved, opened again, and used like any other. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "expect.h"
#include "small_network.h"

enum { sample_count = 8 };

static const char *const path = "calibrations_test.nnfp";

/* The last platform of `predictor` estimates what the samples were said to take. */
static void expect_samples(const nnformer_predictor *predictor, nnformer_graph *const *graphs, const double *measured) {
  const size_t count = nnformer_predictor_platform_count(predictor);
  nnformer_error error = NNFORMER_ERROR_INIT;
  double *latency_ms = calloc(count, sizeof *latency_ms);
  size_t i;
  for (i = 0; i < sample_count; i++) {
    EXPECT_OK(nnformer_predict(predictor, graphs[i], latency_ms, count, &error), &error);
    EXPECT(fabs(latency_ms[count - 1] / measured[i] - 1) < 0.02);
  }
  free(latency_ms);
}

/* Seven networks that are much alike tell little after the first of them; the last of the list is far larger. */
static void the_network_unlike_the_others_is_suggested_early(void) {
  nnformer_error error = NNFORMER_ERROR_INIT;
  nnformer_predictor *predictor = NULL;
  nnformer_calibration *calibration = NULL;
  nnformer_graph *graphs[sample_count];
  const nnformer_graph *const *list = (const nnformer_graph *const *)graphs;
  size_t i, chosen[sample_count + 1];
  for (i = 0; i < sample_count; i++) graphs[i] = small_network_graph(i + 1 < sample_count ? 60 + (int64_t)i : 1 << 14);
  EXPECT_OK(nnformer_predictor_create(&predictor, &error), &error);
  EXPECT_OK(nnformer_calibration_create(&calibration, predictor, &error), &error);
  for (i = 0; i <= sample_count; i++) chosen[i] = 77;
  EXPECT(nnformer_calibration_suggest(calibration, list, sample_count, chosen, sample_count + 1, NULL) ==
         NNFORMER_INVALID_ARGUMENT);
  EXPECT(chosen[0] == 77);
  EXPECT_OK(nnformer_calibration_suggest(calibration, list, sample_count, chosen, 3, &error), &error);
  EXPECT(chosen[0] < sample_count && chosen[1] < sample_count && chosen[2] < sample_count);
  EXPECT(chosen[0] != chosen[1] && chosen[1] != chosen[2] && chosen[0] != chosen[2]);
  EXPECT(chosen[0] == sample_count - 1 || chosen[1] == sample_count - 1);
  EXPECT(chosen[3] == 77);
  for (i = 0; i < sample_count; i++) nnformer_graph_destroy(graphs[i]);
  nnformer_calibration_destroy(calibration);
  nnformer_predictor_destroy(predictor);
}

static void a_calibration_outlives_its_predictor(nnformer_graph *const *graphs, const double *measured) {
  nnformer_error error = NNFORMER_ERROR_INIT;
  nnformer_predictor *predictor = NULL, *extended = NULL;
  nnformer_calibration *calibration = NULL;
  nnformer_calibrated_platform *platform = NULL;
  size_t i, chosen = sample_count;
  EXPECT_OK(nnformer_predictor_create(&predictor, &error), &error);
  EXPECT_OK(nnformer_calibration_create(&calibration, predictor, &error), &error);
  nnformer_predictor_destroy(predictor);
  EXPECT_OK(nnformer_calibration_suggest(calibration, (const nnformer_graph *const *)graphs, sample_count, &chosen, 1, &error),
            &error);
  EXPECT(chosen < sample_count);
  for (i = 0; i < sample_count; i++)
    EXPECT_OK(nnformer_calibration_add_sample(calibration, graphs[i], measured[i], &error), &error);
  EXPECT_OK(nnformer_calibration_fit(calibration, "mine", &platform, &error), &error);
  EXPECT_OK(nnformer_predictor_create(&predictor, &error), &error);
  EXPECT_OK(nnformer_predictor_add_platforms(&extended, predictor, (const nnformer_calibrated_platform *const *)&platform, 1,
                                             &error), &error);
  expect_samples(extended, graphs, measured);
  nnformer_predictor_destroy(extended);
  nnformer_predictor_destroy(predictor);
  nnformer_calibrated_platform_destroy(platform);
  nnformer_calibration_destroy(calibration);
}

int main(void) {
  nnformer_error error = NNFORMER_ERROR_INIT;
  nnformer_predictor *predictor = NULL, *extended = NULL, *again = NULL;
  nnformer_calibration *calibration = NULL;
  nnformer_calibrated_platform *platform = NULL, *opened = NULL;
  nnformer_calibration_report report = NNFORMER_CALIBRATION_REPORT_INIT;
  nnformer_graph *graphs[sample_count];
  double measured[sample_count], *latency_ms;
  size_t i, count, index = 0;

  EXPECT_OK(nnformer_predictor_create(&predictor, &error), &error);
  count = nnformer_predictor_platform_count(predictor);
  latency_ms = calloc(count, sizeof *latency_ms);
  EXPECT_OK(nnformer_calibration_create(&calibration, predictor, &error), &error);
  for (i = 0; i < sample_count; i++) {
    graphs[i] = small_network_graph((int64_t)1 << (2 * i));
    EXPECT_OK(nnformer_predict(predictor, graphs[i], latency_ms, count, &error), &error);
    measured[i] = 1.7 * latency_ms[0]; /* a device 1.7 times as slow as a known one */
  }

  /* samples, good and bad */
  for (i = 0; i < sample_count; i++) {
    if (i == 4) EXPECT(nnformer_calibration_fit(calibration, "mine", &platform, NULL) == NNFORMER_INVALID_ARGUMENT);
    EXPECT_OK(nnformer_calibration_add_sample(calibration, graphs[i], measured[i], &error), &error);
  }
  EXPECT(nnformer_calibration_add_sample(calibration, graphs[0], 0, NULL) == NNFORMER_INVALID_ARGUMENT);
  EXPECT(nnformer_calibration_add_sample(calibration, graphs[0], -1, NULL) == NNFORMER_INVALID_ARGUMENT);
  EXPECT(nnformer_calibration_add_sample(calibration, graphs[0], NAN, NULL) == NNFORMER_INVALID_ARGUMENT);
  EXPECT(nnformer_calibration_add_sample(calibration, graphs[0], INFINITY, NULL) == NNFORMER_INVALID_ARGUMENT);
  EXPECT(nnformer_calibration_add_sample(calibration, graphs[0], 2 * measured[0], &error) ==
         NNFORMER_INVALID_ARGUMENT);
  EXPECT(strstr(error.message, "contradicts") != NULL);
  EXPECT_OK(nnformer_calibration_add_sample(calibration, graphs[0], 1.001 * measured[0], &error), &error);

  /* fit, save, open, use */
  EXPECT(nnformer_calibration_fit(calibration, "", &platform, NULL) == NNFORMER_INVALID_ARGUMENT);
  EXPECT_OK(nnformer_calibration_fit(calibration, "mine", &platform, &error), &error);
  EXPECT_OK(nnformer_calibrated_platform_get_report(platform, &report, &error), &error);
  EXPECT(report.sample_count == sample_count && strcmp(report.id, "mine") == 0);
  EXPECT(report.leave_one_out_mape_percent >= 0 && report.leave_one_out_mape_percent < 5);
  EXPECT(report.leave_one_out_spearman > 0.9);
  EXPECT_OK(nnformer_predictor_add_platforms(&extended, predictor,
                                             (const nnformer_calibrated_platform *const *)&platform, 1, &error), &error);
  expect_samples(extended, graphs, measured);
  EXPECT_OK(nnformer_predictor_find_platform(extended, "mine", &index, &error), &error);
  EXPECT(index == count && nnformer_predictor_platform_count(extended) == count + 1);
  EXPECT(nnformer_predictor_add_platforms(&again, extended, (const nnformer_calibrated_platform *const *)&platform, 1,
                                          NULL) == NNFORMER_INVALID_ARGUMENT);
  EXPECT(again == NULL);
  nnformer_predictor_destroy(extended);

  EXPECT(nnformer_calibrated_platform_save(platform, "no such folder/x.nnfp", NULL) == NNFORMER_INPUT_OUTPUT);
  EXPECT_OK(nnformer_calibrated_platform_save(platform, path, &error), &error);
  nnformer_calibrated_platform_destroy(platform);
  EXPECT_OK(nnformer_calibrated_platform_open(&opened, path, &error), &error);
  remove(path);
  EXPECT(nnformer_calibrated_platform_open(&platform, path, NULL) == NNFORMER_INPUT_OUTPUT);
  EXPECT(platform == NULL);
  EXPECT_OK(nnformer_predictor_add_platforms(&extended, predictor,
                                             (const nnformer_calibrated_platform *const *)&opened, 1, &error), &error);
  /* What the new predictor is made of may go before it. */
  nnformer_predictor_destroy(predictor);
  nnformer_calibrated_platform_destroy(opened);
  nnformer_calibration_destroy(calibration);
  expect_samples(extended, graphs, measured);
  nnformer_predictor_destroy(extended);

  a_calibration_outlives_its_predictor(graphs, measured);
  the_network_unlike_the_others_is_suggested_early();
  for (i = 0; i < sample_count; i++) nnformer_graph_destroy(graphs[i]);
  free(latency_ms);
  return expect_result();
}
