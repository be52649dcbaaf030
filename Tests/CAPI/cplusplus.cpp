// The header in C++17: initialisers, overload-free linkage, handles in smart pointers.
#include <nnformer.h>

#include <memory>
#include <string>
#include <type_traits>
#include <vector>

#include "expect.h"
#include "small_network.h"

namespace {

template <typename Handle, void (*Destroy)(Handle *)>
struct Destroyer {
  void operator()(Handle *handle) const { Destroy(handle); }
};
using Predictor = std::unique_ptr<nnformer_predictor, Destroyer<nnformer_predictor, nnformer_predictor_destroy>>;
using Graph = std::unique_ptr<nnformer_graph, Destroyer<nnformer_graph, nnformer_graph_destroy>>;

// Structures cross the boundary by memcpy, so they must be plain in C++ as well.
static_assert(std::is_trivially_copyable_v<nnformer_error> && std::is_standard_layout_v<nnformer_error>);
static_assert(std::is_trivially_copyable_v<nnformer_platform> && std::is_standard_layout_v<nnformer_platform>);
static_assert(std::is_trivially_copyable_v<nnformer_label_set> && std::is_standard_layout_v<nnformer_label_set>);
static_assert(std::is_trivially_copyable_v<nnformer_graph_options> && std::is_standard_layout_v<nnformer_graph_options>);
static_assert(std::is_trivially_copyable_v<nnformer_node> && std::is_standard_layout_v<nnformer_node>);
static_assert(std::is_trivially_copyable_v<nnformer_tensor_type> && std::is_standard_layout_v<nnformer_tensor_type>);

void initialisers_state_the_size() {
  const nnformer_error error = NNFORMER_ERROR_INIT;
  const nnformer_platform platform = NNFORMER_PLATFORM_INIT;
  const nnformer_label_set label_set = NNFORMER_LABEL_SET_INIT;
  const nnformer_graph_options options = NNFORMER_GRAPH_OPTIONS_INIT;
  const nnformer_graph_summary summary = NNFORMER_GRAPH_SUMMARY_INIT;
  const nnformer_node node = NNFORMER_NODE_INIT;
  const nnformer_tensor_type type = NNFORMER_TENSOR_TYPE_INIT;
  EXPECT(error.struct_size == sizeof error && error.byte_offset == NNFORMER_NO_BYTE_OFFSET);
  EXPECT(platform.struct_size == sizeof platform);
  EXPECT(label_set.struct_size == sizeof label_set);
  EXPECT(options.struct_size == sizeof options);
  EXPECT(summary.struct_size == sizeof summary);
  EXPECT(node.struct_size == sizeof node);
  EXPECT(type.struct_size == sizeof type && type.rank == -1);
}

void strings_live_as_long_as_their_handle() {
  nnformer_error error = NNFORMER_ERROR_INIT;
  nnformer_predictor *handle = nullptr;
  EXPECT_OK(nnformer_predictor_create(&handle, &error), &error);
  const Predictor predictor(handle);
  nnformer_platform first = NNFORMER_PLATFORM_INIT, again = NNFORMER_PLATFORM_INIT;
  EXPECT_OK(nnformer_predictor_get_platform(predictor.get(), 0, &first, &error), &error);
  const std::string id = first.id;
  EXPECT_OK(nnformer_predictor_get_platform(predictor.get(), 0, &again, &error), &error);
  EXPECT(first.id == again.id);  // the same copy, not a new one for each call
  EXPECT(id == first.id);
}

void a_graph_is_predicted() {
  nnformer_error error = NNFORMER_ERROR_INIT;
  nnformer_predictor *handle = nullptr;
  EXPECT_OK(nnformer_predictor_create(&handle, &error), &error);
  const Predictor predictor(handle);
  const Graph graph(small_network_graph(2));
  std::vector<double> latency_ms(nnformer_predictor_platform_count(predictor.get()));
  EXPECT_OK(nnformer_predict(predictor.get(), graph.get(), latency_ms.data(), latency_ms.size(), &error), &error);
  for (const double estimate : latency_ms) EXPECT(estimate > 0);
}

}  // namespace

int main() {
  initialisers_state_the_size();
  strings_live_as_long_as_their_handle();
  a_graph_is_predicted();
  return expect_result();
}
