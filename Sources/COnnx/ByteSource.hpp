#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace nnf {

/// The bytes of a model: somebody's memory, or a regular file, of which a window at a time is read.
///
/// A file is not mapped: payloads are skipped, so that little of it is touched, a read of a page costs less than a fault on
/// it, and a file that somebody truncates meanwhile ends in an error instead of SIGBUS.
class ByteSource {
 public:
  /// Borrows the memory for the lifetime of the object.
  ByteSource(const uint8_t *bytes, size_t count) : window_(bytes), windowEnd_(count), count_(count) {}
  /// Throws ReadingError(NNF_ONNX_INPUT_OUTPUT) for what is missing, unreadable, empty or no regular file.
  explicit ByteSource(const char *path);
  ~ByteSource();
  ByteSource(const ByteSource &) = delete;
  ByteSource &operator=(const ByteSource &) = delete;

  size_t count() const { return count_; }

  /// The byte at `position`, which is below `count`. Throws ReadingError(NNF_ONNX_INPUT_OUTPUT) where a file cannot be read.
  uint8_t operator[](size_t position) {
    if (position < windowStart_ || position >= windowEnd_) moveWindow(position);
    return window_[position - windowStart_];
  }

  /// Appends the bytes of `begin` ..< `end`, which lie within `count`. Throws as the subscript does.
  void append(size_t begin, size_t end, std::string &target);

 private:
  void moveWindow(size_t position);
  /// Reads `size` bytes of the file at `position`.
  void read(size_t position, char *target, size_t size) const;

  /// The bytes of `windowStart_` ..< `windowEnd_`.
  const uint8_t *window_;
  size_t windowStart_ = 0;
  size_t windowEnd_;
  size_t count_;
  /// Of a file only.
  int descriptor_ = -1;
  std::string path_;
  std::vector<uint8_t> buffer_;
};

}  // namespace nnf
