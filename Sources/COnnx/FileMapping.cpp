#include "FileMapping.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

#include "ReadingError.hpp"

namespace nnf {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int number) : number(number) {}
  ~Descriptor() {
    if (number >= 0) close(number);
  }
  Descriptor(const Descriptor &) = delete;
  Descriptor &operator=(const Descriptor &) = delete;

  const int number;
};

/// `error` is a value of errno. std::error_code words it without strerror's shared buffer.
[[noreturn]] void throwSystemError(const char *action, const std::string &path, int error) {
  throw ReadingError(NNF_ONNX_INPUT_OUTPUT,
                     std::string("cannot ") + action + " '" + path + "': " + std::generic_category().message(error));
}

}  // namespace

FileMapping::FileMapping(const char *path) : address_(nullptr), count_(0) {
  const std::string name(path);
  // Without O_NONBLOCK, opening a named pipe that nobody writes to would never return.
  const Descriptor file(open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.number < 0) throwSystemError("open", name, errno);

  struct stat status;
  if (fstat(file.number, &status) != 0) throwSystemError("examine", name, errno);
  if (S_ISDIR(status.st_mode)) {
    throw ReadingError(NNF_ONNX_INPUT_OUTPUT, "'" + name + "' is a directory; give the path of an .onnx file");
  }
  if (!S_ISREG(status.st_mode)) {
    throw ReadingError(NNF_ONNX_INPUT_OUTPUT,
                       "'" + name + "' is not a regular file; read it into memory and pass the bytes instead");
  }
  if (status.st_size <= 0) throw ReadingError(NNF_ONNX_INPUT_OUTPUT, "'" + name + "' is empty", 0);

  const auto count = static_cast<size_t>(status.st_size);
  void *address = mmap(nullptr, count, PROT_READ, MAP_PRIVATE, file.number, 0);
  if (address == MAP_FAILED) throwSystemError("map", name, errno);
  address_ = address;
  count_ = count;
}

FileMapping::~FileMapping() {
  if (address_ != nullptr) munmap(address_, count_);
}

void releasePages(ByteView mapping, size_t begin, size_t end) {
  const auto pageSize = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  const size_t first = (begin + pageSize - 1) / pageSize * pageSize, last = end / pageSize * pageSize;
  // Advice: whether it is taken makes no difference to what is read.
  if (first < last) madvise(const_cast<uint8_t *>(mapping.bytes) + first, last - first, MADV_DONTNEED);
}

}  // namespace nnf
