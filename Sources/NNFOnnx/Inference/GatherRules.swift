internal import NNFGraph

/// Operators that read elements at given positions.
enum GatherRules {
    static let table: [String: OperatorRule] = [
        "Gather": { context throws(Failure) in try gather(&context) },
        "GatherElements": { context throws(Failure) in try gatherElements(&context) },
        "GatherND": { context throws(Failure) in try gatherND(&context) },
    ]

    /// `axis` of the data is replaced by the shape of the indices.
    private static func gather(_ context: inout OperatorContext) throws(Failure) {
        let data = try context.requiredInput(0)
        let indices = try context.requiredInput(1)
        guard let shape = data.type.shape else {
            try context.setOutput(0, data.type.elementType, nil)
            return
        }
        let axis = try context.normalizedAxis(
            try context.intAttribute("axis", default: 0), rank: shape.count)
        let positions = try context.positions(1, extent: shape[axis])
        guard let indexShape = indices.type.shape else {
            try context.setOutput(0, data.type.elementType, nil)
            return
        }
        let extents = shape[..<axis] + indexShape + shape[(axis + 1)...]
        var result = InferredValue(type: TensorType(data.type.elementType, Array(extents)))
        if let positions {
            if let constant = data.constant, let known = Array(extents).knownExtents {
                result.constant = gathered(constant, axis: axis, positions: positions, extents: known)
            } else if let partial = data.partialElements, indexShape.count <= 1 {
                var held: [Dimension] = []
                for position in positions {
                    // Positions are in range of the axis, and the vector holds one entry a position.
                    held.append(partial.indices.contains(position) ? partial[position] : .unknown)
                }
                result = context.holding(held, data.type.elementType, isScalar: indexShape.isEmpty)
            }
        }
        try context.setOutput(0, result)
    }

    private static func gathered(
        _ constant: ConstantValue, axis: Int, positions: [Int], extents: [Int]
    ) -> ConstantValue? {
        guard constant.extents.indices.contains(axis), let count = ConstantValue.elementCount(of: extents)
        else { return nil }
        guard count > 0 else { return constant.picked(at: [], extents: extents) }
        // The result is not empty, so that neither are these: no factor exceeds `count`, or that of the constant.
        let outer = ConstantValue.elementCount(of: Array(constant.extents[..<axis])) ?? 0
        let inner = ConstantValue.elementCount(of: Array(constant.extents[(axis + 1)...])) ?? 0
        var numbers: [Int] = []
        numbers.reserveCapacity(count)
        for block in 0..<outer {
            for position in positions {
                let first = (block &* constant.extents[axis] &+ position) &* inner
                for offset in 0..<inner { numbers.append(first &+ offset) }
            }
        }
        return constant.picked(at: numbers, extents: extents)
    }

    /// One element of the data for each index: indices have the data's rank.
    private static func gatherElements(_ context: inout OperatorContext) throws(Failure) {
        let data = try context.requiredInput(0)
        let indexShape = try context.requiredShape(1)
        let rank = data.type.shape?.count ?? indexShape?.count
        if let rank {
            let axis = try context.normalizedAxis(
                try context.intAttribute("axis", default: 0), rank: rank)
            try context.checkEqualRanks(data.type.shape, indexShape, "data and indices")
            _ = try context.positions(1, extent: data.type.shape?[axis] ?? .unknown)
        }
        try context.setOutput(
            0, data.type.elementType, indexShape ?? rank.map { Array(repeating: .unknown, count: $0) })
    }

    /// The last axis of the indices holds positions of as many leading axes of the data (behind `batch_dims` common ones).
    private static func gatherND(_ context: inout OperatorContext) throws(Failure) {
        let elementType = context.elementType(0)
        let batchRank = try context.intAttribute("batch_dims", default: 0)
        guard batchRank >= 0 else { throw context.invalid("'batch_dims' is \(batchRank)") }
        guard let shape = try context.requiredShape(0, ranks: 1...Limits.rank),
            let indexShape = try context.requiredShape(1, ranks: 1...Limits.rank)
        else {
            try context.setOutput(0, elementType, nil)
            return
        }
        guard batchRank < min(shape.count, indexShape.count) else {
            throw context.invalid(
                "'batch_dims' is \(batchRank); it must be less than the ranks \(shape.count) and \(indexShape.count)")
        }
        var leading = Array(indexShape.dropLast())
        for axis in 0..<batchRank {
            leading[axis] = try context.unified(shape[axis], indexShape[axis], "extents of batch axis \(axis)")
        }
        guard let depth = indexShape.last?.extent else {
            try context.setOutput(0, elementType, nil)
            return
        }
        guard depth >= 1, depth <= shape.count - batchRank else {
            throw context.invalid(
                "the indices address \(depth) axes of a tensor of rank \(shape.count) with \(batchRank) batch axes")
        }
        try context.setOutput(0, elementType, leading + shape[(batchRank + depth)...])
    }
}

extension OperatorContext {
    /// Elements of a constant integer input as positions on an axis, negative ones counted from its end.
    ///
    /// `nil` when the input is no constant, or the extent is open and a position negative.
    func positions(_ index: Int, extent: Dimension) throws(Failure) -> [Int]? {
        guard let values = constantIntegers(index) else { return nil }
        guard let extent = extent.extent else { return values.contains { $0 < 0 } ? nil : values }
        var result: [Int] = []
        result.reserveCapacity(values.count)
        for value in values {
            guard value >= -extent, value < extent else {
                throw invalid("index \(value) is outside an axis of extent \(extent)")
            }
            result.append(value < 0 ? value + extent : value)
        }
        return result
    }

    func checkEqualRanks(
        _ left: [Dimension]?, _ right: [Dimension]?, _ what: String
    ) throws(Failure) {
        if let left, let right, left.count != right.count {
            throw invalid("\(what) must have the same rank, but have \(left.count) and \(right.count)")
        }
    }

    /// An integer vector, or the scalar of its one entry, that holds `extents`.
    func holding(_ extents: [Dimension], _ elementType: ElementType, isScalar: Bool) -> InferredValue {
        if isScalar, extents.count == 1, let extent = extents.first {
            InferredValue(holding: extent, elementType: elementType)
        } else {
            InferredValue(holding: extents, elementType: elementType)
        }
    }
}
