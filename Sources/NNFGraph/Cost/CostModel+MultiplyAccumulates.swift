extension CostModel {
    /// Multiply-accumulates of convolutions, matrix products, attention and recurrent cells; 0 for everything else.
    static func multiplyAccumulates(of node: Node) -> UInt64 {
        let output = node.outputs.first?.elements ?? 0
        switch node.operatorName {
        case "Conv", "ConvInteger", "DeformConv", "com.microsoft::FusedConv":
            // Each output element sums over input channels of its group × kernel: the weight's shape but its first axis.
            return output.saturatingMultiply(node.weightElementsPerFirstAxis(input: 1))
        case "QLinearConv":
            return output.saturatingMultiply(node.weightElementsPerFirstAxis(input: 3))
        case "ConvTranspose":
            // Each input element is spread over output channels of its group × kernel.
            return node.inputElements(0).saturatingMultiply(node.weightElementsPerFirstAxis(input: 1))
        case "MatMul", "MatMulInteger", "QLinearMatMul", "Gemm", "com.microsoft::FusedMatMul":
            let transposed = (node.attributes.int("transA") ?? 0) != 0
            return output.saturatingMultiply(node.extent(input: 0, axisFromEnd: transposed ? 2 : 1))
        case "Einsum":
            return einsumProducts(of: node)
        case "LSTM", "GRU", "RNN":
            return recurrentProducts(of: node)
        case "Attention", "com.microsoft::MultiHeadAttention", "com.microsoft::Attention":
            return attentionProducts(of: node)
        default:
            return 0
        }
    }

    /// W is [directions, gates·hidden, input], R is [directions, gates·hidden, hidden]; both apply at every step.
    private static func recurrentProducts(of node: Node) -> UInt64 {
        guard let shape = node.inputShape(0), shape.count == 3 else { return 0 }
        let steps = (shape[0] * shape[1]).extent.map { UInt64($0) } ?? 0
        return steps.saturatingMultiply(node.inputElements(1).saturatingAdd(node.inputElements(2)))
    }

    /// The product of the extents of all indices of the equation: one multiply-accumulate for each point of that space.
    private static func einsumProducts(of node: Node) -> UInt64 {
        guard let equation = node.attributes.string("equation") else { return 0 }
        let terms = equation.utf8.prefix { $0 != UInt8(ascii: "-") }
            .split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
        guard terms.count == node.inputs.count else { return 0 }
        var extents: [UInt8: UInt64] = [:]
        for (term, input) in zip(terms, node.inputs) {
            // Labels are letters of ASCII, which bit 5 makes small ones.
            let labels = term.filter { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0 | 0x20) }
            guard let shape = input.type.shape, labels.count <= shape.count else { return 0 }
            // An ellipsis stands for the leading axes; labels after it are matched from the end.
            for (label, dimension) in zip(labels.reversed(), shape.reversed()) {
                extents[label] = max(extents[label] ?? 0, UInt64(dimension.extent ?? 0))
            }
        }
        return extents.values.reduce(1) { $0.saturatingMultiply($1) }
    }

    /// Scores of all heads: batch × heads × queries × keys.
    static func attentionScores(of node: Node) -> UInt64 {
        guard let query = node.inputShape(0), let key = node.inputShape(1) ?? node.inputShape(0),
            query.count >= 3, key.count >= 3
        else { return 0 }
        let batch = UInt64(query[0].extent ?? 0)
        let queries = node.extent(input: 0, axisFromEnd: 2)
        let keys = UInt64(key[key.count - 2].extent ?? 0)
        let heads = query.count == 4
            ? UInt64(query[1].extent ?? 0)
            : UInt64(max(node.attributes.int("q_num_heads") ?? node.attributes.int("num_heads") ?? 1, 0))
        return batch.saturatingMultiply(heads).saturatingMultiply(queries).saturatingMultiply(keys)
    }

    /// Q·Kᵀ and scores·V: the width of one head each, and the input projections where the operator holds them.
    private static func attentionProducts(of node: Node) -> UInt64 {
        guard let query = node.inputShape(0), query.count >= 3 else { return 0 }
        if node.operatorName == "com.microsoft::Attention" {
            // Inputs: [batch, sequence, width], weight [width, 3·hidden]; every head's keys are the sequence itself.
            let sequence = node.extent(input: 0, axisFromEnd: 2)
            let hidden = node.outputs.first?.elements ?? 0
            let projection = (query[0] * query[1]).extent.map { UInt64($0) } ?? 0
            return projection.saturatingMultiply(node.inputElements(1))
                .saturatingAdd(hidden.saturatingMultiply(sequence).saturatingMultiply(2))
        }
        let heads = query.count == 4
            ? 1 : UInt64(max(node.attributes.int("q_num_heads") ?? node.attributes.int("num_heads") ?? 1, 1))
        let width = node.extent(input: 0, axisFromEnd: 1) / heads
        return attentionScores(of: node).saturatingMultiply(width).saturatingMultiply(2)
    }
}

extension Node {
    func inputShape(_ position: Int) -> [Dimension]? {
        hasInput(position) ? inputs[position].type.shape : nil
    }

    func inputElements(_ position: Int) -> UInt64 {
        hasInput(position) ? inputs[position].type.elements : 0
    }

    /// Extent of an axis counted from the end (1 is the last); 0 where unknown.
    func extent(input position: Int, axisFromEnd: Int) -> UInt64 {
        guard let shape = inputShape(position), shape.count >= axisFromEnd, axisFromEnd > 0 else {
            return 0
        }
        return UInt64(shape[shape.count - axisFromEnd].extent ?? 0)
    }

    /// Elements of a weight for each entry of its first axis.
    func weightElementsPerFirstAxis(input position: Int) -> UInt64 {
        guard let shape = inputShape(position), shape.count > 1 else { return 0 }
        return UInt64(shape.dropFirst().reduce(Dimension(1), *).extent ?? 0)
    }
}
