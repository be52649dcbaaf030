internal import NNFGraph

/// Operators that read a shape or change it without looking at the elements.
enum ShapeRules {
    static let table: [String: OperatorRule] = [
        "Shape": { context throws(Failure) in try shape(&context) },
        "Size": { context throws(Failure) in try size(&context) },
        "Flatten": { context throws(Failure) in try flatten(&context) },
        "Squeeze": { context throws(Failure) in try squeeze(&context) },
        "Unsqueeze": { context throws(Failure) in try unsqueeze(&context) },
        "Transpose": { context throws(Failure) in try transpose(&context) },
        "Expand": { context throws(Failure) in try expand(&context) },
        "Tile": { context throws(Failure) in try tile(&context) },
    ]

    /// The extents of the axes from `start` to before `end`, both clamped (since operator set 15).
    private static func shape(_ context: inout OperatorContext) throws(Failure) {
        guard let shape = try context.requiredShape(0) else {
            try context.setOutput(0, .int64, [.unknown])
            return
        }
        let rank = shape.count
        let start = clampedPosition(try context.intAttribute("start", default: 0), rank)
        let end = clampedPosition(try context.intAttribute("end", default: rank), rank)
        let extents = start < end ? Array(shape[start..<end]) : []
        try context.setOutput(0, InferredValue(holding: extents))
    }

    private static func clampedPosition(_ position: Int, _ rank: Int) -> Int {
        min(max(position < 0 ? position + rank : position, 0), rank)
    }

    private static func size(_ context: inout OperatorContext) throws(Failure) {
        let shape = try context.requiredShape(0)
        let count = shape.map { $0.product(of: $0.indices) } ?? .unknown
        try context.setOutput(0, InferredValue(holding: count))
    }

    /// Two axes: the product of those before `axis`, and of the rest.
    private static func flatten(_ context: inout OperatorContext) throws(Failure) {
        let input = try context.requiredInput(0)
        guard let shape = input.type.shape else {
            try context.setOutput(0, input.type.elementType, [.unknown, .unknown])
            return
        }
        let axis = try context.intAttribute("axis", default: 1)
        guard axis >= -shape.count, axis <= shape.count else {
            throw context.invalid("axis \(axis) is outside a tensor of rank \(shape.count)")
        }
        let position = axis < 0 ? axis + shape.count : axis
        try context.setReshaped(
            input, to: [shape.product(of: 0..<position), shape.product(of: position..<shape.count)])
    }

    private static func squeeze(_ context: inout OperatorContext) throws(Failure) {
        let input = try context.requiredInput(0)
        let axes = try context.integers(attribute: "axes", orInput: 1)
        guard let shape = input.type.shape else {
            try context.setOutput(0, input.type.elementType, nil)
            return
        }
        switch axes {
        case .absent:
            // Which axes go depends on every extent.
            let result = shape.allSatisfy(\.isKnown) ? shape.filter { $0.extent != 1 } : nil
            try context.setReshaped(input, to: result)
        case .known(let axes):
            let removed = try context.normalizedAxes(axes, rank: shape.count)
            for axis in removed {
                if let extent = shape[axis].extent, extent != 1 {
                    throw context.invalid(
                        "axis \(axis) of shape \(context.describe(shape)) cannot be squeezed: its extent is \(extent), not 1")
                }
            }
            try context.setReshaped(
                input, to: shape.indices.filter { !removed.contains($0) }.map { shape[$0] })
        case .open(let count):
            let rank = count.flatMap { $0 <= shape.count ? shape.count - $0 : nil }
            try context.setReshaped(input, to: rank.map { Array(repeating: .unknown, count: $0) })
        }
    }

    /// `axes` are positions in the result.
    private static func unsqueeze(_ context: inout OperatorContext) throws(Failure) {
        let input = try context.requiredInput(0)
        let axes = try context.integers(attribute: "axes", orInput: 1)
        guard let shape = input.type.shape else {
            try context.setOutput(0, input.type.elementType, nil)
            return
        }
        switch axes {
        case .absent:
            throw context.invalid("the axes to insert are missing")
        case .known(let axes):
            let (rank, overflow) = shape.count.addingReportingOverflow(axes.count)
            guard !overflow, rank <= Limits.rank else {
                throw Failure(
                    .limitExceeded,
                    "\(context.nodeDescription): the result has more than the \(Limits.rank) axes supported")
            }
            let inserted = try context.normalizedAxes(axes, rank: rank)
            var kept = shape.makeIterator()
            var result: [Dimension] = []
            for axis in 0..<rank {
                result.append(inserted.contains(axis) ? Dimension(1) : kept.next() ?? .unknown)
            }
            try context.setReshaped(input, to: result)
        case .open(let count):
            let rank = count.flatMap { $0 <= Limits.rank ? shape.count + $0 : nil }
            try context.setReshaped(input, to: rank.map { Array(repeating: .unknown, count: $0) })
        }
    }

