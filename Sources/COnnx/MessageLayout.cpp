#include "MessageLayout.hpp"

#include <onnx/onnx_pb.h>

namespace nnf {
namespace {

using Role = FieldRole;
using Kind = MessageKind;

constexpr FieldLayout number(uint32_t number) { return {number, Role::number, Kind::model}; }
constexpr FieldLayout numbers(uint32_t number) { return {number, Role::numbers, Kind::model}; }
constexpr FieldLayout extents(uint32_t number) { return {number, Role::extents, Kind::model}; }
constexpr FieldLayout text(uint32_t number) { return {number, Role::text, Kind::model}; }
constexpr FieldLayout payload(uint32_t number) { return {number, Role::payload, Kind::model}; }
constexpr FieldLayout message(uint32_t number, Kind child) { return {number, Role::message, child}; }

constexpr FieldLayout modelFields[] = {
    number(onnx::ModelProto::kIrVersionFieldNumber),
    message(onnx::ModelProto::kGraphFieldNumber, Kind::graph),
    message(onnx::ModelProto::kOpsetImportFieldNumber, Kind::operatorSet),
    message(onnx::ModelProto::kFunctionsFieldNumber, Kind::function),
};

constexpr FieldLayout operatorSetFields[] = {
    text(onnx::OperatorSetIdProto::kDomainFieldNumber),
    number(onnx::OperatorSetIdProto::kVersionFieldNumber),
};

constexpr FieldLayout graphFields[] = {
    message(onnx::GraphProto::kNodeFieldNumber, Kind::node),
    text(onnx::GraphProto::kNameFieldNumber),
    message(onnx::GraphProto::kInitializerFieldNumber, Kind::tensor),
    message(onnx::GraphProto::kInputFieldNumber, Kind::value),
    message(onnx::GraphProto::kOutputFieldNumber, Kind::value),
    message(onnx::GraphProto::kValueInfoFieldNumber, Kind::value),
    message(onnx::GraphProto::kSparseInitializerFieldNumber, Kind::sparseTensor),
};

constexpr FieldLayout nodeFields[] = {
    text(onnx::NodeProto::kInputFieldNumber),
    text(onnx::NodeProto::kOutputFieldNumber),
    text(onnx::NodeProto::kNameFieldNumber),
    text(onnx::NodeProto::kOpTypeFieldNumber),
    message(onnx::NodeProto::kAttributeFieldNumber, Kind::attribute),
    text(onnx::NodeProto::kDomainFieldNumber),
};

constexpr FieldLayout attributeFields[] = {
    text(onnx::AttributeProto::kNameFieldNumber),
    number(onnx::AttributeProto::kFFieldNumber),
    number(onnx::AttributeProto::kIFieldNumber),
    text(onnx::AttributeProto::kSFieldNumber),
    message(onnx::AttributeProto::kTFieldNumber, Kind::tensor),
    message(onnx::AttributeProto::kGFieldNumber, Kind::graph),
    numbers(onnx::AttributeProto::kFloatsFieldNumber),
    numbers(onnx::AttributeProto::kIntsFieldNumber),
    text(onnx::AttributeProto::kStringsFieldNumber),
    number(onnx::AttributeProto::kTypeFieldNumber),
    text(onnx::AttributeProto::kRefAttrNameFieldNumber),
    message(onnx::AttributeProto::kSparseTensorFieldNumber, Kind::sparseTensor),
};

constexpr FieldLayout tensorFields[] = {
    extents(onnx::TensorProto::kDimsFieldNumber),
    number(onnx::TensorProto::kDataTypeFieldNumber),
    payload(onnx::TensorProto::kFloatDataFieldNumber),
    payload(onnx::TensorProto::kInt32DataFieldNumber),
    payload(onnx::TensorProto::kInt64DataFieldNumber),
    text(onnx::TensorProto::kNameFieldNumber),
    payload(onnx::TensorProto::kRawDataFieldNumber),
    payload(onnx::TensorProto::kDoubleDataFieldNumber),
    payload(onnx::TensorProto::kUint64DataFieldNumber),
    number(onnx::TensorProto::kDataLocationFieldNumber),
};

constexpr FieldLayout sparseTensorFields[] = {
    message(onnx::SparseTensorProto::kValuesFieldNumber, Kind::tensor),
    numbers(onnx::SparseTensorProto::kDimsFieldNumber),
};

constexpr FieldLayout valueFields[] = {
    text(onnx::ValueInfoProto::kNameFieldNumber),
    message(onnx::ValueInfoProto::kTypeFieldNumber, Kind::type),
};

constexpr FieldLayout typeFields[] = {
    message(onnx::TypeProto::kTensorTypeFieldNumber, Kind::tensorType),
};

constexpr FieldLayout tensorTypeFields[] = {
    number(onnx::TypeProto_Tensor::kElemTypeFieldNumber),
    message(onnx::TypeProto_Tensor::kShapeFieldNumber, Kind::shape),
};

constexpr FieldLayout shapeFields[] = {
    message(onnx::TensorShapeProto::kDimFieldNumber, Kind::axis),
};

constexpr FieldLayout axisFields[] = {
    number(onnx::TensorShapeProto_Dimension::kDimValueFieldNumber),
    text(onnx::TensorShapeProto_Dimension::kDimParamFieldNumber),
};

constexpr FieldLayout functionFields[] = {
    text(onnx::FunctionProto::kNameFieldNumber),
    text(onnx::FunctionProto::kInputFieldNumber),
    text(onnx::FunctionProto::kOutputFieldNumber),
    message(onnx::FunctionProto::kNodeFieldNumber, Kind::node),
    message(onnx::FunctionProto::kOpsetImportFieldNumber, Kind::operatorSet),
    text(onnx::FunctionProto::kDomainFieldNumber),
    message(functionDefaultFieldNumber, Kind::attribute),
};

template <size_t count>
FieldLayout find(const FieldLayout (&fields)[count], uint32_t number) {
  for (const FieldLayout &field : fields) {
    if (field.number == number) return field;
  }
  return {number, Role::leftOut, Kind::model};
}

}  // namespace

FieldLayout fieldLayout(MessageKind kind, uint32_t number) {
  switch (kind) {
    case Kind::model: return find(modelFields, number);
    case Kind::operatorSet: return find(operatorSetFields, number);
    case Kind::graph: return find(graphFields, number);
    case Kind::node: return find(nodeFields, number);
    case Kind::attribute: return find(attributeFields, number);
    case Kind::tensor: return find(tensorFields, number);
    case Kind::sparseTensor: return find(sparseTensorFields, number);
    case Kind::value: return find(valueFields, number);
    case Kind::type: return find(typeFields, number);
    case Kind::tensorType: return find(tensorTypeFields, number);
    case Kind::shape: return find(shapeFields, number);
    case Kind::axis: return find(axisFields, number);
    case Kind::function: return find(functionFields, number);
  }
  return {number, Role::leftOut, Kind::model};
}

size_t parsedSizeInBytes(MessageKind kind) {
  switch (kind) {
    case Kind::model: return sizeof(onnx::ModelProto);
    case Kind::operatorSet: return sizeof(onnx::OperatorSetIdProto);
    case Kind::graph: return sizeof(onnx::GraphProto);
    case Kind::node: return sizeof(onnx::NodeProto);
    case Kind::attribute: return sizeof(onnx::AttributeProto);
    case Kind::tensor: return sizeof(onnx::TensorProto);
    case Kind::sparseTensor: return sizeof(onnx::SparseTensorProto);
    case Kind::value: return sizeof(onnx::ValueInfoProto);
    case Kind::type: return sizeof(onnx::TypeProto);
    case Kind::tensorType: return sizeof(onnx::TypeProto_Tensor);
    case Kind::shape: return sizeof(onnx::TensorShapeProto);
    case Kind::axis: return sizeof(onnx::TensorShapeProto_Dimension);
    case Kind::function: return sizeof(onnx::FunctionProto);
  }
  return sizeof(onnx::ModelProto);
}

}  // namespace nnf
