/* Section 7: features and relations are copied whole or not at all. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "expect.h"
#include "small_network.h"

enum { nodes = 5 };

static nnformer_graph *graph;
static nnformer_error error = NNFORMER_ERROR_INIT;

static void names_are_there_and_unique(void) {
  size_t i, j;
  EXPECT(nnformer_feature_schema_version() > 0);
  EXPECT(nnformer_feature_count() > 0 && nnformer_graph_feature_count() > 0);
  for (i = 0; i < nnformer_feature_count(); i++)
    for (j = 0; j < i; j++) EXPECT(strcmp(nnformer_feature_name(i), nnformer_feature_name(j)) != 0);
  for (i = 0; i < nnformer_graph_feature_count(); i++)
    for (j = 0; j < i; j++) EXPECT(strcmp(nnformer_graph_feature_name(i), nnformer_graph_feature_name(j)) != 0);
  EXPECT(nnformer_feature_name(nnformer_feature_count()) == NULL && nnformer_feature_name(SIZE_MAX) == NULL);
  EXPECT(nnformer_graph_feature_name(nnformer_graph_feature_count()) == NULL);
}

typedef nnformer_status copy_function(const nnformer_graph *, float *, size_t, nnformer_error *);

static void features_fill_the_buffer_and_no_more(copy_function *copy, size_t count) {
  float *features = malloc((count + 1) * sizeof *features);
  size_t i, different = 0;
  for (i = 0; i <= count; i++) features[i] = -7;
  EXPECT_STATUS(copy(graph, features, count - 1, &error), NNFORMER_INVALID_ARGUMENT, &error, "features");
  EXPECT_STATUS(copy(graph, features, 0, &error), NNFORMER_INVALID_ARGUMENT, &error, "features");
  EXPECT(features[0] == -7);
  EXPECT_OK(copy(graph, features, count + 1, &error), &error);
  for (i = 0; i < count; i++) {
    EXPECT(isfinite(features[i]) && features[i] != -7);
    different += features[i] != features[0];
  }
  EXPECT(different > 0);
  EXPECT(features[count] == -7);
  free(features);
}

static void a_chain_has_successors_and_predecessors_and_no_siblings(void) {
  uint32_t offsets[nodes + 1], indices[nodes];
  size_t size = 0, i;
  for (i = 0; i < nodes; i++) indices[i] = 99;
  EXPECT_OK(nnformer_graph_relation_size(graph, NNFORMER_RELATION_SUCCESSORS, &size, &error), &error);
  EXPECT(size == nodes - 1);
  EXPECT_OK(nnformer_graph_copy_relation(graph, NNFORMER_RELATION_SUCCESSORS, offsets, nodes + 1, indices, size, &error),
            &error);
  for (i = 0; i < nodes; i++) EXPECT(offsets[i] == i);
  EXPECT(offsets[nodes] == nodes - 1);
  for (i = 0; i + 1 < nodes; i++) EXPECT(indices[i] == i + 1);
  EXPECT(indices[nodes - 1] == 99);
  EXPECT_OK(nnformer_graph_copy_relation(graph, NNFORMER_RELATION_PREDECESSORS, offsets, nodes + 1, indices, nodes, &error),
            &error);
  for (i = 0; i + 1 < nodes; i++) EXPECT(offsets[i + 1] == i && indices[i] == i);
  EXPECT_OK(nnformer_graph_relation_size(graph, NNFORMER_RELATION_CO_CHILDREN, &size, &error), &error);
  EXPECT(size == 0);
  EXPECT_OK(nnformer_graph_copy_relation(graph, NNFORMER_RELATION_CO_PARENTS, offsets, nodes + 1, NULL, 0, &error), &error);
  EXPECT(offsets[nodes] == 0);
}

static void relations_fit_or_are_not_copied(void) {
  uint32_t offsets[nodes + 1] = {99}, indices[nodes] = {99};
  size_t size = 99;
  EXPECT_STATUS(nnformer_graph_copy_relation(graph, 0, offsets, nodes, indices, nodes, &error), NNFORMER_INVALID_ARGUMENT,
                &error, "offsets");
  EXPECT_STATUS(nnformer_graph_copy_relation(graph, 0, offsets, nodes + 1, indices, nodes - 2, &error),
                NNFORMER_INVALID_ARGUMENT, &error, "indices");
  EXPECT_STATUS(nnformer_graph_copy_relation(graph, 0, offsets, nodes + 1, NULL, nodes, &error), NNFORMER_INVALID_ARGUMENT,
                &error, "indices");
  EXPECT_STATUS(nnformer_graph_copy_relation(graph, 4, offsets, nodes + 1, indices, nodes, &error),
                NNFORMER_INVALID_ARGUMENT, &error, "relation 4");
  EXPECT_STATUS(nnformer_graph_relation_size(graph, -1, &size, &error), NNFORMER_INVALID_ARGUMENT, &error, "relation -1");
  EXPECT(offsets[0] == 99 && indices[0] == 99 && size == 99);
}

int main(void) {
  graph = small_network_graph(1);
  names_are_there_and_unique();
  features_fill_the_buffer_and_no_more(nnformer_graph_copy_features, nodes * nnformer_feature_count());
  features_fill_the_buffer_and_no_more(nnformer_graph_copy_graph_features, nnformer_graph_feature_count());
  a_chain_has_successors_and_predecessors_and_no_siblings();
  relations_fit_or_are_not_copied();
  nnformer_graph_destroy(graph);
  return expect_result();
}