    private static func transpose(_ context: inout OperatorContext) throws(Failure) {
        let input = try context.requiredInput(0)
        let permutation = try context.intsAttribute("perm")
        guard let shape = input.type.shape else {
            let rank = permutation?.count
            try context.setOutput(
                0, input.type.elementType, rank.map { Array(repeating: .unknown, count: $0) })
            return
        }
        let order = permutation ?? Array(shape.indices.reversed())
        guard order.count == shape.count, order.sorted() == Array(shape.indices) else {
            throw context.invalid("'perm' \(order) is no permutation of the axes of \(context.describe(shape))")
        }
        var result = InferredValue(
            type: TensorType(input.type.elementType, order.map { shape[$0] }),
            partialElements: input.partialElements)  // Rank 0 or 1: nothing moves.
        if let constant = input.constant, constant.extents.count == order.count {
            var view = StridedView(rowMajor: constant.extents)
            view.extents = order.map { constant.extents[$0] }
            view.strides = order.map { [strides = view.strides] in strides[$0] }
            result.constant = constant.read(through: view)
        }
        try context.setOutput(0, result)
    }

    /// Multidirectional broadcasting of the input with a shape vector.
    private static func expand(_ context: inout OperatorContext) throws(Failure) {
        let input = try context.requiredInput(0)
        guard let target = try context.shapeArgument(1), let shape = input.type.shape else {
            try context.setOutput(0, input.type.elementType, nil)
            return
        }
        let result = try context.broadcast(shape, target)
        try context.setBroadcast(input, to: result)
    }

    /// Repeats each axis. Before operator set 6, a count and one axis instead of a count for each axis.
    private static func tile(_ context: inout OperatorContext) throws(Failure) {
        let input = try context.requiredInput(0)
        guard let shape = input.type.shape else {
            try context.setOutput(0, input.type.elementType, nil)
            return
        }
        let repeats: [Dimension]
        if context.operatorSet < 6 {
            let count = try context.shapeArgument(1)?.first ?? .unknown
            if let axis = context.constantInteger(2) {
                let position = try context.normalizedAxis(axis, rank: shape.count)
                repeats = shape.indices.map { $0 == position ? count : Dimension(1) }
            } else {
                repeats = shape.map { _ in .unknown }
            }
        } else {
            repeats = try context.shapeArgument(1) ?? shape.map { _ in .unknown }
        }
        guard repeats.count == shape.count else {
            throw context.invalid(
                "\(repeats.count) repeats are given for a tensor of rank \(shape.count)")
        }
        let extents = zip(shape, repeats).map { $0 * $1 }
        var result = InferredValue(type: TensorType(input.type.elementType, extents))
        if let constant = input.constant, let known = repeats.knownExtents,
            extents.allSatisfy(\.isKnown)
        {
            result.constant = tiled(constant, repeats: known, extents: extents.compactMap(\.extent))
        }
        try context.setOutput(0, result)
    }

    /// Each axis is read as two, of which the outer one (the repetition) has stride 0.
    private static func tiled(_ constant: ConstantValue, repeats: [Int], extents: [Int]) -> ConstantValue? {
        var view = StridedView(rowMajor: constant.extents)
        view.extents = zip(repeats, constant.extents).flatMap { [$0, $1] }
        view.strides = view.strides.flatMap { [0, $0] }
        return constant.read(through: view)?.reshaped(to: extents)
    }
}

extension OperatorContext {
    /// Sets output 0 to `input` under another shape with the same elements in the same order.
    mutating func setReshaped(_ input: InferredValue, to shape: [Dimension]?) throws(Failure) {
        var result = InferredValue(type: TensorType(input.type.elementType, shape))
        if let extents = shape?.knownExtents { result.constant = input.constant?.reshaped(to: extents) }
        if let rank = shape?.count, rank <= 1, let partial = input.partialElements,
            result.type.elementCount == partial.count
        {
            result.partialElements = partial
        }
        try setOutput(0, result)
    }

    /// Sets output 0 to `input` repeated over axes so that it has `shape`, to which it must be broadcastable.
    mutating func setBroadcast(_ input: InferredValue, to shape: [Dimension]) throws(Failure) {
        var result = InferredValue(type: TensorType(input.type.elementType, shape))
        if let constant = input.constant, let extents = shape.knownExtents,
            constant.extents.count <= extents.count
        {
            let added = Array(repeating: 0, count: extents.count - constant.extents.count)
            var view = StridedView(rowMajor: constant.extents)
            view.strides = added + zip(constant.extents, view.strides).map { $0 == 1 ? 0 : $1 }
            view.extents = extents
            result.constant = constant.read(through: view)
        } else if input.type.shape == shape {
            result.partialElements = input.partialElements
        }
        try setOutput(0, result)
    }
}
