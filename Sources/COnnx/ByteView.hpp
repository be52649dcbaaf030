#pragma once

#include <cstddef>
#include <cstdint>

namespace nnf {

/// Bytes that somebody else owns.
struct ByteView {
  const uint8_t *bytes;
  size_t count;
  /// Whether they are the pages of a FileMapping.
  bool isMapping = false;
};

}  // namespace nnf
