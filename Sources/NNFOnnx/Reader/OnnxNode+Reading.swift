internal import COnnx
internal import NNFGraph

extension OnnxNode {
    /// Attributes of kinds that no standard operator has (lists of tensors or graphs, types) are left out.
    init(_ node: nnf_onnx_node) throws(Failure) {
        let fields = nnf_onnx_node_get_fields(node)
        self.init(
            name: String(fields.name), operatorType: String(fields.operator_type),
            domain: canonicalDomain(fields.domain),
            inputs: (0..<fields.input_count).map { String(nnf_onnx_node_input(node, $0)) },
            outputs: (0..<fields.output_count).map { String(nnf_onnx_node_output(node, $0)) })
        for index in 0..<fields.attribute_count {
            try add(nnf_onnx_node_attribute(node, index))
        }
    }

    private mutating func add(_ attribute: nnf_onnx_attribute) throws(Failure) {
        let fields = nnf_onnx_attribute_get_fields(attribute)
        let name = String(fields.name)
        if fields.referred_name.count > 0 {
            attributeReferences[name] = String(fields.referred_name)
            return
        }
        switch fields.type {
        case NNF_ONNX_ATTRIBUTE_TENSOR: tensors[name] = try OnnxTensor(fields.tensor)
        case NNF_ONNX_ATTRIBUTE_SPARSE_TENSOR: tensors[name] = try OnnxTensor(fields.sparse_tensor)
        case NNF_ONNX_ATTRIBUTE_GRAPH: subgraphs[name] = try OnnxGraph(fields.graph)
        default: attributes[name] = AttributeValue(fields, strings: attribute)
        }
    }
}

extension AttributeValue {
    /// `nil` for attributes that hold a tensor, a graph, or nothing that is read.
    init?(_ fields: nnf_onnx_attribute_fields, strings attribute: nnf_onnx_attribute) {
        switch fields.type {
        case NNF_ONNX_ATTRIBUTE_FLOAT: self = .float(fields.float_value)
        case NNF_ONNX_ATTRIBUTE_INT: self = .int(fields.int_value)
        case NNF_ONNX_ATTRIBUTE_STRING: self = .string(String(fields.string_value))
        case NNF_ONNX_ATTRIBUTE_FLOATS:
            self = .floats(Array(UnsafeBufferPointer(start: fields.floats.elements, count: fields.floats.count)))
        case NNF_ONNX_ATTRIBUTE_INTS:
            self = .ints(Array(UnsafeBufferPointer(start: fields.ints.elements, count: fields.ints.count)))
        case NNF_ONNX_ATTRIBUTE_STRINGS:
            self = .strings((0..<fields.string_count).map { String(nnf_onnx_attribute_string(attribute, $0)) })
        default: return nil
        }
    }
}
