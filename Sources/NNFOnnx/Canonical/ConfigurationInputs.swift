import NNFGraph

/// Leaves out what says how an operator works, not on what: axes, target shapes, bounds.
///
/// Newer operator sets pass as constant inputs what older ones had as attributes. The result's shape tells what such an
/// operand did, it holds no parameters and costs nothing to read; without it both forms are the same node.
enum ConfigurationInputs {
    static func apply(to model: inout ResolvedModel) {
        for position in model.graph.nodes.indices {
            let node = model.graph.nodes[position]
            guard operators.contains(node.standardOperator) else { continue }
            var inputs = node.inputs
            for input in inputs.indices.dropFirst() where model.isConstant(inputs[input]) { inputs[input] = nil }
            while inputs.last == .some(nil) { inputs.removeLast() }
            model.graph.nodes[position].inputs = inputs
            for name in attributes { model.graph.nodes[position].node.attributes[name] = nil }
        }
    }

    /// Their first input is what they work on, the others configure.
    private static let operators: Set<String> = [
        "Clip", "CumSum", "Dropout", "Expand", "OneHot", "Pad", "ReduceL1", "ReduceL2", "ReduceLogSum",
        "ReduceLogSumExp", "ReduceMax", "ReduceMean", "ReduceMin", "ReduceProd", "ReduceSum",
        "ReduceSumSquare", "Reshape", "Resize", "Slice", "Split", "Squeeze", "Tile", "TopK", "Trilu",
        "Unsqueeze", "Upsample",
    ]

    /// What was an attribute of one of these operators in an older set, or came with the input.
    private static let attributes = [
        "allowzero", "axes", "ends", "k", "max", "min", "noop_with_empty_axes", "num_outputs", "paddings",
        "pads", "ratio", "repeats", "scales", "seed", "shape", "split", "starts", "value",
    ]
}
