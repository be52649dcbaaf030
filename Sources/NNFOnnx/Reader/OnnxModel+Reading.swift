internal import COnnx
internal import NNFGraph

extension OnnxModel {
    init(_ model: OpaquePointer) throws(Failure) {
        let fields = nnf_onnx_model_get_fields(model)
        var operatorSets = [String: Int64]()
        for index in 0..<fields.operator_set_count {
            operatorSets.add(nnf_onnx_model_operator_set(model, index))
        }
        if operatorSets.isEmpty {
            // Operator sets came with IR version 3. They follow the graph in a file, so a file cut off there lacks them.
            guard fields.ir_version < 3 else {
                throw Failure(
                    .malformedInput,
                    "the model imports no operator set (opset_import): the file is truncated or was never complete")
            }
            operatorSets[""] = 1
        }
        self.init(
            irVersion: fields.ir_version, operatorSets: operatorSets, graph: try OnnxGraph(fields.graph),
            functions: try (0..<fields.function_count).map { (index) throws(Failure) in
                try OnnxFunction(nnf_onnx_model_function(model, index))
            })
    }
}

extension OnnxGraph {
    /// Enters subgraphs by recursion, at most `Limits.subgraphNesting` deep, one more in a function: opening the model has checked that.
    init(_ graph: nnf_onnx_graph) throws(Failure) {
        let fields = nnf_onnx_graph_get_fields(graph)
        self.init()
        name = String(fields.name)
        inputs = try (0..<fields.input_count).map { (index) throws(Failure) in
            try OnnxValue(nnf_onnx_graph_input(graph, index))
        }
        outputs = try (0..<fields.output_count).map { (index) throws(Failure) in
            try OnnxValue(nnf_onnx_graph_output(graph, index))
        }
        values = try (0..<fields.value_count).map { (index) throws(Failure) in
            try OnnxValue(nnf_onnx_graph_value(graph, index))
        }
        initializers = try (0..<fields.initializer_count).map { (index) throws(Failure) in
            try OnnxTensor(nnf_onnx_graph_initializer(graph, index))
        }
        for index in 0..<fields.sparse_initializer_count {
            initializers.append(try OnnxTensor(nnf_onnx_graph_sparse_initializer(graph, index)))
        }
        nodes = try (0..<fields.node_count).map { (index) throws(Failure) in
            try OnnxNode(nnf_onnx_graph_node(graph, index))
        }
    }
}

extension OnnxFunction {
    init(_ function: nnf_onnx_function) throws(Failure) {
        let fields = nnf_onnx_function_get_fields(function)
        var operatorSets = [String: Int64]()
        for index in 0..<fields.operator_set_count {
            operatorSets.add(nnf_onnx_function_operator_set(function, index))
        }
        var defaults = Attributes()
        for index in 0..<fields.default_count {
            let attribute = nnf_onnx_attribute_get_fields(nnf_onnx_function_default(function, index))
            defaults[String(attribute.name)] = AttributeValue(
                attribute, strings: nnf_onnx_function_default(function, index))
        }
        self.init(
            name: String(fields.name), domain: canonicalDomain(fields.domain),
            inputs: (0..<fields.input_count).map { String(nnf_onnx_function_input(function, $0)) },
            outputs: (0..<fields.output_count).map { String(nnf_onnx_function_output(function, $0)) },
            operatorSets: operatorSets,
            nodes: try (0..<fields.node_count).map { (index) throws(Failure) in
                try OnnxNode(nnf_onnx_function_node(function, index))
            }, defaults: defaults)
    }
}

extension [String: Int64] {
    /// Adds an operator set. A domain that is imported twice counts with its higher version.
    fileprivate mutating func add(_ set: nnf_onnx_operator_set) {
        let domain = canonicalDomain(set.domain)
        self[domain] = Swift.max(self[domain] ?? set.version, set.version)
    }
}
