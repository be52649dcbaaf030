#pragma once

#include "ByteView.hpp"

namespace nnf {

/// What a file that is not an ONNX model looks like, as the end of a sentence ("a ZIP archive, ..."), with what to do
/// about it; nullptr when the first bytes say nothing. Static text. Reads at most the first 512 bytes.
const char *recognizedKind(ByteView file);

}  // namespace nnf
