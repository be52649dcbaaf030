// Section 6 of nnformer.h: graphs node by node.
public import CNNFormer
import NNFGraph
import NNFOnnx

@c @implementation
public func nnformer_graph_builder_create(
    _ builder: UnsafeMutablePointer<OpaquePointer?>?, _ operator_set: Int64,
    _ error: UnsafeMutablePointer<nnformer_error>?
) -> nnformer_status {
    Handle.create(into: builder, "builder", reportingTo: error) { () throws(Failure) in
        try GraphBuilder(operatorSet: operator_set)
    }
}

@c @implementation
public func nnformer_graph_builder_destroy(_ builder: OpaquePointer?) {
    Handle<GraphBuilder>.destroy(builder)
}

@c @implementation
public func nnformer_graph_builder_add_input(
    _ builder: OpaquePointer?, _ name: UnsafePointer<CChar>?, _ element_type: Int32,
    _ extents: UnsafePointer<Int64>?, _ rank: Int, _ error: UnsafeMutablePointer<nnformer_error>?
) -> nnformer_status {
    reportingFailure(to: error) { () throws(Failure) in
        try Handle<GraphBuilder>.object(builder, "builder").addInput(
            name: try text(name, "name"), elementType: element_type,
            extents: try array(extents, count: rank, limit: Limits.rank, "extents"))
    }
}

@c @implementation
public func nnformer_graph_builder_add_parameter(
    _ builder: OpaquePointer?, _ name: UnsafePointer<CChar>?, _ element_type: Int32,
    _ extents: UnsafePointer<Int64>?, _ rank: Int, _ error: UnsafeMutablePointer<nnformer_error>?
) -> nnformer_status {
    reportingFailure(to: error) { () throws(Failure) in
        try Handle<GraphBuilder>.object(builder, "builder").addParameter(
            name: try text(name, "name"), elementType: element_type,
            extents: try array(extents, count: rank, limit: Limits.rank, "extents"))
    }
}

@c @implementation
public func nnformer_graph_builder_add_integers(
    _ builder: OpaquePointer?, _ name: UnsafePointer<CChar>?, _ values: UnsafePointer<Int64>?, _ count: Int,
    _ error: UnsafeMutablePointer<nnformer_error>?
) -> nnformer_status {
    reportingFailure(to: error) { () throws(Failure) in
        let values = try array(values, count: count, limit: Limits.constantElements, "values")
        try Handle<GraphBuilder>.object(builder, "builder").addVector(
            name: try text(name, "name"), elementType: .int64, elements: .integers(values))
    }
}

@c @implementation
public func nnformer_graph_builder_add_floats(
    _ builder: OpaquePointer?, _ name: UnsafePointer<CChar>?, _ values: UnsafePointer<Float>?, _ count: Int,
    _ error: UnsafeMutablePointer<nnformer_error>?
) -> nnformer_status {
    reportingFailure(to: error) { () throws(Failure) in
        let values = try array(values, count: count, limit: Limits.constantElements, "values")
        try Handle<GraphBuilder>.object(builder, "builder").addVector(
            name: try text(name, "name"), elementType: .float, elements: .reals(values.map(Double.init)))
    }
}

@c @implementation
public func nnformer_graph_builder_add_node(
    _ builder: OpaquePointer?, _ operator_name: UnsafePointer<CChar>?,
    _ inputs: UnsafePointer<UnsafePointer<CChar>?>?, _ input_count: Int,
    _ outputs: UnsafePointer<UnsafePointer<CChar>?>?, _ output_count: Int,
    _ error: UnsafeMutablePointer<nnformer_error>?
) -> nnformer_status {
    reportingFailure(to: error) { () throws(Failure) in
        try Handle<GraphBuilder>.object(builder, "builder").addNode(
            operatorName: try text(operator_name, "operator_name"),
            inputs: try names(inputs, count: input_count, "inputs"),
            outputs: try names(outputs, count: output_count, "outputs"))
    }
}

