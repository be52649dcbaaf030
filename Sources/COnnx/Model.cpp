#include "Model.hpp"

#include <google/protobuf/unknown_field_set.h>

#include <algorithm>
#include <climits>
#include <cstring>
#include <memory>
#include <new>
#include <string>

#include "ByteSource.hpp"
#include "COnnx.h"
#include "CompactCopy.hpp"
#include "MessageLayout.hpp"
#include "ReadingError.hpp"

namespace nnf {
namespace {

FunctionWithDefaults withDefaults(const onnx::FunctionProto &function) {
  FunctionWithDefaults result{&function, {}};
  const google::protobuf::UnknownFieldSet &fields = function.unknown_fields();
  for (int index = 0; index < fields.field_count(); ++index) {
    const google::protobuf::UnknownField &field = fields.field(index);
    if (field.number() != functionDefaultFieldNumber ||
        field.type() != google::protobuf::UnknownField::TYPE_LENGTH_DELIMITED) {
      continue;
    }
    onnx::AttributeProto attribute;
    if (attribute.ParsePartialFromString(field.length_delimited())) result.defaults.push_back(std::move(attribute));
  }
  return result;
}

std::unique_ptr<nnf_onnx_model> openModel(ByteSource &file, const nnf_onnx_limits &limits) {
  const std::string copy = compactCopy(file, limits);
  auto model = std::make_unique<nnf_onnx_model>();
  // The "partial" variant differs in that it never logs; ONNX has no required fields that it could miss.
  if (copy.size() > INT_MAX || !model->message.ParsePartialFromArray(copy.data(), static_cast<int>(copy.size()))) {
    throw ReadingError(NNF_ONNX_MALFORMED_INPUT, "corrupt: the fields are intact, but libonnx rejects their encoding");
  }
  model->functions.reserve(static_cast<size_t>(model->message.functions_size()));
  for (const onnx::FunctionProto &function : model->message.functions()) {
    model->functions.push_back(withDefaults(function));
  }
  return model;
}

void report(nnf_onnx_error *error, int32_t code, uint64_t byteOffset, const std::string &message) {
  if (error == nullptr) return;
  error->code = code;
  error->byte_offset = byteOffset;
  const size_t count = std::min(message.size(), sizeof error->message - 1);
  std::memcpy(error->message, message.data(), count);
  error->message[count] = 0;
}

/// Runs `open` and keeps every exception from leaving the module. `source` begins the message of an error.
template <typename Open>
int32_t guarded(const std::string &source, nnf_onnx_model **model, nnf_onnx_error *error, Open open) noexcept {
  try {
    *model = open().release();
    report(error, NNF_ONNX_OK, NNF_ONNX_NO_BYTE_OFFSET, "");
    return NNF_ONNX_OK;
  } catch (const ReadingError &failure) {
    const bool namesPath = failure.code == NNF_ONNX_INPUT_OUTPUT;
    report(error, failure.code, failure.byteOffset, namesPath ? failure.what() : source + failure.what());
    return failure.code;
  } catch (const std::bad_alloc &) {
    report(error, NNF_ONNX_LIMIT_EXCEEDED, NNF_ONNX_NO_BYTE_OFFSET, "not enough memory to read the model");
    return NNF_ONNX_LIMIT_EXCEEDED;
  } catch (const std::exception &failure) {
    report(error, NNF_ONNX_INTERNAL_ERROR, NNF_ONNX_NO_BYTE_OFFSET, failure.what());
    return NNF_ONNX_INTERNAL_ERROR;
  } catch (...) {
    report(error, NNF_ONNX_INTERNAL_ERROR, NNF_ONNX_NO_BYTE_OFFSET, "unknown exception while reading the model");
    return NNF_ONNX_INTERNAL_ERROR;
  }
}

int32_t reportNullArgument(nnf_onnx_error *error) {
  report(error, NNF_ONNX_INTERNAL_ERROR, NNF_ONNX_NO_BYTE_OFFSET, "a null pointer was passed to the ONNX reader");
  return NNF_ONNX_INTERNAL_ERROR;
}

}  // namespace
}  // namespace nnf

int32_t nnf_onnx_open_path(const char *path, const nnf_onnx_limits *limits, nnf_onnx_model **model,
                           nnf_onnx_error *error) {
  if (path == nullptr || limits == nullptr || model == nullptr) return nnf::reportNullArgument(error);
  *model = nullptr;
  return nnf::guarded(std::string("'") + path + "': ", model, error, [&] {
    nnf::ByteSource file(path);
    return nnf::openModel(file, *limits);
  });
}

int32_t nnf_onnx_open_bytes(const void *bytes, size_t count, const nnf_onnx_limits *limits, nnf_onnx_model **model,
                            nnf_onnx_error *error) {
  if ((bytes == nullptr && count > 0) || limits == nullptr || model == nullptr) return nnf::reportNullArgument(error);
  *model = nullptr;
  return nnf::guarded("", model, error, [&] {
    if (count == 0) throw nnf::ReadingError(NNF_ONNX_MALFORMED_INPUT, "is empty: 0 bytes were passed", 0);
    nnf::ByteSource memory(static_cast<const uint8_t *>(bytes), count);
    return nnf::openModel(memory, *limits);
  });
}

void nnf_onnx_close(nnf_onnx_model *model) { delete model; }
