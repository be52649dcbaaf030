// Section 5 of nnformer.h: what a graph consists of.
public import CNNFormer
import NNFGraph

@c @implementation
public func nnformer_graph_summarize(
    _ graph: OpaquePointer?, _ summary: UnsafeMutablePointer<nnformer_graph_summary>?,
    _ error: UnsafeMutablePointer<nnformer_error>?
) -> nnformer_status {
    reportingFailure(to: error) { () throws(Failure) in
        let handle = try Handle<GraphHandle>.object(graph, "graph")
        try nnformer_graph_summary.update(summary, "summary") { summary in
            summary.unknown_operator_count = UInt32(clamping: handle.unknownOperators.count)
            summary.node_count = UInt64(handle.graph.nodes.count)
            summary.edge_count = UInt64(handle.encoding.relations.edgeCount)
            summary.batch_size = UInt64(clamping: handle.graph.batchSize)
            summary.parameters = handle.totals.parameterCount
            summary.macs = handle.totals.cost.macs
            summary.flops = handle.totals.cost.flops
            summary.bytes_read = handle.totals.cost.bytesRead
            summary.bytes_written = handle.totals.cost.bytesWritten
        }
    }
}

@c @implementation
public func nnformer_graph_get_node(
    _ graph: OpaquePointer?, _ index: Int, _ node: UnsafeMutablePointer<nnformer_node>?,
    _ error: UnsafeMutablePointer<nnformer_error>?
) -> nnformer_status {
    reportingFailure(to: error) { () throws(Failure) in
        let handle = try Handle<GraphHandle>.object(graph, "graph")
        let found = try handle.graph.nodes.element(at: index, "nodes")
        try nnformer_node.update(node, "node") { node in
            node.name = handle.nodeName(index)
            node.operator_name = handle.operatorName(index)
            node.parameters = UInt64(clamping: found.parameterCount)
            node.macs = found.cost.macs
            node.flops = found.cost.flops
            node.bytes_read = found.cost.bytesRead
            node.bytes_written = found.cost.bytesWritten
            node.is_known = handle.isKnown(index) ? 1 : 0
            node.input_count = UInt32(clamping: found.inputs.count)
            node.output_count = UInt32(clamping: found.outputs.count)
        }
    }
}

@c @implementation
public func nnformer_graph_get_output_type(
    _ graph: OpaquePointer?, _ node: Int, _ output: Int, _ type: UnsafeMutablePointer<nnformer_tensor_type>?,
    _ error: UnsafeMutablePointer<nnformer_error>?
) -> nnformer_status {
    reportingFailure(to: error) { () throws(Failure) in
        let found = try Handle<GraphHandle>.object(graph, "graph").graph.nodes.element(at: node, "nodes")
        let tensorType = try found.outputs.element(at: output, "outputs of the node")
        try nnformer_tensor_type.update(type, "type") { type throws(Failure) in try type.set(tensorType) }
    }
}

@c @implementation
public func nnformer_graph_get_input_type(
    _ graph: OpaquePointer?, _ node: Int, _ input: Int, _ type: UnsafeMutablePointer<nnformer_tensor_type>?,
    _ error: UnsafeMutablePointer<nnformer_error>?
) -> nnformer_status {
    reportingFailure(to: error) { () throws(Failure) in
        let found = try Handle<GraphHandle>.object(graph, "graph").graph.nodes.element(at: node, "nodes")
        let tensorType = try found.inputs.element(at: input, "inputs of the node").type
        try nnformer_tensor_type.update(type, "type") { type throws(Failure) in try type.set(tensorType) }
    }
}

@c @implementation
public func nnformer_graph_unknown_operator(_ graph: OpaquePointer?, _ index: Int) -> UnsafePointer<CChar>? {
    guard let handle = try? Handle<GraphHandle>.object(graph, "graph") else { return nil }
    return handle.unknownOperators[index]
}

@c @implementation
public func nnformer_graph_hash(
    _ graph: OpaquePointer?, _ hash: UnsafeMutablePointer<UInt8>?, _ capacity: Int,
    _ error: UnsafeMutablePointer<nnformer_error>?
) -> nnformer_status {
    reportingFailure(to: error) { () throws(Failure) in
        let handle = try Handle<GraphHandle>.object(graph, "graph")
        try copy(
            GraphHash.hash(of: handle.graph, relations: handle.encoding.relations), to: hash,
            capacity: capacity, "hash")
    }
}

extension nnformer_tensor_type {
    fileprivate mutating func set(_ type: TensorType) throws(Failure) {
        element_type = type.elementType.rawValue
        reserved = 0
        guard let shape = type.shape else {
            rank = -1
            return
        }
        let isStored = withUnsafeMutableBytes(of: &extents) { bytes in
            let extents = bytes.bindMemory(to: Int64.self)
            guard shape.count <= extents.count else { return false }
            for (axis, dimension) in shape.enumerated() {
                extents[axis] = dimension.extent.map(Int64.init) ?? -1
            }
            return true
        }
        guard isStored else {
            throw Failure(
                .limitExceeded, "a tensor of rank \(shape.count) does not fit in nnformer_tensor_type")
        }
        rank = Int32(clamping: shape.count)
    }
}
