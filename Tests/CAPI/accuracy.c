/* Section 8: lists of cells, and what an accuracy predictor says of them. */
#include <stdlib.h>
#include <string.h>

#include "expect.h"

static const char *const good = "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|skip_connect~0|nor_conv_1x1~1|nor_conv_3x3~2|";
static const char *const bad = "|avg_pool_3x3~0|+|none~0|none~1|+|none~0|avg_pool_3x3~1|none~2|";
static const char *const chain[] = {"input", "conv3x3-bn-relu", "output"};
static const uint8_t chain_matrix[] = {0, 1, 0, 0, 0, 1, 0, 0, 0};

static void cells_are_ranked(void) {
  nnformer_error error = NNFORMER_ERROR_INIT;
  nnformer_accuracy_predictor *predictor = NULL;
  nnformer_cell_list *cells = NULL;
  double percent[2] = {-1, -1};
  size_t dataset = 99;
  EXPECT_OK(nnformer_accuracy_predictor_create(&predictor, &error), &error);
  EXPECT_OK(nnformer_accuracy_predictor_find_dataset(predictor, "nasbench201", "cifar10", &dataset, &error), &error);
  EXPECT_OK(nnformer_cell_list_create(&cells, "nasbench201", &error), &error);
  EXPECT_OK(nnformer_cell_list_add_architecture(cells, bad, &error), &error);
  EXPECT_OK(nnformer_cell_list_add_architecture(cells, good, &error), &error);
  EXPECT(nnformer_cell_list_count(cells) == 2);
  EXPECT_STATUS(nnformer_accuracy_predict(predictor, cells, dataset, percent, 1, &error), NNFORMER_INVALID_ARGUMENT, &error,
                "room for 1");
  EXPECT(percent[0] == -1);
  EXPECT_OK(nnformer_accuracy_predict(predictor, cells, dataset, percent, 2, &error), &error);
  EXPECT(percent[0] > 0 && percent[0] < percent[1] && percent[1] > 90 && percent[1] < 100);
  nnformer_cell_list_destroy(cells);
  nnformer_accuracy_predictor_destroy(predictor);
}

static void datasets_describe_themselves(void) {
  nnformer_error error = NNFORMER_ERROR_INIT;
  nnformer_accuracy_predictor *predictor = NULL;
  size_t index, found;
  EXPECT_OK(nnformer_accuracy_predictor_create(&predictor, &error), &error);
  EXPECT(nnformer_accuracy_predictor_dataset_count(predictor) == 4);
  for (index = 0; index < 4; index++) {
    nnformer_accuracy_dataset dataset = NNFORMER_ACCURACY_DATASET_INIT;
    EXPECT_OK(nnformer_accuracy_predictor_get_dataset(predictor, index, &dataset, &error), &error);
    EXPECT(dataset.quantity[0] && dataset.source[0] && dataset.licence[0]);
    EXPECT(dataset.training_cells > 0 && dataset.validation_cells > 0);
    EXPECT(dataset.kendall_tau > 0 && dataset.kendall_tau < 1);
    EXPECT_OK(nnformer_accuracy_predictor_find_dataset(predictor, dataset.space, dataset.id, &found, &error), &error);
    EXPECT(found == index);
  }
  EXPECT_STATUS(nnformer_accuracy_predictor_get_dataset(predictor, SIZE_MAX, NULL, &error), NNFORMER_INVALID_ARGUMENT, &error,
                "out of range");
  found = 77;
  EXPECT_STATUS(nnformer_accuracy_predictor_find_dataset(predictor, "nasbench201", "mnist", &found, &error), NNFORMER_NOT_FOUND,
                &error, "cifar10, cifar100, imagenet16");
  EXPECT_STATUS(nnformer_accuracy_predictor_find_dataset(predictor, "darts", "cifar10", &found, &error), NNFORMER_NOT_FOUND,
                &error, "nasbench101");
  EXPECT(found == 77);
  nnformer_accuracy_predictor_destroy(predictor);
}

