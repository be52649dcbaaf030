package import NNFGraph

/// A constant that shape arithmetic can compute with: at most `Limits.constantElements` elements.
package struct ConstantValue: Hashable, Sendable {
    package var elementType: ElementType
    /// Extents; their product is `elements.count`.
    package var extents: [Int]
    package var elements: ConstantElements

    package init(elementType: ElementType, extents: [Int], elements: ConstantElements) {
        self.elementType = elementType
        self.extents = extents
        self.elements = elements
    }
}

/// What is known of one value while a graph is being inferred.
package struct InferredValue: Sendable {
    package var type: TensorType
    /// Elements, where the value is a small constant.
    package var constant: ConstantValue?
    /// Extents that the value holds, some of them symbolic: `Shape`'s result and what is computed from it.
    /// Rank 0 or 1 integer tensors only; present even when `constant` is not.
    package var partialElements: [Dimension]?

    package init(
        type: TensorType, constant: ConstantValue? = nil, partialElements: [Dimension]? = nil
    ) {
        self.type = type
        self.constant = constant
        self.partialElements = partialElements
    }

    package static let unknown = InferredValue(type: .unknown)
}

/// One node under inference: what a rule reads and what it answers.
///
/// Rules never trap and never guess: what cannot be known stays unknown, what contradicts the specification of the
/// operator is a `Failure(.invalidModel)` that names the node.
package struct OperatorContext {
    package let node: OnnxNode
    /// Version of the operator set that the node's domain has in this model.
    package let operatorSet: Int
    /// One entry an input, `nil` where an optional input is left out. May be shorter than the operator allows.
    package let inputs: [InferredValue?]
    /// One entry an output the node names, all unknown at first.
    package var outputs: [InferredValue]

    package init(node: OnnxNode, operatorSet: Int, inputs: [InferredValue?]) {
        self.node = node
        self.operatorSet = operatorSet
        self.inputs = inputs
        self.outputs = Array(repeating: .unknown, count: node.outputs.count)
    }
}

/// Infers the outputs of one operator.
package typealias OperatorRule = @Sendable (inout OperatorContext) throws(Failure) -> Void
