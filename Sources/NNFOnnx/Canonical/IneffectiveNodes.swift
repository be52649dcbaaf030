import NNFGraph

/// Takes out nodes that hand on what they get: `Identity`, `Dropout` at inference, `Cast` to the type at hand, and so on.
enum IneffectiveNodes {
    static func apply(to model: inout ResolvedModel) {
        let index = GraphIndex(model)
        var replacements: [Int: Int] = [:]
        var removed: Set<Int> = []
        for (position, node) in model.graph.nodes.enumerated() {
            guard let input = node.input(0), let output = node.output(0),
                handsOn(node, in: model, index: index)
            else { continue }
            replacements[output] = replacements[input] ?? input
            removed.insert(position)
        }
        model.removeNodes(removed)
        model.replaceValues(replacements)
    }

    /// Whether the first output is the first input, and nothing else is asked of the node.
    private static func handsOn(
        _ node: ResolvedNode, in model: ResolvedModel, index: GraphIndex
    ) -> Bool {
        let input = model.type(of: node.input(0))
        let output = model.type(of: node.output(0))
        guard node.outputs.dropFirst().allSatisfy({ index.readerCount(of: $0) == 0 }) else { return false }
        let keepsShape = input.elementCount != nil && input.shape == output.shape
        switch node.standardOperator {
        case "Identity":
            return true
        case "Dropout":
            // Input 2 is training_mode, since operator set 12.
            return node.input(2) == nil || model.scalar(node.input(2)) == 0
        case "Cast", "CastLike":
            return input.elementType != .undefined && input.elementType == output.elementType
        case "Concat", "Sum", "Max", "Min", "Mean":
            return node.inputs.count == 1
        case "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Expand", "Tile":
            return keepsShape
        case "Transpose":
            guard let permutation = node.node.attributes.ints("perm") else {
                return input.shape.map { $0.count < 2 } ?? false
            }
            return permutation.enumerated().allSatisfy { $0.offset == $0.element }
        case "Pad":
            guard keepsShape else { return false }
            let pads = node.node.attributes.ints("pads")?.map { Int64($0) }
                ?? node.node.attributes.ints("paddings")?.map { Int64($0) }
                ?? model.integers(node.input(1))
            return pads?.allSatisfy { $0 == 0 } ?? false
        case "Slice":
            // A negative step reverses an axis.
            guard keepsShape else { return false }
            return node.input(4) == nil
                || (model.integers(node.input(4))?.allSatisfy { $0 > 0 } ?? false)
        default:
            return false
        }
    }
}
