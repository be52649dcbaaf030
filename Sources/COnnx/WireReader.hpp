#pragma once

#include <string>

#include "ByteSource.hpp"
#include "ReadingError.hpp"

namespace nnf {

/// https://protobuf.dev/programming-guides/encoding/#structure; groups (3 and 4) occur in no version of ONNX.
enum class WireType : uint8_t { varint = 0, fixed64 = 1, lengthDelimited = 2, fixed32 = 5 };

/// One field of a protobuf message: the tag's two parts and where the value lies.
struct WireField {
  uint32_t number;
  WireType type;
  /// The tag's first byte.
  size_t start;
  /// The first byte after the tag: the value, or the length of a length-delimited one.
  size_t valueStart;
  /// The value's first byte, after the length if there is one.
  size_t contentStart;
  /// One past the value's last byte.
  size_t end;
};

/// Reads fields of the protobuf wire format one after another. Every read is checked; positions are absolute.
class WireReader {
 public:
  /// Borrows `file` for the lifetime of the object.
  explicit WireReader(ByteSource &file) : file_(file) {}

  ByteSource &file() const { return file_; }

  /// Reads the field that starts at `position` of a message that ends at `messageEnd`. Does not enter it.
  ///
  /// Throws ReadingError(NNF_ONNX_MALFORMED_INPUT): the tag or value runs past `messageEnd`, or no such tag exists. What
  /// runs past the end of the outermost message has been cut off; what runs past the end of an inner one is corrupt.
  WireField field(size_t position, size_t messageEnd, bool isOutermost) const {
    WireField field;
    field.start = position;
    const Bounds bounds{position, messageEnd, isOutermost};
    const uint64_t tag = varint(position, bounds);
    const uint64_t number = tag >> 3;
    if (tag > UINT32_MAX || number == 0) throwInvalidTag(field.start);
    field.number = static_cast<uint32_t>(number);
    field.type = static_cast<WireType>(tag & 7);
    field.valueStart = position;
    field.contentStart = position;
    uint64_t contentCount = 0;
    switch (field.type) {
      case WireType::varint:
        varint(position, bounds);
        field.end = position;
        return field;
      case WireType::fixed64: contentCount = 8; break;
      case WireType::fixed32: contentCount = 4; break;
      case WireType::lengthDelimited:
        contentCount = varint(position, bounds);
        field.contentStart = position;
        break;
      default: throwInvalidTag(field.start);
    }
    if (contentCount > messageEnd - position) throwRunsPastEnd(bounds);
    field.end = position + static_cast<size_t>(contentCount);
    return field;
  }

  /// Reads the number that starts at `position` of a field, and moves `position` past it. Throws as `field` does.
  uint64_t number(size_t &position, const WireField &field) const {
    return varint(position, {field.start, field.end, false});
  }

 private:
  struct Bounds {
    size_t fieldStart;
    size_t messageEnd;
    bool isOutermost;
  };

  /// Reads a base-128 varint and moves `position` past it.
  uint64_t varint(size_t &position, const Bounds &bounds) const {
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 70; shift += 7) {
      if (position == bounds.messageEnd) throwRunsPastEnd(bounds);
      const uint8_t byte = file_[position++];
      value |= static_cast<uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw ReadingError(NNF_ONNX_MALFORMED_INPUT,
                       "corrupt: a number in the field at byte " + std::to_string(bounds.fieldStart) +
                           " does not end after 10 bytes",
                       bounds.fieldStart);
  }

  [[noreturn]] static void throwInvalidTag(size_t position) {
    throw ReadingError(NNF_ONNX_MALFORMED_INPUT,
                       "corrupt: no protobuf field starts at byte " + std::to_string(position), position);
  }

  [[noreturn]] static void throwRunsPastEnd(const Bounds &bounds) {
    const std::string start = std::to_string(bounds.fieldStart), end = std::to_string(bounds.messageEnd);
    if (bounds.isOutermost) {
      throw ReadingError(NNF_ONNX_MALFORMED_INPUT,
                         "truncated: the file ends at byte " + end + ", inside the field that starts at byte " + start,
                         bounds.messageEnd);
    }
    throw ReadingError(NNF_ONNX_MALFORMED_INPUT,
                       "corrupt: the field at byte " + start + " runs past the end of its message at byte " + end,
                       bounds.fieldStart);
  }

  ByteSource &file_;
};

}  // namespace nnf
