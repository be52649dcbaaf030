/// Arithmetic and memory traffic of one operator, from its shapes and attributes alone.
///
/// Conventions. A multiply-accumulate is two floating-point operations. Every primitive (add, multiply, compare, divide,
/// square root, exponential, …) counts one. Each operand is read once and each result written once, in its element
/// type; views move nothing. What depends on an unknown extent counts as zero; sums saturate instead of
/// overflowing.
package enum CostModel {
    /// Cost of one execution of `node`. O(number of its operands).
    package static func cost(of node: Node) -> Cost {
        var cost = Cost()
        cost.macs = multiplyAccumulates(of: node)
        cost.flops = cost.macs.saturatingMultiply(2)
            .saturatingAdd(primitiveOperations(of: node))
        (cost.bytesRead, cost.bytesWritten) = memoryTraffic(of: node)
        return cost
    }

    // MARK: Memory

    private static func memoryTraffic(of node: Node) -> (read: UInt64, written: UInt64) {
        if viewOperators.contains(node.operatorName) { return (0, 0) }
        let written = node.outputs.reduce(UInt64(0)) { $0.saturatingAdd($1.bytes) }
        // An indexed read touches what it selects, not the whole table.
        if let tableInput = selectingOperators[node.operatorName] {
            let rest = node.inputs.enumerated().filter { $0.offset != tableInput }
            return (rest.reduce(written) { $0.saturatingAdd($1.element.type.bytes) }, written)
        }
        return (node.inputs.reduce(UInt64(0)) { $0.saturatingAdd($1.type.bytes) }, written)
    }

    /// Operators that only say anew how the same bytes are to be seen.
    private static let viewOperators: Set<String> = [
        "Dropout", "Flatten", "Identity", "Reshape", "Shape", "Size", "Squeeze", "Unsqueeze",
        "SequenceConstruct", "SequenceAt", "SequenceEmpty", "SequenceErase", "SequenceInsert",
        "SequenceLength", "Optional", "OptionalGetElement", "OptionalHasElement",
    ]

    /// Operators that read a part of one input, by the number of that input.
    private static let selectingOperators: [String: Int] = [
        "Gather": 0, "GatherElements": 0, "GatherND": 0, "Slice": 0, "Compress": 0, "Split": 0,
    ]

    // MARK: Primitive operations beyond multiply-accumulates

    private static func primitiveOperations(of node: Node) -> UInt64 {
        let output = node.outputs.first?.elements ?? 0
        let input = node.inputs.first?.type.elements ?? 0
        switch node.operatorName {
        case "Conv", "ConvTranspose", "DeformConv", "Gemm", "com.microsoft::FusedConv":
            return node.hasInput(2) ? output : 0
        case "QLinearConv":
            return node.hasInput(8) ? output : 0
        case "MaxPool", "AveragePool", "LpPool":
            let window = node.attributes.ints("kernel_shape") ?? []
            return output.saturatingMultiply(window.reduce(1) { $0.saturatingMultiply(UInt64(max($1, 0))) })
        case "LSTM", "GRU", "RNN":
            return output.saturatingMultiply(recurrentPrimitives(node.operatorName))
        case "Attention", "com.microsoft::MultiHeadAttention", "com.microsoft::Attention":
            return attentionScores(of: node).saturatingMultiply(5)
        case "Sum", "Min", "Max", "Mean":
            return output.saturatingMultiply(UInt64(max(node.inputs.count - 1, 1)))
        case let name where readsEveryElement(name):
            return input.saturatingMultiply(primitivesPerElement[name] ?? 1)
        default:
            return output.saturatingMultiply(primitivesPerElement[node.operatorName] ?? 0)
        }
    }

    /// Reductions and normalisations do work for each element they read, however few they write.
    private static func readsEveryElement(_ operatorName: String) -> Bool {
        switch OperatorCategory(of: operatorName) {
        case .reduction, .normalization, .pooling: true
        default: false
        }
    }

    private static func recurrentPrimitives(_ operatorName: String) -> UInt64 {
        switch operatorName {
        case "LSTM": 20  // four gates of five primitives: bias, activation
        case "GRU": 16
        default: 4
        }
    }
}

extension TensorType {
    /// Elements as an unsigned number, 0 where an extent is unknown.
    var elements: UInt64 { elementCount.map { UInt64($0) } ?? 0 }
    /// Bytes as an unsigned number, 0 where an extent is unknown.
    var bytes: UInt64 { sizeInBytes.map { UInt64($0) } ?? 0 }
}

extension Node {
    func hasInput(_ position: Int) -> Bool {
        inputs.indices.contains(position) && inputs[position].source != .absent
    }
}

extension UInt64 {
    package func saturatingAdd(_ other: UInt64) -> UInt64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }

    package func saturatingMultiply(_ other: UInt64) -> UInt64 {
        let (product, overflow) = multipliedReportingOverflow(by: other)
        return overflow ? .max : product
    }
}
