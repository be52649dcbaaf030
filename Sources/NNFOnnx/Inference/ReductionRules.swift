internal import NNFGraph

/// Operators that fold axes: `Reduce…`, `ArgMax`, `ArgMin`, and `TopK`, which shortens one.
enum ReductionRules {
    static let table: [String: OperatorRule] = [
        "ReduceL1": reduce(nil), "ReduceL2": reduce(nil), "ReduceLogSum": reduce(nil),
        "ReduceLogSumExp": reduce(nil), "ReduceMean": reduce(nil), "ReduceSumSquare": reduce(nil),
        "ReduceMax": reduce(Fold(ElementFunctions.maximum)),
        "ReduceMin": reduce(Fold(ElementFunctions.minimum)),
        "ReduceProd": reduce(Fold(ElementFunctions.multiply, initial: 1)),
        "ReduceSum": reduce(Fold(ElementFunctions.add, initial: 0)),
        "ArgMax": positionOfExtreme, "ArgMin": positionOfExtreme,
        "TopK": largest,
    ]

    /// How a reduction that shape arithmetic uses folds elements.
    private struct Fold: Sendable {
        let function: BinaryElementFunction
        /// Result of folding nothing; `nil` where there is none, as for extremes.
        ///
        /// Sums and products of reals are not followed: their last bit depends on the order in which a runtime takes them.
        let initial: Int64?

        init(_ function: @escaping BinaryElementFunction, initial: Int64? = nil) {
            self.function = function
            self.initial = initial
        }

        func folded(_ value: InferredValue, over axes: [Int]) -> ElementArray? {
            guard initial == nil || !value.type.elementType.isFloatingPoint else { return nil }
            return ElementArray(value)?.reduced(over: axes, from: initial.map { .integer($0) }, function)
        }
    }

    private static func reduce(_ fold: Fold?) -> OperatorRule {
        { (context: inout OperatorContext) throws(Failure) in try reduce(&context, fold) }
    }

    private static func reduce(
        _ context: inout OperatorContext, _ fold: Fold?
    ) throws(Failure) {
        let value = try context.requiredInput(0)
        let keepsAxes = try context.flagAttribute("keepdims", default: true)
        guard let shape = value.type.shape else {
            return try context.setOutput(0, value.type.elementType, nil)
        }
        guard let axes = try reducedAxes(context, rank: shape.count) else {
            let unknown = try shapeOverUnknownAxes(context, shape, keepsAxes: keepsAxes)
            return try context.setOutput(0, value.type.elementType, unknown)
        }
        let result = reduced(shape, axes, keepsAxes: keepsAxes)
        var array: ElementArray?
        if let fold {
            array = fold.folded(value, over: axes)
            if !keepsAxes, let kept = array {
                array = kept.reshaped(
                    to: kept.extents.indices.filter { !axes.contains($0) }.map { kept.extents[$0] })
            }
        }
        try context.setOutput(0, array, as: TensorType(value.type.elementType, result))
    }

    /// Positions of the axes to fold: an attribute at first, an optional input since operator set 13 (`ReduceSum`) or 18.
    /// `nil` when the input is not a known constant.
    private static func reducedAxes(
        _ context: OperatorContext, rank: Int
    ) throws(Failure) -> [Int]? {
        var stated = try context.intsAttribute("axes") ?? []
        if let input = context.input(1) {
            if let constant = context.constantIntegers(1) {
                stated = constant
            } else if input.type.elementCount != 0 {
                return nil
            }
        }
        if stated.isEmpty {
            let keepsAll = try context.flagAttribute("noop_with_empty_axes", default: false)
            return keepsAll ? [] : Array(0..<rank)
        }
        return try context.normalizedAxes(stated, rank: rank)
    }

    /// What can be said when the number of folded axes may be known, but not which.
    private static func shapeOverUnknownAxes(
        _ context: OperatorContext, _ shape: [Dimension], keepsAxes: Bool
    ) throws(Failure) -> [Dimension]? {
        if keepsAxes { return shape.map { $0.extent == 1 ? $0 : .unknown } }
        // Of an unknown number of axes, or of none, which may stand for all.
        guard let count = context.input(1)?.type.elementCount, count > 0 else { return nil }
        guard count <= shape.count else {
            throw context.invalid("\(count) axes are given for a tensor of rank \(shape.count)")
        }
        return Array(repeating: .unknown, count: shape.count - count)
    }

    private static func reduced(
        _ shape: [Dimension], _ axes: [Int], keepsAxes: Bool
    ) -> [Dimension] {
        let folded = Set(axes)
        return shape.enumerated().compactMap { position, extent in
            folded.contains(position) ? (keepsAxes ? Dimension(1) : nil) : extent
        }
    }

    private static func positionOfExtreme(_ context: inout OperatorContext) throws(Failure) {
        let keepsAxes = try context.flagAttribute("keepdims", default: true)
        let axis = try context.intAttribute("axis", default: 0)
        var result: [Dimension]?
        if let shape = try context.requiredShape(0) {
            // A scalar passes as a vector of one element, as in ONNX Runtime.
            let position = try context.normalizedAxis(axis, rank: max(shape.count, 1))
            result = reduced(shape, [position], keepsAxes: keepsAxes)
        }
        try context.setOutput(0, .int64, result)
    }

    /// `TopK`: the number is an attribute in operator set 1 and an input since 10. Outputs: values and their positions.
    private static func largest(_ context: inout OperatorContext) throws(Failure) {
        let type = context.elementType(0)
        var count = Dimension.unknown
        if let stated = try context.intAttribute("k") ?? context.constantInteger(1) {
            guard stated >= 0 else { throw context.invalid("k is \(stated); it must not be negative") }
            count = Dimension(stated)
        } else {
            _ = try context.requiredInput(1)
            if let held = context.heldExtents(1), held.count == 1, let first = held.first {
                count = first
            }
        }
        var result = try context.requiredShape(0)
        if let shape = result {
            let axis = try context.normalizedAxis(
                context.intAttribute("axis", default: -1), rank: shape.count)
            if let extent = shape[axis].extent, let wanted = count.extent, wanted > extent {
                throw context.invalid("k is \(wanted), but axis \(axis) has only \(extent) elements")
            }
            result?[axis] = count
        }
        try context.setOutput(0, type, result)
        try context.setOutput(1, .int64, result)
    }
}