@c @implementation
public func nnformer_graph_builder_set_int(
    _ builder: OpaquePointer?, _ name: UnsafePointer<CChar>?, _ value: Int64,
    _ error: UnsafeMutablePointer<nnformer_error>?
) -> nnformer_status {
    reportingFailure(to: error) { () throws(Failure) in
        try Handle<GraphBuilder>.object(builder, "builder")
            .setAttribute(try text(name, "name"), to: .int(value))
    }
}

@c @implementation
public func nnformer_graph_builder_set_ints(
    _ builder: OpaquePointer?, _ name: UnsafePointer<CChar>?, _ values: UnsafePointer<Int64>?, _ count: Int,
    _ error: UnsafeMutablePointer<nnformer_error>?
) -> nnformer_status {
    reportingFailure(to: error) { () throws(Failure) in
        let values = try array(values, count: count, limit: Limits.constantElements, "values")
        try Handle<GraphBuilder>.object(builder, "builder")
            .setAttribute(try text(name, "name"), to: .ints(values))
    }
}

@c @implementation
public func nnformer_graph_builder_set_float(
    _ builder: OpaquePointer?, _ name: UnsafePointer<CChar>?, _ value: Float,
    _ error: UnsafeMutablePointer<nnformer_error>?
) -> nnformer_status {
    reportingFailure(to: error) { () throws(Failure) in
        try Handle<GraphBuilder>.object(builder, "builder")
            .setAttribute(try text(name, "name"), to: .float(value))
    }
}

@c @implementation
public func nnformer_graph_builder_set_floats(
    _ builder: OpaquePointer?, _ name: UnsafePointer<CChar>?, _ values: UnsafePointer<Float>?, _ count: Int,
    _ error: UnsafeMutablePointer<nnformer_error>?
) -> nnformer_status {
    reportingFailure(to: error) { () throws(Failure) in
        let values = try array(values, count: count, limit: Limits.constantElements, "values")
        try Handle<GraphBuilder>.object(builder, "builder")
            .setAttribute(try text(name, "name"), to: .floats(values))
    }
}

@c @implementation
public func nnformer_graph_builder_set_string(
    _ builder: OpaquePointer?, _ name: UnsafePointer<CChar>?, _ value: UnsafePointer<CChar>?,
    _ error: UnsafeMutablePointer<nnformer_error>?
) -> nnformer_status {
    reportingFailure(to: error) { () throws(Failure) in
        try Handle<GraphBuilder>.object(builder, "builder")
            .setAttribute(try text(name, "name"), to: .string(try text(value, "value")))
    }
}

@c @implementation
public func nnformer_graph_builder_add_output(
    _ builder: OpaquePointer?, _ name: UnsafePointer<CChar>?, _ error: UnsafeMutablePointer<nnformer_error>?
) -> nnformer_status {
    reportingFailure(to: error) { () throws(Failure) in
        try Handle<GraphBuilder>.object(builder, "builder").addOutput(name: try text(name, "name"))
    }
}

@c @implementation
public func nnformer_graph_builder_finish(
    _ builder: OpaquePointer?, _ graph: UnsafeMutablePointer<OpaquePointer?>?,
    _ options: UnsafePointer<nnformer_graph_options>?, _ error: UnsafeMutablePointer<nnformer_error>?
) -> nnformer_status {
    Handle.create(into: graph, "graph", reportingTo: error) { () throws(Failure) in
        let builder = try Handle<GraphBuilder>.object(builder, "builder")
        return try GraphHandle(try builder.makeGraph(options: try ImportOptions(options)))
    }
}

/// The caller's array of names, in which NULL stands for one left out.
private func names(
    _ pointers: UnsafePointer<UnsafePointer<CChar>?>?, count: Int, _ argument: StaticString
) throws(Failure) -> [String] {
    let pointers = try array(pointers, count: count, limit: Limits.edges, argument)
    var names: [String] = []
    names.reserveCapacity(pointers.count)
    for pointer in pointers {
        names.append(pointer == nil ? "" : try text(pointer, argument))
    }
    return names
}