static void hostile_cells_give_errors(void) {
  nnformer_error error = NNFORMER_ERROR_INIT;
  nnformer_cell_list *cells = NULL;
  const char *const holes[] = {"input", NULL, "output"};
  const char *const unknown[] = {"input", "conv9x9", "output"};
  const uint8_t cycle[] = {0, 1, 0, 0, 1, 1, 0, 0, 0}, cut[] = {0, 1, 0, 0, 0, 0, 0, 0, 0};
  EXPECT_STATUS(nnformer_cell_list_create(&cells, "nasbench301", &error), NNFORMER_NOT_FOUND, &error, "nasbench201");
  EXPECT(cells == NULL);
  EXPECT_OK(nnformer_cell_list_create(&cells, "nasbench101", &error), &error);
  EXPECT_STATUS(nnformer_cell_list_add_architecture(cells, good, &error), NNFORMER_INVALID_ARGUMENT, &error, "nasbench101");
  EXPECT_STATUS(nnformer_cell_list_add_matrix(cells, cycle, 3, chain, &error), NNFORMER_MALFORMED_INPUT, &error, "cyclic");
  EXPECT_STATUS(nnformer_cell_list_add_matrix(cells, cut, 3, chain, &error), NNFORMER_MALFORMED_INPUT, &error, "not connected");
  EXPECT_STATUS(nnformer_cell_list_add_matrix(cells, chain_matrix, 3, unknown, &error), NNFORMER_MALFORMED_INPUT, &error,
                "'conv9x9'");
  EXPECT_STATUS(nnformer_cell_list_add_matrix(cells, chain_matrix, 3, holes, &error), NNFORMER_INVALID_ARGUMENT, &error, "NULL");
  EXPECT_STATUS(nnformer_cell_list_add_matrix(cells, chain_matrix, SIZE_MAX, chain, &error), NNFORMER_MALFORMED_INPUT, &error,
                "2 to 7");
  EXPECT_STATUS(nnformer_cell_list_add_matrix(cells, chain_matrix, 0, NULL, &error), NNFORMER_MALFORMED_INPUT, &error, "0 vertices");
  EXPECT(nnformer_cell_list_count(cells) == 0); /* failures change nothing */
  EXPECT_OK(nnformer_cell_list_add_matrix(cells, chain_matrix, 3, chain, &error), &error);
  EXPECT(nnformer_cell_list_count(cells) == 1);
  nnformer_cell_list_destroy(cells);

  EXPECT_OK(nnformer_cell_list_create(&cells, "nasbench201", &error), &error);
  EXPECT_STATUS(nnformer_cell_list_add_architecture(cells, "|conv~0|+|none~0|none~1|+|none~0|none~1|none~2|", &error),
                NNFORMER_MALFORMED_INPUT, &error, "unknown operation 'conv'");
  EXPECT_STATUS(nnformer_cell_list_add_architecture(cells, "\xff", &error), NNFORMER_INVALID_ARGUMENT, &error, "UTF-8");
  EXPECT_STATUS(nnformer_cell_list_add_matrix(cells, chain_matrix, 3, chain, &error), NNFORMER_INVALID_ARGUMENT, &error,
                "nasbench201");
  nnformer_cell_list_destroy(cells);
}

static void cells_are_of_the_datasets_space(void) {
  nnformer_error error = NNFORMER_ERROR_INIT;
  nnformer_accuracy_predictor *predictor = NULL;
  nnformer_cell_list *cells = NULL;
  double percent = -1;
  size_t dataset;
  EXPECT_OK(nnformer_accuracy_predictor_create(&predictor, &error), &error);
  EXPECT_OK(nnformer_accuracy_predictor_find_dataset(predictor, "nasbench201", "cifar100", &dataset, &error), &error);
  EXPECT_OK(nnformer_cell_list_create(&cells, "nasbench101", &error), &error);
  EXPECT_OK(nnformer_cell_list_add_matrix(cells, chain_matrix, 3, chain, &error), &error);
  EXPECT_STATUS(nnformer_accuracy_predict(predictor, cells, dataset, &percent, 1, &error), NNFORMER_INVALID_ARGUMENT, &error,
                "nasbench101");
  EXPECT(percent == -1);
  EXPECT_OK(nnformer_accuracy_predictor_find_dataset(predictor, "nasbench101", "cifar10", &dataset, &error), &error);
  EXPECT_OK(nnformer_accuracy_predict(predictor, cells, dataset, &percent, 1, &error), &error);
  EXPECT(percent > 0 && percent < 100);
  nnformer_cell_list_destroy(cells);
  nnformer_accuracy_predictor_destroy(predictor);
}

/* A list of one chain: a class token, a depth token and three nodes. */
enum { chain_nodes = 5, chain_entries = 10 };

static nnformer_cell_list *chain_list(void) {
  nnformer_error error = NNFORMER_ERROR_INIT;
  nnformer_cell_list *cells = NULL;
  size_t nodes = 0, entries = 0;
  EXPECT_OK(nnformer_cell_list_create(&cells, "nasbench101", &error), &error);
  EXPECT_OK(nnformer_cell_list_add_matrix(cells, chain_matrix, 3, chain, &error), &error);
  EXPECT_OK(nnformer_cell_list_encoding_size(cells, NNFORMER_RELATION_SUCCESSORS, &nodes, &entries, &error), &error);
  EXPECT(nodes == chain_nodes && entries == chain_entries); /* four entries a token, two edges */
  return cells;
}

