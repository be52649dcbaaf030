#pragma once

#include "ByteView.hpp"

namespace nnf {

/// A regular file mapped read-only for the lifetime of the object. Pages are read when they are touched.
class FileMapping {
 public:
  /// Throws ReadingError(NNF_ONNX_INPUT_OUTPUT) for what is missing, unreadable, empty or no regular file.
  explicit FileMapping(const char *path);
  ~FileMapping();
  FileMapping(const FileMapping &) = delete;
  FileMapping &operator=(const FileMapping &) = delete;

  ByteView view() const { return {static_cast<const uint8_t *>(address_), count_, true}; }

 private:
  void *address_;
  size_t count_;
};

/// Takes the pages that lie within `begin` ..< `end` of a mapping out of the process's memory, where the system had put
/// them along with those that were read. They come back when they are read again.
void releasePages(ByteView mapping, size_t begin, size_t end);

}  // namespace nnf
