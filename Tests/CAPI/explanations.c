/* Explanations: sums over nodes and over blocks are the estimate. */
#include <math.h>
#include <stdlib.h>

#include "expect.h"
#include "small_network.h"

static void nodes_and_blocks_sum_to_the_estimate(const nnformer_predictor *predictor, const nnformer_graph *graph) {
  const size_t count = nnformer_predictor_platform_count(predictor);
  nnformer_error error = NNFORMER_ERROR_INIT;
  double *latency_ms = calloc(count, sizeof *latency_ms);
  size_t platform;
  EXPECT_OK(nnformer_predict(predictor, graph, latency_ms, count, &error), &error);
  for (platform = 0; platform < count; platform++) {
    nnformer_explanation *explanation = NULL;
    nnformer_explanation_summary summary = NNFORMER_EXPLANATION_SUMMARY_INIT;
    double *node_ms, by_node, by_block;
    uint32_t *blocks;
    size_t i, nodes_of_blocks = 0;
    EXPECT_OK(nnformer_explanation_create(&explanation, predictor, graph, platform, &error), &error);
    EXPECT_OK(nnformer_explanation_summarize(explanation, &summary, &error), &error);
    EXPECT(fabs(summary.latency_ms / latency_ms[platform] - 1) < 1e-6);
    EXPECT(summary.fixed_ms >= 0 && summary.node_count == 5);
    node_ms = calloc(summary.node_count, sizeof *node_ms);
    blocks = calloc(summary.node_count, sizeof *blocks);
    EXPECT_OK(nnformer_explanation_copy_nodes(explanation, node_ms, NULL, summary.node_count, &error), &error);
    EXPECT_OK(nnformer_explanation_copy_nodes(explanation, node_ms, blocks, summary.node_count, &error), &error);
    by_node = by_block = summary.fixed_ms;
    for (i = 0; i < summary.node_count; i++) {
      EXPECT(node_ms[i] >= 0 && blocks[i] < summary.block_count);
      by_node += node_ms[i];
    }
    for (i = 0; i < summary.block_count; i++) {
      nnformer_block block = NNFORMER_BLOCK_INIT;
      EXPECT_OK(nnformer_explanation_get_block(explanation, i, &block, &error), &error);
      EXPECT(block.name && block.name[0]);
      by_block += block.latency_ms;
      nodes_of_blocks += block.node_count;
    }
    EXPECT(fabs(by_node / summary.latency_ms - 1) < 1e-12 && fabs(by_block / summary.latency_ms - 1) < 1e-12);
    EXPECT(nodes_of_blocks == summary.node_count);
    EXPECT(nnformer_explanation_copy_nodes(explanation, node_ms, NULL, summary.node_count - 1, NULL) ==
           NNFORMER_INVALID_ARGUMENT);
    {
      nnformer_block block = NNFORMER_BLOCK_INIT;
      EXPECT(nnformer_explanation_get_block(explanation, summary.block_count, &block, NULL) ==
             NNFORMER_INVALID_ARGUMENT);
      EXPECT(nnformer_explanation_get_block(explanation, SIZE_MAX, &block, NULL) == NNFORMER_INVALID_ARGUMENT);
    }
    free(node_ms);
    free(blocks);
    nnformer_explanation_destroy(explanation);
  }
  free(latency_ms);
}

static void platforms_are_checked(const nnformer_predictor *predictor, const nnformer_graph *graph) {
  nnformer_explanation *explanation = (nnformer_explanation *)(void *)&graph;
  EXPECT(nnformer_explanation_create(&explanation, predictor, graph, nnformer_predictor_platform_count(predictor),
                                     NULL) == NNFORMER_INVALID_ARGUMENT);
  EXPECT(explanation == NULL);
  EXPECT(nnformer_explanation_create(&explanation, predictor, graph, SIZE_MAX, NULL) == NNFORMER_INVALID_ARGUMENT);
}

int main(void) {
  nnformer_error error = NNFORMER_ERROR_INIT;
  nnformer_predictor *predictor = NULL;
  nnformer_graph *graph = small_network_graph(2);
  EXPECT_OK(nnformer_predictor_create(&predictor, &error), &error);
  nodes_and_blocks_sum_to_the_estimate(predictor, graph);
  platforms_are_checked(predictor, graph);
  nnformer_graph_destroy(graph);
  nnformer_predictor_destroy(predictor);
  return expect_result();
}
