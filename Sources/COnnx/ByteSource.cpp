#include "ByteSource.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "ReadingError.hpp"

namespace nnf {
namespace {

/// After a jump, which mostly leads to the head of the next tensor, little is read; in sequence, much.
constexpr size_t jumpInBytes = 512, sequenceInBytes = 1 << 16;

/// `error` is a value of errno. std::error_code words it without strerror's shared buffer.
[[noreturn]] void throwSystemError(const char *action, const std::string &path, int error) {
  throw ReadingError(NNF_ONNX_INPUT_OUTPUT,
                     std::string("cannot ") + action + " '" + path + "': " + std::generic_category().message(error));
}

/// The size of what is open, which has to be a regular file that holds something.
size_t checkedSize(int descriptor, const std::string &path) {
  struct stat status;
  if (fstat(descriptor, &status) != 0) throwSystemError("examine", path, errno);
  if (S_ISDIR(status.st_mode)) {
    throw ReadingError(NNF_ONNX_INPUT_OUTPUT, "'" + path + "' is a directory; give the path of an .onnx file");
  }
  if (!S_ISREG(status.st_mode)) {
    throw ReadingError(NNF_ONNX_INPUT_OUTPUT,
                       "'" + path + "' is not a regular file; read it into memory and pass the bytes instead");
  }
  if (status.st_size <= 0) throw ReadingError(NNF_ONNX_INPUT_OUTPUT, "'" + path + "' is empty", 0);
  return static_cast<size_t>(status.st_size);
}

}  // namespace

ByteSource::ByteSource(const char *path) : window_(nullptr), windowEnd_(0), count_(0), path_(path) {
  // Without O_NONBLOCK, opening a named pipe that nobody writes to would never return.
  descriptor_ = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor_ < 0) throwSystemError("open", path_, errno);
  try {
    count_ = checkedSize(descriptor_, path_);
    buffer_.resize(std::min(sequenceInBytes, count_));
  } catch (...) {
    close(descriptor_);
    throw;
  }
}

ByteSource::~ByteSource() {
  if (descriptor_ >= 0) close(descriptor_);
}

void ByteSource::append(size_t begin, size_t end, std::string &target) {
  if (begin >= windowStart_ && end <= windowEnd_) {
    target.append(reinterpret_cast<const char *>(window_) + (begin - windowStart_), end - begin);
    return;
  }
  const size_t previous = target.size();
  target.resize(previous + (end - begin));
  read(begin, target.data() + previous, end - begin);
}

void ByteSource::moveWindow(size_t position) {
  const size_t wanted = position == windowEnd_ ? sequenceInBytes : jumpInBytes;
  const size_t size = std::min({wanted, buffer_.size(), count_ - position});
  // Until it is filled, the window holds nothing.
  windowStart_ = windowEnd_ = position;
  read(position, reinterpret_cast<char *>(buffer_.data()), size);
  window_ = buffer_.data();
  windowEnd_ = position + size;
}

void ByteSource::read(size_t position, char *target, size_t size) const {
  while (size > 0) {
    const ssize_t found = pread(descriptor_, target, size, static_cast<off_t>(position));
    if (found < 0 && errno == EINTR) continue;
    if (found < 0) throwSystemError("read", path_, errno);
    if (found == 0) {
      throw ReadingError(NNF_ONNX_INPUT_OUTPUT, "cannot read '" + path_ + "': it was truncated while it was read", position);
    }
    position += static_cast<size_t>(found);
    target += found;
    size -= static_cast<size_t>(found);
  }
}

}  // namespace nnf
