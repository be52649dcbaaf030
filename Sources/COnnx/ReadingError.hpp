#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

#include "COnnx.h"

namespace nnf {

/// Why a file could not be read. Thrown inside this module only; the C functions turn it into an nnf_onnx_error.
class ReadingError : public std::runtime_error {
 public:
  /// `code` is one of NNF_ONNX_..., `message` one line, `byteOffset` a position in the file.
  ReadingError(int32_t code, const std::string &message, uint64_t byteOffset = NNF_ONNX_NO_BYTE_OFFSET)
      : std::runtime_error(message), code(code), byteOffset(byteOffset) {}

  const int32_t code;
  const uint64_t byteOffset;
};

}  // namespace nnf