static void every_node_has_a_row_of_features(void) {
  /* Documentation/Accuracy.md: class token, token of a longest path of two edges, input, conv3x3-bn-relu, output. */
  static const size_t set_feature[chain_nodes] = {8, 9 + 2, 0, 6, 1};
  nnformer_error error = NNFORMER_ERROR_INIT;
  nnformer_cell_list *cells = chain_list();
  const size_t width = nnformer_cell_feature_count(), count = chain_nodes * width;
  float *features = malloc((count + 1) * sizeof *features);
  size_t i;
  EXPECT(nnformer_cell_schema_version() == 1);
  for (i = 0; i <= count; i++) features[i] = -7;
  EXPECT_STATUS(nnformer_cell_list_copy_features(cells, features, count - 1, &error), NNFORMER_INVALID_ARGUMENT, &error, "room");
  for (i = 0; i <= count; i++) EXPECT(features[i] == -7);
  EXPECT_OK(nnformer_cell_list_copy_features(cells, features, count + 1, &error), &error);
  for (i = 0; i < count; i++) EXPECT(features[i] == (i % width == set_feature[i / width]));
  EXPECT(features[count] == -7);
  free(features);
  nnformer_cell_list_destroy(cells);
}

static void relations_fit_or_are_not_copied(void) {
  /* Either token has all others for successors, a node of the chain the next one. */
  static const uint32_t expected_offsets[chain_nodes + 1] = {0, 4, 8, 9, 10, 10};
  static const uint32_t expected_indices[chain_entries] = {1, 2, 3, 4, 0, 2, 3, 4, 3, 4};
  nnformer_error error = NNFORMER_ERROR_INIT;
  nnformer_cell_list *cells = chain_list();
  uint32_t offsets[chain_nodes + 2], indices[chain_entries + 1];
  size_t nodes = 99, entries = 99, i;
  memset(offsets, 0xa5, sizeof offsets);
  memset(indices, 0xa5, sizeof indices);
#define REFUSED(relation, offset_capacity, index_capacity, part)                                                           \
  EXPECT_STATUS(nnformer_cell_list_copy_relation(cells, relation, offsets, offset_capacity, indices, index_capacity, &error), \
                NNFORMER_INVALID_ARGUMENT, &error, part)
  REFUSED(NNFORMER_RELATION_SUCCESSORS, chain_nodes, chain_entries, "offsets has room for 5");
  REFUSED(NNFORMER_RELATION_SUCCESSORS, chain_nodes + 1, chain_entries - 1, "indices has room for 9");
  REFUSED(4, chain_nodes + 1, chain_entries, "relation 4");
#undef REFUSED
  EXPECT_STATUS(nnformer_cell_list_encoding_size(cells, 4, &nodes, &entries, &error), NNFORMER_INVALID_ARGUMENT, &error,
                "relation 4");
  EXPECT(nodes == 99 && entries == 99);
  for (i = 0; i < chain_nodes + 2; i++) EXPECT(offsets[i] == 0xa5a5a5a5);
  for (i = 0; i < chain_entries + 1; i++) EXPECT(indices[i] == 0xa5a5a5a5);
  EXPECT_OK(nnformer_cell_list_copy_relation(cells, NNFORMER_RELATION_SUCCESSORS, offsets, chain_nodes + 2, indices,
                                             chain_entries + 1, &error),
            &error);
  EXPECT(memcmp(offsets, expected_offsets, sizeof expected_offsets) == 0 && offsets[chain_nodes + 1] == 0xa5a5a5a5);
  EXPECT(memcmp(indices, expected_indices, sizeof expected_indices) == 0 && indices[chain_entries] == 0xa5a5a5a5);
  nnformer_cell_list_destroy(cells);
}

static void other_weights_are_refused(void) {
  nnformer_error error = NNFORMER_ERROR_INIT;
  nnformer_accuracy_predictor *predictor = NULL;
  EXPECT_STATUS(nnformer_accuracy_predictor_open(&predictor, "/nonexistent", &error), NNFORMER_INPUT_OUTPUT, &error, "nonexistent");
  EXPECT(predictor == NULL);
}

int main(void) {
  cells_are_ranked();
  datasets_describe_themselves();
  hostile_cells_give_errors();
  cells_are_of_the_datasets_space();
  every_node_has_a_row_of_features();
  relations_fit_or_are_not_copied();
  other_weights_are_refused();
  return expect_result();
}
