#pragma once

#include <cstddef>
#include <cstdint>

namespace nnf {

/// Bytes that somebody else owns.
struct ByteView {
  const uint8_t *bytes;
  size_t count;
};

}  // namespace nnf
