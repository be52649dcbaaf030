/* struct_size: the library reads and writes no more than the caller's structures hold. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "expect.h"
#include "small_network.h"

/* Bytes from `start` to the end of a block of `size` all have the value they were filled with. */
static int is_untouched(const unsigned char *block, size_t start, size_t size) {
  for (; start < size; start++)
    if (block[start] != 0xa5) return 0;
  return 1;
}

/* An error structure in exactly `size` bytes of heap, which a sanitizer guards. */
static nnformer_error *short_error(size_t size) {
  const uint32_t struct_size = (uint32_t)size;
  unsigned char *block = malloc(size < sizeof struct_size ? sizeof struct_size : size);
  memset(block, 0xa5, size);
  memcpy(block, &struct_size, sizeof struct_size);
  return (nnformer_error *)(void *)block;
}

static void an_error_is_cut_to_its_size(void) {
  enum { text_size = 12 };
  const size_t size = offsetof(nnformer_error, message) + text_size;
  nnformer_graph *graph = NULL;
  nnformer_error *error = short_error(size);
  EXPECT(nnformer_graph_open(&graph, NULL, NULL, error) == NNFORMER_INVALID_ARGUMENT);
  EXPECT(error->struct_size == size);
  EXPECT(strcmp(error->message, "path is NUL") == 0); /* of "path is NULL", 11 characters fit before the NUL */
  free(error);
}

static void a_message_is_cut_between_characters(void) {
  /* "no platform ü…": ü takes two bytes, of which only the first would fit. */
  const size_t size = offsetof(nnformer_error, message) + strlen("no platform ") + 1 + 1;
  nnformer_predictor *predictor = NULL;
  nnformer_error whole = NNFORMER_ERROR_INIT;
  nnformer_error *error = short_error(size);
  size_t index = 77;
  EXPECT_OK(nnformer_predictor_create(&predictor, &whole), &whole);
  EXPECT(nnformer_predictor_find_platform(predictor, "\xc3\xbc", &index, error) == NNFORMER_NOT_FOUND);
  EXPECT(strcmp(error->message, "no platform ") == 0);
  EXPECT(index == 77);
  free(error);
  nnformer_predictor_destroy(predictor);
}

static void an_error_without_room_for_a_message_is_refused(void) {
  size_t size;
  for (size = sizeof(uint32_t); size <= offsetof(nnformer_error, message); size += sizeof(uint32_t)) {
    nnformer_predictor *predictor = (nnformer_predictor *)&size; /* out-handles become NULL even so */
    nnformer_error *error = short_error(size);
    EXPECT(nnformer_predictor_create(&predictor, error) == NNFORMER_INVALID_ARGUMENT);
    EXPECT(predictor == NULL);
    EXPECT(is_untouched((const unsigned char *)error, sizeof(uint32_t), size));
    free(error);
  }
}

static void a_larger_error_keeps_its_rest(void) {
  struct {
    nnformer_error error;
    unsigned char rest[64];
  } larger;
  nnformer_graph *graph = NULL;
  memset(&larger, 0xa5, sizeof larger);
  larger.error.struct_size = (uint32_t)sizeof larger;
  EXPECT_STATUS(nnformer_graph_open(&graph, NULL, NULL, &larger.error), NNFORMER_INVALID_ARGUMENT, &larger.error, "path");
  EXPECT(is_untouched(larger.rest, 0, sizeof larger.rest));
}

