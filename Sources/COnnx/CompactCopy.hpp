#pragma once

#include <string>

#include "ByteSource.hpp"
#include "COnnx.h"

namespace nnf {

/// A serialized ModelProto that holds what the library reads of `file`, and nothing else.
///
/// Left out: payloads of tensors of more than `limits.elements`, payloads longer than their tensor's elements can be, and
/// every field that MessageLayout does not name. Messages keep the width of their length: it is rewritten in place, padded
/// with continuation bytes where the new length needs fewer.
///
/// Linear in the number of fields; payload bytes are not touched. Needs memory for the copy and one stack frame per
/// level of nesting. Throws ReadingError for a file that is malformed, is no ONNX model, exceeds `limits`, or
/// cannot be read.
std::string compactCopy(ByteSource &file, const nnf_onnx_limits &limits);

}  // namespace nnf
