internal import NNFGraph

/// Operators whose result has as many entries as the elements decide.
enum SelectionRules {
    static let table: [String: OperatorRule] = [
        "NonZero": { context throws(Failure) in try nonZero(&context) },
        "NonMaxSuppression": { context throws(Failure) in try nonMaxSuppression(&context) },
        "Compress": { context throws(Failure) in try compress(&context) },
        "Unique": { context throws(Failure) in try unique(&context) },
    ]

    /// Positions of the elements other than zero, [rank, count].
    private static func nonZero(_ context: inout OperatorContext) throws(Failure) {
        let input = try context.requiredInput(0)
        guard let shape = input.type.shape else {
            try context.setOutput(0, .int64, [.unknown, .unknown])
            return
        }
        var result = InferredValue(type: TensorType(.int64, [Dimension(shape.count), .unknown]))
        if let constant = input.constant {
            let numbers = nonZeroNumbers(constant.elements)
            let extents = [constant.extents.count, numbers.count]
            result = InferredValue(type: TensorType(.int64, extents.map { Dimension($0) }))
            if ConstantValue.elementCount(of: extents) != nil {
                result.constant = ConstantValue(
                    elementType: .int64, extents: extents,
                    elements: .integers(positions(of: numbers, in: constant.extents)))
            }
        }
        try context.setOutput(0, result)
    }

    private static func nonZeroNumbers(_ elements: ConstantElements) -> [Int] {
        switch elements {
        case .integers(let values): values.indices.filter { values[$0] != 0 }
        case .reals(let values): values.indices.filter { values[$0] != 0 }
        }
    }

    /// Positions on each axis of the elements of the given row-major numbers, axis by axis.
    private static func positions(of numbers: [Int], in extents: [Int]) -> [Int64] {
        let strides = StridedView(rowMajor: extents).strides
        return zip(extents, strides).flatMap { extent, stride in
            // A number exists only where no extent is zero, and then no stride is either.
            numbers.map { stride > 0 && extent > 0 ? Int64($0 / stride % extent) : 0 }
        }
    }

    /// Boxes that are kept, each as (batch, class, box).
    private static func nonMaxSuppression(_ context: inout OperatorContext) throws(Failure) {
        let boxes = try context.requiredShape(0, ranks: 3...3)
        let scores = try context.requiredShape(1, ranks: 3...3)
        if let boxes, let scores {
            _ = try context.unified(boxes[0], scores[0], "batches of boxes and scores")
            _ = try context.unified(boxes[1], scores[2], "numbers of boxes and scores")
        }
        try context.setOutput(0, .int64, [.unknown, Dimension(3)])
    }

    /// Keeps the entries of `axis` (of the flattened tensor without it) where the condition holds.
    private static func compress(_ context: inout OperatorContext) throws(Failure) {
        let input = try context.requiredInput(0)
        _ = try context.requiredShape(1, ranks: 1...1)
        let kept = context.constantIntegers(1).map { Dimension($0.count { $0 != 0 }) } ?? .unknown
        guard let axis = try context.intAttribute("axis") else {
            try context.setOutput(0, input.type.elementType, [kept])
            return
        }
        guard var shape = input.type.shape else {
            try context.setOutput(0, input.type.elementType, nil)
            return
        }
        shape[try context.normalizedAxis(axis, rank: shape.count)] = kept
        try context.setOutput(0, input.type.elementType, shape)
    }

    /// Distinct entries of `axis`, or distinct elements; then first occurrences, each entry's place, and counts.
    private static func unique(_ context: inout OperatorContext) throws(Failure) {
        let input = try context.requiredInput(0)
        let axis = try context.intAttribute("axis")
        var entryCount = Dimension.unknown
        var distinct: [Dimension]?
        if let axis {
            if var shape = input.type.shape {
                let position = try context.normalizedAxis(axis, rank: shape.count)
                entryCount = shape[position]
                shape[position] = .unknown
                distinct = shape
            }
        } else {
            distinct = [.unknown]
            entryCount = input.type.shape.map { $0.product(of: $0.indices) } ?? .unknown
        }
        try context.setOutput(0, input.type.elementType, distinct)
        try context.setOutput(1, .int64, [.unknown])
        try context.setOutput(2, .int64, [entryCount])
        try context.setOutput(3, .int64, [.unknown])
    }
}