/* Calls `call` with structures of 0, 1 … sizeof - 1 bytes: each is refused by name and left as it is. */
#define SHORT_IS_REFUSED(type, call)                                                                                   \
  do {                                                                                                                 \
    uint32_t size;                                                                                                     \
    for (size = 0; size < sizeof(type); size++) {                                                                      \
      type *target = malloc(sizeof(type));                                                                             \
      memset(target, 0xa5, sizeof(type));                                                                              \
      target->struct_size = size;                                                                                      \
      EXPECT_STATUS(call, NNFORMER_INVALID_ARGUMENT, &error, #type ".struct_size is ");                                 \
      EXPECT(is_untouched((const unsigned char *)target, sizeof(uint32_t), sizeof(type)));                             \
      free(target);                                                                                                    \
    }                                                                                                                  \
  } while (0)

static void short_structures_are_refused(void) {
  nnformer_predictor *predictor = NULL;
  nnformer_graph *graph = small_network_graph(1);
  nnformer_graph *out = NULL;
  nnformer_accuracy_predictor *accuracy = NULL;
  nnformer_explanation *explanation = NULL;
  nnformer_calibrated_platform *platform;
  nnformer_error error = NNFORMER_ERROR_INIT;
  EXPECT_OK(nnformer_predictor_create(&predictor, &error), &error);
  EXPECT_OK(nnformer_accuracy_predictor_create(&accuracy, &error), &error);
  EXPECT_OK(nnformer_explanation_create(&explanation, predictor, graph, 0, &error), &error);
  platform = small_network_platform(predictor, "mine");
  SHORT_IS_REFUSED(nnformer_platform, nnformer_predictor_get_platform(predictor, 0, target, &error));
  SHORT_IS_REFUSED(nnformer_graph_summary, nnformer_graph_summarize(graph, target, &error));
  SHORT_IS_REFUSED(nnformer_node, nnformer_graph_get_node(graph, 0, target, &error));
  SHORT_IS_REFUSED(nnformer_tensor_type, nnformer_graph_get_input_type(graph, 0, 0, target, &error));
  SHORT_IS_REFUSED(nnformer_tensor_type, nnformer_graph_get_output_type(graph, 0, 0, target, &error));
  SHORT_IS_REFUSED(nnformer_graph_options, nnformer_graph_parse(&out, "", 0, target, &error));
  SHORT_IS_REFUSED(nnformer_graph_options, nnformer_graph_open(&out, "x", target, &error));
  EXPECT(out == NULL);
  SHORT_IS_REFUSED(nnformer_label_set, nnformer_predictor_get_label_set(predictor, 0, 0, target, &error));
  SHORT_IS_REFUSED(nnformer_accuracy_dataset, nnformer_accuracy_predictor_get_dataset(accuracy, 0, target, &error));
  SHORT_IS_REFUSED(nnformer_estimate, nnformer_predict_estimates(predictor, graph, target, SIZE_MAX, &error));
  SHORT_IS_REFUSED(nnformer_explanation_summary, nnformer_explanation_summarize(explanation, target, &error));
  SHORT_IS_REFUSED(nnformer_block, nnformer_explanation_get_block(explanation, 0, target, &error));
  SHORT_IS_REFUSED(nnformer_calibration_report, nnformer_calibrated_platform_get_report(platform, target, &error));
  nnformer_calibrated_platform_destroy(platform);
  nnformer_explanation_destroy(explanation);
  nnformer_accuracy_predictor_destroy(accuracy);
  nnformer_graph_destroy(graph);
  nnformer_predictor_destroy(predictor);
}

static void results_of_a_newer_header_keep_their_rest(void) {
  struct {
    nnformer_graph_summary summary;
    unsigned char rest[64];
  } larger;
  nnformer_graph *graph = small_network_graph(1);
  nnformer_error error = NNFORMER_ERROR_INIT;
  memset(&larger, 0xa5, sizeof larger);
  larger.summary.struct_size = (uint32_t)sizeof larger;
  EXPECT_OK(nnformer_graph_summarize(graph, &larger.summary, &error), &error);
  EXPECT(larger.summary.struct_size == sizeof larger);
  EXPECT(larger.summary.parameters == SMALL_NETWORK_PARAMETERS);
  EXPECT(is_untouched(larger.rest, 0, sizeof larger.rest));
  nnformer_graph_destroy(graph);
}

static void options_of_a_newer_header_count_only_where_they_are_zero(void) {
  struct {
    nnformer_graph_options options;
    unsigned char rest[64];
  } larger;
  nnformer_graph_builder *builder = small_network_builder("");
  nnformer_graph *graph = NULL;
  nnformer_error error = NNFORMER_ERROR_INIT;
  memset(&larger, 0, sizeof larger);
  larger.options.struct_size = (uint32_t)sizeof larger;
  larger.options.batch_size = 1;
  EXPECT_OK(nnformer_graph_builder_finish(builder, &graph, &larger.options, &error), &error);
  nnformer_graph_destroy(graph);
  larger.rest[63] = 1;
  EXPECT_STATUS(nnformer_graph_builder_finish(builder, &graph, &larger.options, &error), NNFORMER_INVALID_ARGUMENT,
                &error, "newer");
  larger.options.struct_size = UINT32_MAX; /* nothing may be read that far */
  EXPECT_STATUS(nnformer_graph_builder_finish(builder, &graph, &larger.options, &error), NNFORMER_INVALID_ARGUMENT,
                &error, "struct_size");
  EXPECT(graph == NULL);
  nnformer_graph_builder_destroy(builder);
}

int main(void) {
  an_error_is_cut_to_its_size();
  a_message_is_cut_between_characters();
  an_error_without_room_for_a_message_is_refused();
  a_larger_error_keeps_its_rest();
  short_structures_are_refused();
  results_of_a_newer_header_keep_their_rest();
  options_of_a_newer_header_count_only_where_they_are_zero();
  return expect_result();
}
