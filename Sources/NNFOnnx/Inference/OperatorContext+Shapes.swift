internal import NNFGraph

/// Arithmetic on axes and shapes that many rules share.
extension OperatorContext {
    /// The position of `axis` in a tensor of `rank` axes; a negative axis counts from the end.
    func normalizedAxis(_ axis: Int, rank: Int) throws(Failure) -> Int {
        guard axis >= -rank, axis < rank else {
            throw invalid("axis \(axis) is outside a tensor of rank \(rank)")
        }
        return axis < 0 ? axis + rank : axis
    }

    /// The positions of `axes` in a tensor of `rank` axes, in the given order; a repeated axis is an error.
    func normalizedAxes(_ axes: [Int], rank: Int) throws(Failure) -> [Int] {
        var result: [Int] = []
        // The list comes from the file: more entries than axes must repeat one.
        guard axes.count <= rank else {
            throw invalid("\(axes.count) axes are given for a tensor of rank \(rank)")
        }
        for axis in axes {
            let position = try normalizedAxis(axis, rank: rank)
            guard !result.contains(position) else { throw invalid("axis \(axis) is given twice") }
            result.append(position)
        }
        return result
    }

    /// The one extent that two axes have which must agree. `what` names them in the message.
    func unified(
        _ left: Dimension, _ right: Dimension, _ what: @autoclosure () -> String
    ) throws(Failure) -> Dimension {
        if let a = left.extent, let b = right.extent, a != b {
            throw invalid("\(what()) must agree, but are \(a) and \(b)")
        }
        if left.isKnown { return left }
        return right == .unknown ? left : right
    }

    /// The shape of two tensors that must be of one shape. `what` names them in the message.
    func unified(
        _ left: [Dimension]?, _ right: [Dimension]?, _ what: @autoclosure () -> String
    ) throws(Failure) -> [Dimension]? {
        guard let left else { return right }
        guard let right else { return left }
        guard left.count == right.count else {
            throw invalid("\(what()) must agree, but have ranks \(left.count) and \(right.count)")
        }
        var result: [Dimension] = []
        for (a, b) in zip(left, right) { result.append(try unified(a, b, what())) }
        return result
    }

    /// Multidirectional (NumPy) broadcasting; `nil` when the rank of any shape is unknown.
    func broadcast(_ shapes: [[Dimension]?]) throws(Failure) -> [Dimension]? {
        guard var result = shapes.first ?? nil else { return nil }
        for shape in shapes.dropFirst() {
            guard let shape else { return nil }
            result = try broadcast(result, shape)
        }
        return result
    }

    func broadcast(
        _ left: [Dimension], _ right: [Dimension]
    ) throws(Failure) -> [Dimension] {
        let rank = max(left.count, right.count)
        let one = Dimension(1)
        let paddedLeft = Array(repeating: one, count: rank - left.count) + left
        let paddedRight = Array(repeating: one, count: rank - right.count) + right
        var result: [Dimension] = []
        result.reserveCapacity(rank)
        for (a, b) in zip(paddedLeft, paddedRight) {
            guard let extent = Self.broadcast(a, b) else {
                throw invalid("shapes \(describe(left)) and \(describe(right)) cannot be broadcast")
            }
            result.append(extent)
        }
        return result
    }

    /// The extent that two axes broadcast to, `nil` when they cannot.
    private static func broadcast(_ left: Dimension, _ right: Dimension) -> Dimension? {
        if left == right || right.extent == 1 { return left }
        if left.extent == 1 { return right }
        switch (left.extent, right.extent) {
        case (nil, nil): return .unknown
        // An open axis must be 1 or equal to the known one, which is not 1: either way the result is known.
        case (nil, _): return right
        case (_, nil): return left
        default: return nil
        }
    }

    /// A shape as messages show it, such as `[1, 3, ?, ?]`.
    func describe(_ shape: [Dimension]?) -> String {
        guard let shape else { return "of unknown rank" }
        return "[" + shape.map { $0.extent.map(String.init) ?? "?" }.joined(separator: ", ") + "]"
    }
}

extension Dimension {
    /// The difference, unknown unless both are known, or both the same symbol, and it is not negative.
    static func - (left: Dimension, right: Dimension) -> Dimension {
        if right.extent == 0 { return left }
        if left == right, left != .unknown { return Dimension(0) }
        guard let a = left.extent, let b = right.extent else { return .unknown }
        return Dimension(a - b)  // Both are ≥ 0: no overflow; a negative difference is unknown.
    }

    /// The quotient rounded down, unknown when the divisor is zero or either is open.
    static func / (left: Dimension, right: Dimension) -> Dimension {
        if right.extent == 1 { return left }
        guard let a = left.extent, let b = right.extent, b > 0 else { return .unknown }
        return Dimension(a / b)
    }
}

extension [Dimension] {
    /// The product of the extents from `range`, clamped to the axes there are.
    func product(of range: Range<Int>) -> Dimension {
        self[range.clamped(to: indices)].reduce(Dimension(1), *)
    }
}
