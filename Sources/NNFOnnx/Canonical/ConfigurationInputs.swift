/// Leaves out constant inputs that say how an operator works, not on what: axes, target shapes, bounds.
///
/// Newer operator sets pass as inputs what older ones had as attributes. The result's shape tells what such an operand
/// did, it holds no parameters and costs nothing to read; without it both forms are the same node.
enum ConfigurationInputs {
    static func apply(to model: inout ResolvedModel) {
        for position in model.graph.nodes.indices {
            let node = model.graph.nodes[position]
            let configured = positions(of: node.standardOperator, inputCount: node.inputs.count)
            if configured.isEmpty { continue }
            var inputs = node.inputs
            for input in configured where model.isConstant(inputs[input]) { inputs[input] = nil }
            while inputs.last == .some(nil) { inputs.removeLast() }
            model.graph.nodes[position].inputs = inputs
        }
    }

    private static func positions(of operatorName: String, inputCount: Int) -> Range<Int> {
        guard inputCount > 1 else { return 0..<0 }
        switch operatorName {
        case "Clip", "CumSum", "Dropout", "Expand", "OneHot", "Pad", "ReduceL1", "ReduceL2",
            "ReduceLogSum", "ReduceLogSumExp", "ReduceMax", "ReduceMean", "ReduceMin", "ReduceProd",
            "ReduceSum", "ReduceSumSquare", "Reshape", "Resize", "Slice", "Split", "Squeeze", "Tile",
            "TopK", "Trilu", "Unsqueeze", "Upsample":
            return 1..<inputCount
        default:
            return 0..<0
        }
    }
}
