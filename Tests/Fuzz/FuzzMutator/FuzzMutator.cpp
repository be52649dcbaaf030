#include "FuzzMutator.h"

#include <google/protobuf/message.h>
#include <onnx/onnx_pb.h>

#include <cstdint>
#include <iterator>
#include <limits>
#include <memory>
#include <random>
#include <string>
#include <vector>

extern "C" size_t LLVMFuzzerMutate(uint8_t *bytes, size_t count, size_t capacity);

namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

/// One change of one model.
class Mutation {
 public:
  Mutation(onnx::ModelProto &model, unsigned seed) : random_(seed) { collect(model, 0); }

  void change() {
    Message &message = *messages_[below(messages_.size())];
    const Descriptor &descriptor = *message.GetDescriptor();
    const FieldDescriptor &field = *descriptor.field(static_cast<int>(below(static_cast<size_t>(descriptor.field_count()))));
    if (field.is_repeated()) {
      changeRepeated(message, field);
    } else {
      changeSingular(message, field);
    }
  }

 private:
  /// Gathers every message and string of the model: what to change, and what to change it to.
  void collect(Message &message, int depth) {
    if (depth > 40 || messages_.size() > 20'000) return;
    messages_.push_back(&message);
    const Reflection &reflection = *message.GetReflection();
    std::vector<const FieldDescriptor *> fields;
    reflection.ListFields(message, &fields);
    for (const FieldDescriptor *field : fields) {
      if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
        if (!field->is_repeated()) collect(*reflection.MutableMessage(&message, field), depth + 1);
        for (int index = 0; field->is_repeated() && index < reflection.FieldSize(message, field); ++index) {
          collect(*reflection.MutableRepeatedMessage(&message, field, index), depth + 1);
        }
      } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
        if (!field->is_repeated()) strings_.push_back(reflection.GetString(message, field));
        for (int index = 0; field->is_repeated() && index < reflection.FieldSize(message, field); ++index) {
          strings_.push_back(reflection.GetRepeatedString(message, field, index));
        }
      }
    }
  }

  void changeRepeated(Message &message, const FieldDescriptor &field) {
    const Reflection &reflection = *message.GetReflection();
    const int count = reflection.FieldSize(message, &field);
    if (count == 0) return append(message, field);
    const int index = static_cast<int>(below(static_cast<size_t>(count)));
    switch (below(4)) {
      case 0:
        reflection.SwapElements(&message, &field, index, count - 1);
        reflection.RemoveLast(&message, &field);
        break;
      case 1: reflection.SwapElements(&message, &field, index, static_cast<int>(below(static_cast<size_t>(count)))); break;
      case 2: append(message, field); break;
      default: changeElement(message, field, index);
    }
  }

  void append(Message &message, const FieldDescriptor &field) {
    const Reflection &reflection = *message.GetReflection();
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_MESSAGE: {
        const auto copy = donor(message, field);
        reflection.AddMessage(&message, &field)->CopyFrom(*copy);
        break;
      }
      case FieldDescriptor::CPPTYPE_STRING: reflection.AddString(&message, &field, string()); break;
      case FieldDescriptor::CPPTYPE_INT64: reflection.AddInt64(&message, &field, integer()); break;
      case FieldDescriptor::CPPTYPE_INT32: reflection.AddInt32(&message, &field, static_cast<int32_t>(integer())); break;
      case FieldDescriptor::CPPTYPE_UINT64: reflection.AddUInt64(&message, &field, static_cast<uint64_t>(integer())); break;
      case FieldDescriptor::CPPTYPE_FLOAT: reflection.AddFloat(&message, &field, static_cast<float>(real())); break;
      case FieldDescriptor::CPPTYPE_DOUBLE: reflection.AddDouble(&message, &field, real()); break;
      default: break;
    }
  }

  void changeElement(Message &message, const FieldDescriptor &field, int index) {
    const Reflection &reflection = *message.GetReflection();
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_MESSAGE: {
        const auto copy = donor(message, field);
        reflection.MutableRepeatedMessage(&message, &field, index)->CopyFrom(*copy);
        break;
      }
      case FieldDescriptor::CPPTYPE_STRING: reflection.SetRepeatedString(&message, &field, index, string()); break;
      case FieldDescriptor::CPPTYPE_INT64: reflection.SetRepeatedInt64(&message, &field, index, integer()); break;
      case FieldDescriptor::CPPTYPE_FLOAT:
        reflection.SetRepeatedFloat(&message, &field, index, static_cast<float>(real()));
        break;
      default: break;
    }
  }

  void changeSingular(Message &message, const FieldDescriptor &field) {
    const Reflection &reflection = *message.GetReflection();
    if (below(8) == 0) {
      reflection.ClearField(&message, &field);
      return;
    }
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_MESSAGE: {
        const auto copy = donor(message, field);
        reflection.MutableMessage(&message, &field)->CopyFrom(*copy);
        break;
      }
      case FieldDescriptor::CPPTYPE_STRING: reflection.SetString(&message, &field, string()); break;
      case FieldDescriptor::CPPTYPE_INT64: reflection.SetInt64(&message, &field, integer()); break;
      case FieldDescriptor::CPPTYPE_INT32: reflection.SetInt32(&message, &field, static_cast<int32_t>(integer())); break;
      case FieldDescriptor::CPPTYPE_FLOAT: reflection.SetFloat(&message, &field, static_cast<float>(real())); break;
      case FieldDescriptor::CPPTYPE_ENUM:
        reflection.SetEnumValue(&message, &field, static_cast<int>(below(16)));
        break;
      default: break;
    }
  }

  /// A copy of some message of the kind that the field holds; of an empty one if none turns up soon.
  ///
  /// Called before the target is made: making it may free the former member of its oneof, and with it a message to copy.
  std::unique_ptr<Message> donor(const Message &owner, const FieldDescriptor &field) {
    const Message &prototype =
        *owner.GetReflection()->GetMessageFactory()->GetPrototype(field.message_type());
    std::unique_ptr<Message> copy(prototype.New());
    for (int attempt = 0; attempt < 20; ++attempt) {
      const Message &candidate = *messages_[below(messages_.size())];
      if (candidate.GetDescriptor() != field.message_type()) continue;
      copy->CopyFrom(candidate);
      break;
    }
    return copy;
  }

  size_t below(size_t bound) { return std::uniform_int_distribution<size_t>(0, bound - 1)(random_); }

  std::string string() { return strings_.empty() || below(10) == 0 ? std::string() : strings_[below(strings_.size())]; }

  int64_t integer() {
    static constexpr int64_t edges[] = {0,         1,          2,         3,         -1,        -2,       7,        17,
                                        255,       4096,       INT32_MAX, INT32_MIN, INT64_MAX, INT64_MIN, 1LL << 31, 1LL << 62};
    return below(2) == 0 ? edges[below(std::size(edges))] : static_cast<int64_t>(below(64));
  }

  double real() {
    static constexpr double edges[] = {0.0, -0.0, 1.0, -1.0, 0.5, 1e300, -1e300, 1e-300,
                                       std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity(),
                                       std::numeric_limits<double>::quiet_NaN()};
    return edges[below(std::size(edges))];
  }

  std::mt19937 random_;
  std::vector<Message *> messages_;
  std::vector<std::string> strings_;
};

}  // namespace

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t count, size_t capacity, unsigned int seed) {
  onnx::ModelProto model;
  if (seed % 8 == 0 || !model.ParsePartialFromArray(bytes, static_cast<int>(count))) {
    return LLVMFuzzerMutate(bytes, count, capacity);
  }
  for (unsigned round = 0; round <= seed % 4; ++round) Mutation(model, seed + round).change();
  const size_t size = model.ByteSizeLong();
  if (size > capacity) return LLVMFuzzerMutate(bytes, count, capacity);
  model.SerializePartialToArray(bytes, static_cast<int>(size));
  return size;
}
