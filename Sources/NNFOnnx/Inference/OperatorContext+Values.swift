internal import NNFGraph

/// Reading inputs and writing outputs.
extension OperatorContext {
    /// The input at `index`, `nil` where it is left out.
    func input(_ index: Int) -> InferredValue? {
        inputs.indices.contains(index) ? inputs[index] : nil
    }

    /// The input at `index`; throws when it is left out.
    func requiredInput(_ index: Int) throws(Failure) -> InferredValue {
        guard let value = input(index) else { throw invalid("input \(index) is missing") }
        return value
    }

    /// Shape of an input that must be given; `nil` while its rank is unknown.
    func requiredShape(_ index: Int) throws(Failure) -> [Dimension]? {
        try requiredInput(index).type.shape
    }

    /// Shape of an input that must be given and must have a rank within `ranks`; `nil` while its rank is unknown.
    func requiredShape(_ index: Int, ranks: ClosedRange<Int>) throws(Failure) -> [Dimension]? {
        guard let shape = try requiredShape(index) else { return nil }
        guard ranks.contains(shape.count) else {
            let expected =
                ranks.lowerBound == ranks.upperBound
                ? "\(ranks.lowerBound)"
                : "at least \(ranks.lowerBound)"
                + (ranks.upperBound < Limits.rank ? " and at most \(ranks.upperBound)" : "")
            throw invalid("input \(index) has rank \(shape.count); the operator takes \(expected)")
        }
        return shape
    }

    /// Element type of an input, undefined where it is left out or unknown.
    func elementType(_ index: Int) -> ElementType {
        input(index)?.type.elementType ?? .undefined
    }

    /// The first known element type among the inputs at `indices`.
    func elementType(firstKnownOf indices: some Sequence<Int>) -> ElementType {
        for index in indices where elementType(index) != .undefined { return elementType(index) }
        return .undefined
    }

    /// Elements of an integer input (any rank, row-major), when it is a known constant.
    func constantIntegers(_ index: Int) -> [Int]? {
        guard case .integers(let elements)? = input(index)?.constant?.elements else { return nil }
        return elements.map { Int($0) }  // Int is 64 bits wide on every platform that builds this library.
    }

    /// The only element of an integer input, when it is a known constant of one element.
    func constantInteger(_ index: Int) -> Int? {
        guard let elements = constantIntegers(index), elements.count == 1 else { return nil }
        return elements.first
    }

    /// Elements of a floating-point input (any rank, row-major), when it is a known constant.
    func constantReals(_ index: Int) -> [Double]? {
        guard case .reals(let elements)? = input(index)?.constant?.elements else { return nil }
        return elements
    }

    /// The extents that an integer vector or scalar holds, as far as they are known; `nil` when not even their number is.
    /// A negative element (as in `Reshape`'s -1) is an unknown extent here.
    func heldExtents(_ index: Int) -> [Dimension]? {
        guard let value = input(index) else { return nil }
        if let integers = constantIntegers(index) { return integers.map { Dimension($0) } }
        if let partial = value.partialElements { return partial }
        guard value.type.shape?.count == 1, let count = value.type.elementCount,
            count <= Limits.rank
        else { return nil }
        return Array(repeating: .unknown, count: count)
    }

    /// Sets the type of the output at `index`, if the node names that many. Throws when the rank is beyond `Limits.rank`.
    mutating func setOutput(
        _ index: Int, _ elementType: ElementType, _ shape: [Dimension]?
    ) throws(Failure) {
        try setOutput(index, InferredValue(type: TensorType(elementType, shape)))
    }

    /// Sets the output at `index`, if the node names that many. Throws when the rank is beyond `Limits.rank`.
    mutating func setOutput(_ index: Int, _ value: InferredValue) throws(Failure) {
        if let rank = value.type.shape?.count, rank > Limits.rank {
            throw Failure(
                .limitExceeded,
                "\(nodeDescription): output \(index) has \(rank) axes, more than the \(Limits.rank) supported")
        }
        guard outputs.indices.contains(index) else { return }
        outputs[index] = value
    }
}
