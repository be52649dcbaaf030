#include "CompactCopy.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "FileKind.hpp"
#include "MessageLayout.hpp"
#include "WireReader.hpp"

namespace nnf {
namespace {

/// What the parsed structure takes per item beyond its own bytes: an allocation's header, a pointer to it, and the spare
/// capacity of the array that holds the pointer.
constexpr size_t overheadInBytes = 32;
/// Parsed size of a byte of packed numbers: one byte is at best one 64-bit element, in an array that grows by doubling.
constexpr size_t parsedBytesPerPackedByte = 16;

/// A negative number is a varint of ten bytes.
constexpr size_t longestElementInBytes = 10;

/// A message that has been entered and not yet left.
struct OpenMessage {
  MessageKind kind;
  /// Of the message, in the file.
  size_t end;
  /// Of the length and of the content, in the copy. They are equal for the outermost message, which has no length.
  size_t lengthStart;
  size_t contentStart;
  bool leavesOutPayload;
};

class Compaction {
 public:
  Compaction(ByteSource &file, const nnf_onnx_limits &limits) : reader_(file), limits_(limits) {}

  std::string run() {
    open_.push_back({MessageKind::model, reader_.file().count(), 0, 0, false});
    while (!open_.empty()) {
      if (position_ == open_.back().end) {
        leave();
      } else {
        step();
      }
    }
    if (!hasGraph_) throw ReadingError(NNF_ONNX_MALFORMED_INPUT, "holds no graph", reader_.file().count());
    return std::move(copy_);
  }

  /// Whether a complete graph has been found: the file is ONNX then, whatever else is wrong with it.
  bool hasGraph() const { return hasGraph_; }

 private:
  /// Copies, enters or leaves out the field at the current position.
  void step() {
    const OpenMessage &message = open_.back();
    const WireField field = reader_.field(position_, message.end, open_.size() == 1);
    const FieldLayout layout = fieldLayout(message.kind, field.number);
    const bool isDelimited = field.type == WireType::lengthDelimited;
    const size_t contentCount = field.end - field.contentStart;
    position_ = field.end;
    switch (layout.role) {
      case FieldRole::leftOut: break;
      case FieldRole::number:
        if (!isDelimited) keep(field, overheadInBytes);
        break;
      case FieldRole::numbers:
      case FieldRole::extents:
        keep(field, isDelimited ? saturatingProduct(contentCount, parsedBytesPerPackedByte) : overheadInBytes);
        break;
      case FieldRole::text:
        if (isDelimited) keep(field, saturatingSum(contentCount, sizeof(std::string) + overheadInBytes));
        break;
      case FieldRole::payload:
        if (!message.leavesOutPayload) keep(field, saturatingProduct(field.end - field.start, parsedBytesPerPackedByte));
        break;
      case FieldRole::message:
        if (isDelimited) enter(field, layout.child);
        break;
    }
  }

  void keep(const WireField &field, size_t parsedSize) {
    charge(parsedSize);
    append(field.start, field.end);
  }

  void enter(const WireField &field, MessageKind kind) {
    charge(parsedSizeInBytes(kind) + overheadInBytes);
    if (kind == MessageKind::node && ++nodeCount_ > limits_.nodes) {
      throw ReadingError(NNF_ONNX_LIMIT_EXCEEDED, "has more than " + std::to_string(limits_.nodes) + " nodes", field.start);
    }
    // The main graph is not nested in another; functions have none.
    if (kind == MessageKind::graph && ++openGraphCount_ > limits_.nesting + 1) {
      throw ReadingError(NNF_ONNX_LIMIT_EXCEEDED,
                         "nests subgraphs more than " + std::to_string(limits_.nesting) + " deep", field.start);
    }
    const bool leavesOutPayload = kind == MessageKind::tensor && payloadIsUseless(field);
    append(field.start, field.contentStart);
    const size_t lengthWidth = field.contentStart - field.valueStart;
    open_.push_back({kind, field.end, copy_.size() - lengthWidth, copy_.size(), leavesOutPayload});
    position_ = field.contentStart;
  }

