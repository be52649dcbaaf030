// A compiler's use of the library: graphs built node by node, no ONNX file. Finds the widest two-layer network that
// stays within a latency budget: search PLATFORM BUDGET_MS
#include <nnformer.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

// Turns a status into an exception that carries the library's message.
class Call {
 public:
  operator nnformer_error *() { return &error_; }
  void operator<<(nnformer_status status) const {
    if (status != NNFORMER_OK) throw std::runtime_error(error_.message);
  }

 private:
  nnformer_error error_ = NNFORMER_ERROR_INIT;
};

template <auto destroy>
struct Destroy {
  template <typename Handle>
  void operator()(Handle *handle) const {
    destroy(handle);
  }
};
using Predictor = std::unique_ptr<nnformer_predictor, Destroy<nnformer_predictor_destroy>>;
using Graph = std::unique_ptr<nnformer_graph, Destroy<nnformer_graph_destroy>>;
using Builder = std::unique_ptr<nnformer_graph_builder, Destroy<nnformer_graph_builder_destroy>>;

class NetworkBuilder {
 public:
  NetworkBuilder() {
    Call call;
    nnformer_graph_builder *builder = nullptr;
    call << nnformer_graph_builder_create(&builder, 17, call);
    builder_.reset(builder);
    const std::int64_t extents[] = {1, 3, 32, 32};
    call << nnformer_graph_builder_add_input(builder, "x", 1, extents, 4, call);
  }

  // A 3×3 convolution and its activation; returns the name of the result.
  std::string convolution(const std::string &input, std::int64_t inputs, std::int64_t outputs) {
    Call call;
    const std::string name = "conv" + std::to_string(count_++);
    const std::string weight = name + ".weight", result = name + ".relu";
    const std::int64_t extents[] = {outputs, inputs, 3, 3}, pads[] = {1, 1, 1, 1};
    call << nnformer_graph_builder_add_parameter(builder_.get(), weight.c_str(), 1, extents, 4, call);
    add("Conv", {input.c_str(), weight.c_str()}, name);
    call << nnformer_graph_builder_set_ints(builder_.get(), "pads", pads, 4, call);
    add("Relu", {name.c_str()}, result);
    return result;
  }

  Graph finish() const {
    Call call;
    nnformer_graph *graph = nullptr;
    call << nnformer_graph_builder_finish(builder_.get(), &graph, nullptr, call);
    return Graph(graph);
  }

 private:
  void add(const char *operator_name, const std::vector<const char *> &inputs, const std::string &output) {
    Call call;
    const char *outputs[] = {output.c_str()};
    call << nnformer_graph_builder_add_node(builder_.get(), operator_name, inputs.data(), inputs.size(), outputs, 1,
                                            call);
  }

  Builder builder_;
  int count_ = 0;
};

}  // namespace

int main(int argc, char **argv) try {
  if (argc != 3) {
    std::fprintf(stderr, "usage: %s PLATFORM BUDGET_MS\n", argv[0]);
    return 64;
  }
  Call call;
  nnformer_predictor *handle = nullptr;
  call << nnformer_predictor_create(&handle, call);
  const Predictor predictor(handle);
  std::size_t platform = 0;
  call << nnformer_predictor_find_platform(predictor.get(), argv[1], &platform, call);
  const double budget_ms = std::strtod(argv[2], nullptr);

  std::vector<double> latency_ms(nnformer_predictor_platform_count(predictor.get()));
  std::int64_t widest = 0;
  double widest_ms = 0;
  for (std::int64_t width = 8; width <= 256; width += 8) {
    NetworkBuilder network;
    network.convolution(network.convolution("x", 3, width), width, width);
    const Graph graph = network.finish();
    call << nnformer_predict(predictor.get(), graph.get(), latency_ms.data(), latency_ms.size(), call);
    if (latency_ms[platform] <= budget_ms) {
      widest = width;
      widest_ms = latency_ms[platform];
    }
  }
  if (widest == 0) {
    std::printf("no width fits %g ms\n", budget_ms);
    return EXIT_FAILURE;
  }
  std::printf("width %lld: %.4g ms\n", static_cast<long long>(widest), widest_ms);
  return EXIT_SUCCESS;
} catch (const std::exception &failure) {
  std::fprintf(stderr, "%s\n", failure.what());
  return EXIT_FAILURE;
}
