/* A network for the tests: Conv, MaxPool, GlobalAveragePool, Flatten and Gemm over 3×8×8 images. */
#ifndef SMALL_NETWORK_H
#define SMALL_NETWORK_H

#include <nnformer.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Multiply-accumulates for one image: the convolution's 4·3·3·3 for each of 8·8 pixels, and the Gemm's 4·10. */
#define SMALL_NETWORK_MACS (4u * 3 * 3 * 3 * 8 * 8 + 4 * 10)
#define SMALL_NETWORK_PARAMETERS (4u * 3 * 3 * 3 + 4 * 10)

/* A builder that holds the network; the batch axis is open. Names of values start with `prefix`. */
nnformer_graph_builder *small_network_builder(const char *prefix);

/* The network at `batch_size`. */
nnformer_graph *small_network_graph(int64_t batch_size);

/* A platform that was calibrated on networks at NNFORMER_MINIMUM_SAMPLES batch sizes. */
nnformer_calibrated_platform *small_network_platform(const nnformer_predictor *predictor, const char *id);

#ifdef __cplusplus
}
#endif

#endif