  void leave() {
    const OpenMessage message = open_.back();
    open_.pop_back();
    if (message.kind == MessageKind::graph) {
      --openGraphCount_;
      if (open_.size() == 1) hasGraph_ = true;
    }
    if (message.lengthStart < message.contentStart) rewriteLength(message);
  }

  /// Stores the length of what was copied, seven bits a byte, in as many bytes as the file's length took. The new
  /// length is no larger, so it fits.
  void rewriteLength(const OpenMessage &message) {
    size_t length = copy_.size() - message.contentStart;
    for (size_t index = message.lengthStart; index < message.contentStart; ++index) {
      const bool isLast = index + 1 == message.contentStart;
      copy_[index] = static_cast<char>((length & 0x7f) | (isLast ? 0 : 0x80));
      length >>= 7;
    }
  }

  /// Whether the tensor has more elements than are of use, or a payload that cannot be that of its elements.
  bool payloadIsUseless(const WireField &tensor) const {
    size_t payloadSize = 0, elementCount = 1;
    for (size_t position = tensor.contentStart; position < tensor.end;) {
      const WireField field = reader_.field(position, tensor.end, false);
      const FieldLayout layout = fieldLayout(MessageKind::tensor, field.number);
      if (layout.role == FieldRole::payload) payloadSize += field.end - field.contentStart;
      // One extent, or packed ones.
      if (layout.role == FieldRole::extents && (field.type == WireType::varint || field.type == WireType::lengthDelimited)) {
        for (size_t start = field.contentStart; start < field.end;) {
          elementCount = saturatingProduct(elementCount, static_cast<size_t>(reader_.number(start, field)));
        }
      }
      position = field.end;
    }
    return elementCount > limits_.elements || payloadSize > saturatingProduct(elementCount, longestElementInBytes);
  }

  /// Counts what the parsed form will take, before it is made.
  void charge(size_t sizeInBytes) {
    parsedSize_ = saturatingSum(parsedSize_, sizeInBytes);
    if (parsedSize_ > limits_.memory_bytes) {
      throw ReadingError(NNF_ONNX_LIMIT_EXCEEDED,
                         "would take more than " + std::to_string(limits_.memory_bytes >> 20) +
                             " MiB of memory without the payload of its weights",
                         position_);
    }
  }

  void append(size_t start, size_t end) {
    reader_.file().append(start, end, copy_);
  }

  static size_t saturatingSum(size_t a, size_t b) { return a > SIZE_MAX - b ? SIZE_MAX : a + b; }
  static size_t saturatingProduct(size_t a, size_t b) { return b != 0 && a > SIZE_MAX / b ? SIZE_MAX : a * b; }

  const WireReader reader_;
  const nnf_onnx_limits &limits_;
  size_t position_ = 0;
  std::vector<OpenMessage> open_;
  std::string copy_;
  size_t nodeCount_ = 0;
  size_t openGraphCount_ = 0;
  size_t parsedSize_ = 0;
  bool hasGraph_ = false;
};

}  // namespace

std::string compactCopy(ByteSource &file, const nnf_onnx_limits &limits) {
  Compaction compaction(file, limits);
  try {
    return compaction.run();
  } catch (const ReadingError &error) {
    if (compaction.hasGraph() || error.code != NNF_ONNX_MALFORMED_INPUT) throw;
    std::string firstBytes;
    file.append(0, std::min(file.count(), inspectedCount), firstBytes);
    if (const char *kind = recognizedKind(firstBytes)) {
      throw ReadingError(NNF_ONNX_MALFORMED_INPUT, std::string("not an ONNX model: it looks like ") + kind, 0);
    }
    throw ReadingError(error.code, std::string("not a complete ONNX model: ") + error.what(), error.byteOffset);
  }
}

}  // namespace nnf
