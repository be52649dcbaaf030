package import NNFGraph

extension InferredValue {
    /// A value of which everything is known.
    package init(_ constant: ConstantValue) {
        self.init(
            type: TensorType(constant.elementType, constant.extents.map { Dimension($0) }),
            constant: constant)
    }

    /// An integer vector that holds `extents`: a constant when all are known, else partly symbolic.
    package init(holding extents: [Dimension], elementType: ElementType = .int64) {
        self.init(
            type: TensorType(elementType, [Dimension(extents.count)]),
            holding: extents)
    }

    /// An integer scalar that holds `extent`.
    package init(holding extent: Dimension, elementType: ElementType = .int64) {
        self.init(type: TensorType(elementType, []), holding: [extent])
    }

    /// An integer tensor of rank 0 or 1 that holds `extents`. What is longer than any shape is kept as a constant only.
    private init(type: TensorType, holding extents: [Dimension]) {
        self.init(type: type)
        if let known = extents.knownExtents {
            guard known.count <= Limits.constantElements else { return }
            constant = ConstantValue(
                elementType: type.elementType, extents: type.shape?.knownExtents ?? [],
                elements: .integers(known.map { Int64($0) }))
        } else if extents.count <= Limits.rank {
            partialElements = extents
        }
    }

    /// A constant of the file.
    ///
    /// - Throws: `invalidModel` for a negative extent, `limitExceeded` for a rank beyond `Limits.rank`. The message does
    ///   not say where: callers add the node or initializer.
    package init(_ tensor: OnnxTensor) throws(Failure) {
        guard tensor.dimensions.count <= Limits.rank else {
            throw Failure(
                .limitExceeded,
                "tensor '\(tensor.name)' has \(tensor.dimensions.count) axes, more than the \(Limits.rank) supported")
        }
        var extents: [Int] = []
        for dimension in tensor.dimensions {
            guard let extent = Int(exactly: dimension), extent >= 0 else {
                throw Failure(.invalidModel, "tensor '\(tensor.name)' has the extent \(dimension)")
            }
            extents.append(extent)
        }
        self.init(type: TensorType(tensor.elementType, extents.map { Dimension($0) }))
        guard let elements = tensor.elements,
            elements.count == ConstantValue.elementCount(of: extents)
        else { return }
        constant = ConstantValue(
            elementType: tensor.elementType, extents: extents, elements: elements)
    }
}

extension [Dimension] {
    /// The extents, when all are known.
    package var knownExtents: [Int]? {
        var result: [Int] = []
        result.reserveCapacity(count)
        for dimension in self {
            guard let extent = dimension.extent else { return nil }
            result.append(extent)
        }
        return result
    }
}
