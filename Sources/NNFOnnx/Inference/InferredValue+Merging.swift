internal import NNFGraph

extension InferredValue {
    /// What is known of a value that is either this one or `other`: what both have in common.
    func merged(with other: InferredValue) -> InferredValue {
        var result = InferredValue(type: type.merged(with: other.type))
        if constant == other.constant { result.constant = constant }
        if result.constant == nil, let held = heldExtents, let others = other.heldExtents,
            held.count == others.count, type.shape?.count == other.type.shape?.count
        {
            let common = zip(held, others).map { $0 == $1 ? $0 : .unknown }
            if common.contains(where: { $0 != .unknown }) { result.partialElements = common }
        }
        if let sequence, let others = other.sequence { result.sequence = sequence.merged(with: others) }
        return result
    }

    /// The extents that a shape vector holds; a negative element is an unknown extent.
    private var heldExtents: [Dimension]? {
        if let partialElements { return partialElements }
        guard let constant, constant.extents.count <= 1, constant.elements.count <= Limits.rank,
            case .integers(let elements) = constant.elements
        else { return nil }
        return elements.map { Int(exactly: $0).map { Dimension($0) } ?? .unknown }
    }

    /// The value with nothing known but the kind of its elements.
    var withoutShape: InferredValue {
        InferredValue(type: TensorType(type.elementType, nil))
    }
}

extension TensorType {
    /// What two types have in common: extents in which they differ are unknown.
    func merged(with other: TensorType) -> TensorType {
        let elementType = elementType == other.elementType ? elementType : .undefined
        guard let shape, let others = other.shape, shape.count == others.count else {
            return TensorType(elementType, nil)
        }
        return TensorType(elementType, zip(shape, others).map { $0 == $1 ? $0 : .unknown })
    }
}

extension InferredSequence {
    /// A sequence of elements of the given types. Cost linear in their number.
    init(of types: [TensorType]) {
        let common = types.dropFirst().reduce(types.first ?? .unknown) { $0.merged(with: $1) }
        let areEqual = types.allSatisfy { $0 == common }
        self.init(
            elementType: common, length: Dimension(types.count),
            elementTypes: areEqual || types.count > Limits.sequenceElements ? nil : types)
    }

    /// The type of each element, when the sequence is known and short.
    var shortElementTypes: [TensorType]? {
        if let elementTypes { return elementTypes }
        // Where elements differ and are not listed, nothing tells them apart: the common type stands for each.
        guard let count = length.extent, count <= Limits.sequenceElements else { return nil }
        return Array(repeating: elementType, count: count)
    }

    func merged(with other: InferredSequence) -> InferredSequence {
        if self == other { return self }
        let length = length == other.length ? length : .unknown
        // An empty sequence has no elements that could differ from the other's.
        if self.length.extent == 0 { return InferredSequence(elementType: other.elementType, length: length) }
        if other.length.extent == 0 { return InferredSequence(elementType: elementType, length: length) }
        return InferredSequence(
            elementType: elementType.merged(with: other.elementType), length: length)
    }
}
