internal import NNFGraph

/// Operators that add to or cut from both ends of axes.
enum PaddingRules {
    static let table: [String: OperatorRule] = [
        "Pad": { context throws(Failure) in try pad(&context) },
        "CenterCropPad": { context throws(Failure) in try centerCropPad(&context) },
    ]

    /// Counts to add at the start of each axis, then at the end of each; negative ones cut.
    ///
    /// The counts are the attribute `paddings` in operator set 1, `pads` up to 10, then an input; since 18 for some axes.
    private static func pad(_ context: inout OperatorContext) throws(Failure) {
        let input = try context.requiredInput(0)
        let name = context.operatorSet < 2 ? "paddings" : "pads"
        let pads = try context.integers(attribute: name, orInput: 1)
        if case .absent = pads { throw context.invalid("the counts to pad by are missing") }
        let givenAxes = try context.integers(input: 3)
        guard var shape = input.type.shape else {
            try context.setOutput(0, input.type.elementType, nil)
            return
        }
        let axes: [Int]
        switch givenAxes {
        case .absent: axes = Array(shape.indices)
        case .known(let given): axes = try context.normalizedAxes(given, rank: shape.count)
        case .open:
            try context.setOutput(0, input.type.elementType, shape.map { _ in .unknown })
            return
        }
        guard let counts = pads.values else {
            for axis in axes { shape[axis] = .unknown }
            try context.setOutput(0, input.type.elementType, shape)
            return
        }
        guard counts.count == 2 * axes.count else {
            throw context.invalid("\(counts.count) counts are given to pad \(axes.count) axes; there must be two an axis")
        }
        for (axis, (before, after)) in zip(axes, zip(counts, counts.dropFirst(axes.count))) {
            shape[axis] = try padded(shape[axis], before, after, axis, context)
        }
        try context.setOutput(0, input.type.elementType, shape)
    }

    private static func padded(
        _ dimension: Dimension, _ before: Int, _ after: Int, _ axis: Int, _ context: OperatorContext
    ) throws(Failure) -> Dimension {
        if before == 0, after == 0 { return dimension }
        guard let extent = dimension.extent else { return .unknown }
        let (widened, firstOverflow) = extent.addingReportingOverflow(before)
        let (result, secondOverflow) = widened.addingReportingOverflow(after)
        guard !firstOverflow, !secondOverflow, result >= 0 else {
            throw context.invalid("axis \(axis) of extent \(extent) cannot be padded by \(before) and \(after)")
        }
        return Dimension(result)
    }

    /// Pads or crops axes about their centre to given extents (operator set 18).
    private static func centerCropPad(_ context: inout OperatorContext) throws(Failure) {
        let input = try context.requiredInput(0)
        let target = try context.shapeArgument(1)
        guard var shape = input.type.shape else {
            try context.setOutput(0, input.type.elementType, nil)
            return
        }
        let axes = try context.intsAttribute("axes").map { axes throws(Failure) in
            try context.normalizedAxes(axes, rank: shape.count)
        } ?? Array(shape.indices)
        if let target, target.count != axes.count {
            throw context.invalid("\(target.count) extents are given for \(axes.count) axes")
        }
        for (entry, axis) in axes.enumerated() { shape[axis] = target?[entry] ?? .unknown }
        try context.setOutput(0, input.type.elementType, shape)
    }
}
