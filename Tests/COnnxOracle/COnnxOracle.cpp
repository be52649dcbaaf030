#include "COnnxOracle.h"

#include <onnx/defs/schema.h>
#include <onnx/onnx_pb.h>
#include <onnx/shape_inference/implementation.h>

#include <exception>
#include <memory>
#include <string>
#include <unordered_map>

struct oracle_model {
  std::unordered_map<std::string, oracle_type> types;
};

namespace {

constexpr oracle_type unknownType = {0, -1, {}};

oracle_type makeType(const onnx::TypeProto &proto) {
  oracle_type type = unknownType;
  if (!proto.has_tensor_type()) return type;
  type.element_type = proto.tensor_type().elem_type();
  const onnx::TensorShapeProto &shape = proto.tensor_type().shape();
  if (!proto.tensor_type().has_shape() || shape.dim_size() > ORACLE_RANK_LIMIT) return type;
  type.rank = shape.dim_size();
  for (int axis = 0; axis < shape.dim_size(); ++axis) {
    type.extents[axis] = shape.dim(axis).has_dim_value() ? shape.dim(axis).dim_value() : ORACLE_UNKNOWN_EXTENT;
  }
  return type;
}

void closeAxes(onnx::GraphProto &graph, int64_t extent) {
  for (onnx::ValueInfoProto &input : *graph.mutable_input()) {
    if (!input.type().tensor_type().has_shape()) continue;
    for (auto &axis : *input.mutable_type()->mutable_tensor_type()->mutable_shape()->mutable_dim()) {
      if (!axis.has_dim_value()) axis.set_dim_value(extent);
    }
  }
}

}  // namespace

oracle_model *oracle_infer(const void *bytes, size_t count, int64_t open_extent) {
  try {
    onnx::ModelProto model;
    if (!model.ParseFromArray(bytes, static_cast<int>(count))) return nullptr;
    onnx::GraphProto &graph = *model.mutable_graph();
    closeAxes(graph, open_extent);
    // What the exporter states must not stand in for what libonnx infers.
    graph.clear_value_info();
    for (onnx::ValueInfoProto &output : *graph.mutable_output()) {
      if (output.type().has_tensor_type()) output.mutable_type()->mutable_tensor_type()->clear_shape();
    }
    const onnx::ShapeInferenceOptions options(false, 0, true);
    onnx::shape_inference::InferShapes(model, onnx::OpSchemaRegistry::Instance(), options);

    auto result = std::make_unique<oracle_model>();
    for (const auto &value : graph.value_info()) result->types[value.name()] = makeType(value.type());
    for (const auto &value : graph.output()) result->types[value.name()] = makeType(value.type());
    return result.release();
  } catch (const std::exception &) {
    return nullptr;
  }
}

void oracle_free(oracle_model *model) { delete model; }

oracle_type oracle_value_type(const oracle_model *model, const char *name) {
  const auto found = model->types.find(name);
  return found == model->types.end() ? unknownType : found->second;
}
