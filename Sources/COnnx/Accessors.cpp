// Reads fields of libonnx's messages through the handles of COnnx.h. Nothing here allocates or throws.

#include <type_traits>

#include "COnnx.h"
#include "Model.hpp"

namespace {

template <typename Message, typename Handle>
const Message &read(Handle handle) {
  return *static_cast<const Message *>(handle.message);
}

nnf_onnx_text text(const std::string &string) { return {string.data(), string.size()}; }

/// A nnf_onnx_... list over the contiguous elements of a repeated field.
template <typename List, typename Element>
List list(const google::protobuf::RepeatedField<Element> &field) {
  static_assert(sizeof(Element) == sizeof(*List().elements));
  static_assert(std::is_same_v<std::remove_const_t<std::remove_pointer_t<decltype(List().elements)>>, Element>);
  return {field.data(), static_cast<size_t>(field.size())};
}

size_t count(int size) { return static_cast<size_t>(size); }

/// Element `index` of a repeated message or string.
template <typename Repeated>
const auto &element(const Repeated &field, size_t index) {
  return field.Get(static_cast<int>(index));
}

nnf_onnx_operator_set operatorSet(const onnx::OperatorSetIdProto &set) { return {text(set.domain()), set.version()}; }

int32_t attributeType(const onnx::AttributeProto &attribute) {
  if (attribute.type() != onnx::AttributeProto::UNDEFINED) return attribute.type();
  if (attribute.has_f()) return NNF_ONNX_ATTRIBUTE_FLOAT;
  if (attribute.has_i()) return NNF_ONNX_ATTRIBUTE_INT;
  if (attribute.has_s()) return NNF_ONNX_ATTRIBUTE_STRING;
  if (attribute.has_t()) return NNF_ONNX_ATTRIBUTE_TENSOR;
  if (attribute.has_g()) return NNF_ONNX_ATTRIBUTE_GRAPH;
  if (attribute.has_sparse_tensor()) return NNF_ONNX_ATTRIBUTE_SPARSE_TENSOR;
  if (attribute.floats_size() > 0) return NNF_ONNX_ATTRIBUTE_FLOATS;
  if (attribute.ints_size() > 0) return NNF_ONNX_ATTRIBUTE_INTS;
  if (attribute.strings_size() > 0) return NNF_ONNX_ATTRIBUTE_STRINGS;
  return NNF_ONNX_ATTRIBUTE_UNDEFINED;
}

}  // namespace

nnf_onnx_model_fields nnf_onnx_model_get_fields(const nnf_onnx_model *model) {
  return {model->message.ir_version(), {&model->message.graph()}, count(model->message.opset_import_size()),
          model->functions.size()};
}

nnf_onnx_operator_set nnf_onnx_model_operator_set(const nnf_onnx_model *model, size_t index) {
  return operatorSet(element(model->message.opset_import(), index));
}

nnf_onnx_function nnf_onnx_model_function(const nnf_onnx_model *model, size_t index) {
  return {&model->functions[index]};
}

nnf_onnx_graph_fields nnf_onnx_graph_get_fields(nnf_onnx_graph handle) {
  const auto &graph = read<onnx::GraphProto>(handle);
  return {text(graph.name()),
          count(graph.input_size()),
          count(graph.output_size()),
          count(graph.value_info_size()),
          count(graph.initializer_size()),
          count(graph.sparse_initializer_size()),
          count(graph.node_size())};
}

nnf_onnx_value nnf_onnx_graph_input(nnf_onnx_graph graph, size_t index) {
  return {&element(read<onnx::GraphProto>(graph).input(), index)};
}

nnf_onnx_value nnf_onnx_graph_output(nnf_onnx_graph graph, size_t index) {
  return {&element(read<onnx::GraphProto>(graph).output(), index)};
}

nnf_onnx_value nnf_onnx_graph_value(nnf_onnx_graph graph, size_t index) {
  return {&element(read<onnx::GraphProto>(graph).value_info(), index)};
}

nnf_onnx_tensor nnf_onnx_graph_initializer(nnf_onnx_graph graph, size_t index) {
  return {&element(read<onnx::GraphProto>(graph).initializer(), index)};
}

nnf_onnx_sparse_tensor nnf_onnx_graph_sparse_initializer(nnf_onnx_graph graph, size_t index) {
  return {&element(read<onnx::GraphProto>(graph).sparse_initializer(), index)};
}

nnf_onnx_node nnf_onnx_graph_node(nnf_onnx_graph graph, size_t index) {
  return {&element(read<onnx::GraphProto>(graph).node(), index)};
}

nnf_onnx_value_fields nnf_onnx_value_get_fields(nnf_onnx_value handle) {
  const auto &value = read<onnx::ValueInfoProto>(handle);
  const auto &type = value.type().tensor_type();
  return {text(value.name()), type.elem_type(), type.has_shape(), count(type.shape().dim_size())};
}

