import NNFGraph

/// What a node with subgraphs costs: its body, times the number of trips where that is known.
///
/// Of an `If` that depends on data the dearer branch counts. Linear in the nodes of the bodies; recursion as deep as
/// subgraphs nest.
struct ControlFlowCost {
    private let model: ResolvedModel

    init(_ model: ResolvedModel) { self.model = model }

    func cost(of node: ResolvedNode) -> Cost {
        let bodies = node.subgraphs.map { cost(of: $0.graph) }
        if node.standardOperator == "If" {
            return bodies.max { ($0.flops, $0.bytesRead) < ($1.flops, $1.bytesRead) } ?? Cost()
        }
        return bodies.reduce(Cost(), +) * tripCount(of: node)
    }

    private func cost(of graph: ResolvedGraph) -> Cost {
        graph.nodes.reduce(Cost()) { sum, node in
            if !node.subgraphs.isEmpty { return sum + cost(of: node) }
            // What is the same at each trip is computed once, on loading.
            let outputs = node.outputs.compactMap(\.self)
            if outputs.allSatisfy({ model.values[$0].inferred.constant != nil }) { return sum }
            return sum + CostModel.cost(of: bodyNode(node))
        }
    }

    private func bodyNode(_ node: ResolvedNode) -> Node {
        let inputs = node.inputs.map { value in
            NodeInput(
                source: value == nil
                    ? .absent : model.isConstant(value) ? .constant(number: 0) : .node(0),
                type: model.type(of: value))
        }
        return Node(
            name: node.node.name, operatorName: node.qualifiedOperator,
            attributes: node.node.attributes, inputs: inputs,
            outputs: node.outputs.map { model.type(of: $0) })
    }

    /// 1 where unknown. Exporters write the largest integer for "until the condition fails".
    private func tripCount(of node: ResolvedNode) -> UInt64 {
        switch node.standardOperator {
        case "Loop":
            guard let trips = model.integers(node.input(0))?.first, trips >= 0, trips <= Int64(Int32.max)
            else { return 1 }
            return UInt64(trips)
        case "Scan":
            // Before version 9 the first input is sequence_lens and the scanned axis follows the batch.
            let scanned = node.node.attributes.int("num_scan_inputs") ?? 1
            guard scanned > 0, scanned <= node.inputs.count,
                let shape = model.type(of: node.inputs[node.inputs.count - scanned]).shape
            else { return 1 }
            var axis = node.operatorSet < 9 ? 1 : node.node.attributes.ints("scan_input_axes")?.first ?? 0
            if axis < 0, axis >= -shape.count { axis += shape.count }
            guard shape.indices.contains(axis), let extent = shape[axis].extent else { return 1 }
            return UInt64(extent)
        default:
            return 1
        }
    }
}

extension Cost {
    fileprivate static func + (left: Cost, right: Cost) -> Cost {
        var sum = Cost()
        sum.macs = left.macs.saturatingAdd(right.macs)
        sum.flops = left.flops.saturatingAdd(right.flops)
        sum.bytesRead = left.bytesRead.saturatingAdd(right.bytesRead)
        sum.bytesWritten = left.bytesWritten.saturatingAdd(right.bytesWritten)
        return sum
    }

    fileprivate static func * (cost: Cost, trips: UInt64) -> Cost {
        var product = Cost()
        product.macs = cost.macs.saturatingMultiply(trips)
        product.flops = cost.flops.saturatingMultiply(trips)
        product.bytesRead = cost.bytesRead.saturatingMultiply(trips)
        product.bytesWritten = cost.bytesWritten.saturatingMultiply(trips)
        return product
    }
}
