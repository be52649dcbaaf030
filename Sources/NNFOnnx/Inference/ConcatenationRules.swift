internal import NNFGraph

/// `Concat`: tensors joined along an axis.
enum ConcatenationRules {
    static let table: [String: OperatorRule] = [
        "Concat": { context throws(Failure) in try concatenate(&context) }
    ]

    private static func concatenate(_ context: inout OperatorContext) throws(Failure) {
        guard !context.inputs.isEmpty else { throw context.invalid("it has no inputs") }
        var values: [InferredValue] = []
        for index in context.inputs.indices { values.append(try context.requiredInput(index)) }
        let axis = try context.intAttribute("axis", default: 1)  // Without a default since operator set 4.
        let elementType = context.elementType(firstKnownOf: context.inputs.indices)
        var result = InferredValue(
            type: TensorType(elementType, try context.concatenated(values.map(\.type.shape), axis: axis)))
        if let shape = result.type.shape, !shape.isEmpty {
            let position = try context.normalizedAxis(axis, rank: shape.count)
            if let extents = shape.knownExtents, ConstantValue.elementCount(of: extents) != nil {
                result.constant = constant(joining: values, extents: extents, axis: position)
            }
            if result.constant == nil, shape.count == 1, let held = heldExtents(of: context) {
                result = InferredValue(holding: held, elementType: elementType)
            }
        }
        try context.setOutput(0, result)
    }

    /// What a shape vector put together from others holds, when at least one of them is partly known.
    ///
    /// A constant -1 (as `Reshape` takes it) is an unknown extent here, which `Reshape` resolves in the same way.
    private static func heldExtents(of context: OperatorContext) -> [Dimension]? {
        guard context.inputs.contains(where: { $0?.partialElements != nil }) else { return nil }
        var held: [Dimension] = []
        for index in context.inputs.indices {
            guard let part = context.heldExtents(index), held.count + part.count <= Limits.constantElements
            else { return nil }
            held += part
        }
        return held
    }

    /// Blocks of the inputs' elements by turns: all axes from `axis` on lie together in each input.
    private static func constant(
        joining values: [InferredValue], extents: [Int], axis: Int
    ) -> ConstantValue? {
        var pool: ConstantElements?
        var firstNumbers: [Int] = []
        var blockSizes: [Int] = []
        for value in values {
            guard let part = value.constant else { return nil }
            guard part.elements.count > 0 else { continue }
            guard part.extents.indices.contains(axis),
                let blockSize = ConstantValue.elementCount(of: Array(part.extents[axis...]))
            else { return nil }
            let poolCount = pool?.count ?? 0
            guard poolCount + part.elements.count <= Limits.constantElements else { return nil }
            firstNumbers.append(poolCount)
            blockSizes.append(blockSize)
            if let joined = pool {
                guard let longer = joined.appending(part.elements) else { return nil }
                pool = longer
            } else {
                pool = part.elements
            }
        }
        guard let elementType = values.first?.constant?.elementType else { return nil }
        let elements = pool ?? values.first?.constant?.elements ?? .integers([])
        let blockCount = ConstantValue.elementCount(of: Array(extents[..<axis])) ?? 0
        var numbers: [Int] = []
        numbers.reserveCapacity(elements.count)
        for block in 0..<blockCount {
            for (first, size) in zip(firstNumbers, blockSizes) {
                numbers += (0..<size).map { first + block * size + $0 }  // ≤ Limits.constantElements
            }
        }
        return ConstantValue(elementType: elementType, extents: [elements.count], elements: elements)
            .picked(at: numbers, extents: extents)
    }
}

extension OperatorContext {
    /// Shape of tensors joined along `axis`; `nil` when no rank is known.
    ///
    /// An empty vector joins with tensors of any rank: PyTorch's `torch.cat` allows it and exporters keep it.
    func concatenated(_ shapes: [[Dimension]?], axis: Int) throws(Failure) -> [Dimension]? {
        let rank = shapes.lazy.compactMap { $0 }.first { $0 != [Dimension(0)] }?.count
        let isOnlyEmpty = rank == nil && shapes.contains { $0 != nil }
        guard let rank = rank ?? (isOnlyEmpty ? 1 : nil) else { return nil }
        let position = try normalizedAxis(axis, rank: rank)
        var result: [Dimension] = Array(repeating: .unknown, count: rank)
        var total = Dimension(0)
        for shape in shapes {
            guard let shape else {
                total = .unknown
                continue
            }
            if shape == [Dimension(0)], rank != 1 { continue }
            guard shape.count == rank else {
                throw invalid("tensors of rank \(rank) and \(shape.count) cannot be joined")
            }
            for other in shape.indices where other != position {
                result[other] = try unified(
                    result[other], shape[other], "extents of axis \(other) of the joined tensors")
            }
            total = total + shape[position]
        }
        result[position] = total
        return result
    }
}
