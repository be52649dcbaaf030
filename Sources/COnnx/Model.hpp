#pragma once

#include <onnx/onnx_pb.h>

#include <vector>

/// A function and its attributes' defaults, which the classes of libonnx 1.12 keep as an unknown field.
struct FunctionWithDefaults {
  const onnx::FunctionProto *function;
  std::vector<onnx::AttributeProto> defaults;
};

struct nnf_onnx_model {
  onnx::ModelProto message;
  std::vector<FunctionWithDefaults> functions;
};
