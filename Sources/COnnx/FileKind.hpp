#pragma once

#include <cstddef>
#include <string_view>

namespace nnf {

/// What a file that is not an ONNX model looks like by its first `inspectedCount` bytes, as the end of a sentence ("a ZIP
/// archive, ..."), with what to do about it; nullptr when they say nothing. Static text.
const char *recognizedKind(std::string_view firstBytes);

/// How many of a file's bytes `recognizedKind` looks at.
constexpr size_t inspectedCount = 512;

}  // namespace nnf
