#pragma once

#include <string>

#include "ByteView.hpp"
#include "COnnx.h"

namespace nnf {

/// A serialized ModelProto that holds what the library reads of `file`, and nothing else.
///
/// Left out: payloads of tensors above `limits.payload_bytes`, and every field that MessageLayout does not name. Messages
/// keep the width of their length: it is rewritten in place, padded with continuation bytes where the new length needs fewer.
///
/// Linear in the number of fields; payload bytes are not touched. Needs memory for the copy and one stack frame per
/// level of nesting. Throws ReadingError for a file that is malformed, is no ONNX model, or exceeds `limits`.
std::string compactCopy(ByteView file, const nnf_onnx_limits &limits);

}  // namespace nnf
