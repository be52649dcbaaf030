/* Statuses and messages: what every function promises. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "expect.h"

static void versions_agree_with_the_header(void) {
  char version[32];
  snprintf(version, sizeof version, "%d.%d.%d", NNFORMER_VERSION_MAJOR, NNFORMER_VERSION_MINOR, NNFORMER_VERSION_PATCH);
  EXPECT(strcmp(nnformer_version(), version) == 0);
  EXPECT(nnformer_abi_version() == NNFORMER_ABI_VERSION);
}

static void every_status_has_a_name_of_its_own(void) {
  nnformer_status left, right;
  for (left = NNFORMER_OK; left <= NNFORMER_INTERNAL_ERROR; left++)
    for (right = NNFORMER_OK; right < left; right++)
      EXPECT(strcmp(nnformer_status_name(left), nnformer_status_name(right)) != 0);
  EXPECT(strcmp(nnformer_status_name(NNFORMER_INVALID_ARGUMENT), "invalid argument") == 0);
  EXPECT(strcmp(nnformer_status_name(NNFORMER_INTERNAL_ERROR + 1), "unknown status") == 0);
  EXPECT(strcmp(nnformer_status_name(-1), "unknown status") == 0);
  EXPECT(strcmp(nnformer_status_name(INT32_MIN), "unknown status") == 0);
}

static void an_error_structure_is_optional(void) {
  nnformer_graph *graph = NULL;
  EXPECT(nnformer_graph_open(&graph, "/nowhere/model.onnx", NULL, NULL) == NNFORMER_INPUT_OUTPUT);
  EXPECT(graph == NULL);
}

static void failures_say_what_and_where(void) {
  nnformer_graph *graph = NULL;
  nnformer_predictor *predictor = NULL;
  nnformer_error error = NNFORMER_ERROR_INIT;
  EXPECT_STATUS(nnformer_graph_open(&graph, "/nowhere/model.onnx", NULL, &error), NNFORMER_INPUT_OUTPUT, &error,
                "/nowhere/model.onnx");
  EXPECT_STATUS(nnformer_graph_open(&graph, "/", NULL, &error), NNFORMER_INPUT_OUTPUT, &error, "");
  EXPECT_STATUS(nnformer_graph_open(&graph, "\xff.onnx", NULL, &error), NNFORMER_INVALID_ARGUMENT, &error, "UTF-8");
  EXPECT_STATUS(nnformer_graph_parse(&graph, "no protobuf", 11, NULL, &error), NNFORMER_MALFORMED_INPUT, &error, "");
  EXPECT_STATUS(nnformer_graph_parse(&graph, NULL, 0, NULL, &error), NNFORMER_MALFORMED_INPUT, &error, "");
  EXPECT_STATUS(nnformer_graph_parse(&graph, "x", SIZE_MAX, NULL, &error), NNFORMER_LIMIT_EXCEEDED, &error, "size");
  EXPECT(graph == NULL);
  EXPECT_STATUS(nnformer_predictor_open(&predictor, "/nowhere/weights", &error), NNFORMER_INPUT_OUTPUT, &error,
                "/nowhere/weights");
  EXPECT_STATUS(nnformer_predictor_open(&predictor, "/proc/self/exe", &error), NNFORMER_MALFORMED_INPUT, &error, "safetensors");
  EXPECT(predictor == NULL);
}

/* EXPECT_STATUS checks that the message is one line; a terminal must not be steered by the name of a file either. */
static void messages_hold_no_control_characters(void) {
  nnformer_graph *graph = NULL;
  nnformer_error error = NNFORMER_ERROR_INIT;
  EXPECT_STATUS(nnformer_graph_open(&graph, "/nowhere/a\nb\r\x1b[31mc\xc2\x9b", NULL, &error), NNFORMER_INPUT_OUTPUT,
                &error, "a b");
  EXPECT(strchr(error.message, '\x1b') == NULL);
  EXPECT(strstr(error.message, "\xc2\x9b") == NULL);
}

/* A field of 127 bytes, of which none are there. */
static const char truncated[] = {0x08, 0x08, 0x3a, 0x7f};

static void an_error_in_a_file_has_its_place(void) {
  nnformer_graph *graph = NULL;
  nnformer_error error = NNFORMER_ERROR_INIT;
  EXPECT_STATUS(nnformer_graph_parse(&graph, truncated, sizeof truncated, NULL, &error), NNFORMER_MALFORMED_INPUT, &error,
                "at byte 4");
  EXPECT(error.byte_offset == 4);
  EXPECT_STATUS(nnformer_graph_parse(&graph, "no protobuf", 11, NULL, &error), NNFORMER_MALFORMED_INPUT, &error, "text");
  EXPECT(error.byte_offset == 0);
  EXPECT_STATUS(nnformer_graph_open(&graph, "/nowhere/model.onnx", NULL, &error), NNFORMER_INPUT_OUTPUT, &error, "");
  EXPECT(error.byte_offset == NNFORMER_NO_BYTE_OFFSET);
}

static void success_resets_the_error(void) {
  nnformer_graph *graph = NULL;
  nnformer_predictor *predictor = NULL;
  nnformer_error error = NNFORMER_ERROR_INIT;
  EXPECT_STATUS(nnformer_graph_parse(&graph, truncated, sizeof truncated, NULL, &error), NNFORMER_MALFORMED_INPUT, &error, "");
  EXPECT(error.byte_offset == 4);
  EXPECT_OK(nnformer_predictor_create(&predictor, &error), &error);
  EXPECT(error.byte_offset == NNFORMER_NO_BYTE_OFFSET);
  nnformer_predictor_destroy(predictor);
}

int main(void) {
  versions_agree_with_the_header();
  every_status_has_a_name_of_its_own();
  an_error_structure_is_optional();
  failures_say_what_and_where();
  messages_hold_no_control_characters();
  an_error_in_a_file_has_its_place();
  success_resets_the_error();
  return expect_result();
}