nnf_onnx_axis nnf_onnx_value_axis(nnf_onnx_value value, size_t index) {
  const auto &axis = element(read<onnx::ValueInfoProto>(value).type().tensor_type().shape().dim(), index);
  if (axis.has_dim_value()) return {NNF_ONNX_AXIS_EXTENT, axis.dim_value(), {nullptr, 0}};
  if (axis.has_dim_param()) return {NNF_ONNX_AXIS_PARAMETER, 0, text(axis.dim_param())};
  return {NNF_ONNX_AXIS_UNSPECIFIED, 0, {nullptr, 0}};
}

nnf_onnx_tensor_fields nnf_onnx_tensor_get_fields(nnf_onnx_tensor handle) {
  const auto &tensor = read<onnx::TensorProto>(handle);
  return {text(tensor.name()),
          tensor.data_type(),
          tensor.data_location() == onnx::TensorProto::EXTERNAL,
          list<nnf_onnx_int64s>(tensor.dims()),
          text(tensor.raw_data()),
          list<nnf_onnx_floats>(tensor.float_data()),
          list<nnf_onnx_int32s>(tensor.int32_data()),
          list<nnf_onnx_int64s>(tensor.int64_data()),
          list<nnf_onnx_doubles>(tensor.double_data()),
          list<nnf_onnx_uint64s>(tensor.uint64_data())};
}

nnf_onnx_sparse_tensor_fields nnf_onnx_sparse_tensor_get_fields(nnf_onnx_sparse_tensor handle) {
  const auto &tensor = read<onnx::SparseTensorProto>(handle);
  return {text(tensor.values().name()), tensor.values().data_type(), list<nnf_onnx_int64s>(tensor.dims())};
}

nnf_onnx_node_fields nnf_onnx_node_get_fields(nnf_onnx_node handle) {
  const auto &node = read<onnx::NodeProto>(handle);
  return {text(node.name()),         text(node.op_type()),      text(node.domain()),
          count(node.input_size()), count(node.output_size()), count(node.attribute_size())};
}

nnf_onnx_text nnf_onnx_node_input(nnf_onnx_node node, size_t index) {
  return text(element(read<onnx::NodeProto>(node).input(), index));
}

nnf_onnx_text nnf_onnx_node_output(nnf_onnx_node node, size_t index) {
  return text(element(read<onnx::NodeProto>(node).output(), index));
}

nnf_onnx_attribute nnf_onnx_node_attribute(nnf_onnx_node node, size_t index) {
  return {&element(read<onnx::NodeProto>(node).attribute(), index)};
}

nnf_onnx_attribute_fields nnf_onnx_attribute_get_fields(nnf_onnx_attribute handle) {
  const auto &attribute = read<onnx::AttributeProto>(handle);
  return {text(attribute.name()),
          text(attribute.ref_attr_name()),
          attributeType(attribute),
          attribute.f(),
          attribute.i(),
          text(attribute.s()),
          list<nnf_onnx_floats>(attribute.floats()),
          list<nnf_onnx_int64s>(attribute.ints()),
          count(attribute.strings_size()),
          {&attribute.t()},
          {&attribute.sparse_tensor()},
          {&attribute.g()}};
}

nnf_onnx_text nnf_onnx_attribute_string(nnf_onnx_attribute attribute, size_t index) {
  return text(element(read<onnx::AttributeProto>(attribute).strings(), index));
}

nnf_onnx_function_fields nnf_onnx_function_get_fields(nnf_onnx_function handle) {
  const auto &entry = read<FunctionWithDefaults>(handle);
  return {text(entry.function->name()),
          text(entry.function->domain()),
          count(entry.function->input_size()),
          count(entry.function->output_size()),
          count(entry.function->opset_import_size()),
          count(entry.function->node_size()),
          entry.defaults.size()};
}

nnf_onnx_text nnf_onnx_function_input(nnf_onnx_function function, size_t index) {
  return text(element(read<FunctionWithDefaults>(function).function->input(), index));
}

nnf_onnx_text nnf_onnx_function_output(nnf_onnx_function function, size_t index) {
  return text(element(read<FunctionWithDefaults>(function).function->output(), index));
}

nnf_onnx_operator_set nnf_onnx_function_operator_set(nnf_onnx_function function, size_t index) {
  return operatorSet(element(read<FunctionWithDefaults>(function).function->opset_import(), index));
}

nnf_onnx_node nnf_onnx_function_node(nnf_onnx_function function, size_t index) {
  return {&element(read<FunctionWithDefaults>(function).function->node(), index)};
}

nnf_onnx_attribute nnf_onnx_function_default(nnf_onnx_function function, size_t index) {
  return {&read<FunctionWithDefaults>(function).defaults[index]};
}
