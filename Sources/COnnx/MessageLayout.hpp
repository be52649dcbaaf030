#pragma once

#include <cstddef>
#include <cstdint>

namespace nnf {

/// The messages of onnx.proto that are read; everything else in a file is left out.
enum class MessageKind : uint8_t {
  model,
  operatorSet,
  graph,
  node,
  attribute,
  tensor,
  sparseTensor,
  value,
  type,
  tensorType,
  shape,
  axis,
  function,
};

/// What a field holds, which decides how it is copied and what it costs in memory.
enum class FieldRole : uint8_t {
  leftOut,
  /// One number.
  number,
  /// Numbers, packed or not.
  numbers,
  /// Numbers whose product is how many elements a tensor has.
  extents,
  text,
  /// Elements of a tensor: left out together with the tensor's other payload fields where they are too large.
  payload,
  message,
};

/// FunctionProto.attribute_proto, default values of attributes: of IR version 9, unknown to the classes of libonnx 1.12.
constexpr uint32_t functionDefaultFieldNumber = 11;

struct FieldLayout {
  uint32_t number;
  FieldRole role;
  /// Of a field whose role is `message`.
  MessageKind child;
};

/// What is read of field `number` of a message. A field that is not read has the role `leftOut`.
FieldLayout fieldLayout(MessageKind kind, uint32_t number);

/// Bytes that the parsed form of one message of that kind takes by itself.
size_t parsedSizeInBytes(MessageKind kind);

}  // namespace nnf
