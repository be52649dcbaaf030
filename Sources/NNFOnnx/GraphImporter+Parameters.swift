import NNFGraph

/// Counts trained elements, each once whoever reads them.
///
/// A constant counts when it may have been trained: floating-point or quantised, and not a single number, which is part of
/// a formula. What was folded into a constant counts with it. Linear in values and in the edges between
/// them over the life of the counter.
struct ParameterCount {
    private let values: [ResolvedValue]
    private var isCounted: [Bool]

    init(_ values: [ResolvedValue]) {
        self.values = values
        isCounted = Array(repeating: false, count: values.count)
    }

    /// Elements that reading a value adds: 0 for one that is no constant or was counted before. Saturates.
    mutating func count(_ value: Int, readBy reader: ResolvedNode) -> Int {
        guard values[value].isConstant else { return 0 }
        var sum = 0
        var pending = [value]
        while let next = pending.popLast() {
            if isCounted[next] { continue }
            isCounted[next] = true
            if values[next].derivedFrom.isEmpty {
                let type = values[next].inferred.type
                guard isTrained(type, readBy: reader), let elements = type.elementCount else { continue }
                let (result, overflow) = sum.addingReportingOverflow(elements)
                sum = overflow ? .max : result
            } else {
                pending += values[next].derivedFrom
            }
        }
        return sum
    }

    private func isTrained(_ type: TensorType, readBy reader: ResolvedNode) -> Bool {
        guard let rank = type.shape?.count, rank > 0 else { return false }
        switch type.elementType.rawValue {
        case ElementType.int8.rawValue, ElementType.uint8.rawValue, 21, 22:  // 21, 22: 4 bits
            return true
        case ElementType.int32.rawValue:
            // Biases of quantised convolutions are kept in the width of their sums.
            return ["DequantizeLinear", "QLinearConv"].contains(reader.standardOperator)
        default:
            return type.elementType.isFloatingPoint
        }
    }
}
