internal import NNFGraph

/// Operators that keep the shape and move or blank elements.
enum RearrangementRules {
    static let table: [String: OperatorRule] = [
        "Trilu": { context throws(Failure) in try trilu(&context) },
        "ReverseSequence": { context throws(Failure) in try reverseSequence(&context) },
    ]

    /// Keeps the upper or lower triangle of matrices, from diagonal `k` on.
    private static func trilu(_ context: inout OperatorContext) throws(Failure) {
        let input = try context.requiredInput(0)
        _ = try context.requiredShape(0, ranks: 2...Limits.rank)
        let isUpper = try context.flagAttribute("upper", default: true)
        let diagonal = context.input(1) == nil ? 0 : context.constantInteger(1)
        var result = InferredValue(type: input.type)
        if let constant = input.constant, let diagonal, constant.extents.count >= 2 {
            result.constant = triangle(of: constant, from: diagonal, isUpper: isUpper)
        }
        try context.setOutput(0, result)
    }

    private static func triangle(
        of constant: ConstantValue, from diagonal: Int, isUpper: Bool
    ) -> ConstantValue {
        guard let columns = constant.extents.last, let rows = constant.extents.dropLast().last, columns > 0,
            rows > 0
        else { return constant }
        func isKept(_ number: Int) -> Bool {
            let (row, column) = (number / columns % rows, number % columns)
            // Both are below `Limits.constantElements`: their difference cannot overflow.
            return isUpper ? column - row >= diagonal : column - row <= diagonal
        }
        let elements: ConstantElements =
            switch constant.elements {
            case .integers(let values): .integers(values.indices.map { isKept($0) ? values[$0] : 0 })
            case .reals(let values): .reals(values.indices.map { isKept($0) ? values[$0] : 0 })
            }
        return ConstantValue(
            elementType: constant.elementType, extents: constant.extents, elements: elements)
    }

    private static func reverseSequence(_ context: inout OperatorContext) throws(Failure) {
        let input = try context.requiredInput(0)
        let shape = try context.requiredShape(0, ranks: 2...Limits.rank)
        let lengths = try context.requiredShape(1, ranks: 1...1)
        if let shape {
            let batchAxis = try context.normalizedAxis(
                try context.intAttribute("batch_axis", default: 1), rank: shape.count)
            let timeAxis = try context.normalizedAxis(
                try context.intAttribute("time_axis", default: 0), rank: shape.count)
            guard batchAxis != timeAxis else { throw context.invalid("batch and time are the same axis") }
            _ = try context.unified(shape[batchAxis], lengths?.first ?? .unknown, "batch and number of lengths")
        }
        try context.setOutput(0, input.type.elementType, shape)
    }
}
