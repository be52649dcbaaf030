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
package struct InferredValue: Hashable, Sendable {
    package var type: TensorType
    /// Elements, where the value is a small constant.
    package var constant: ConstantValue?
    /// Extents that the value holds, some of them symbolic: `Shape`'s result and what is computed from it.
    /// Rank 0 or 1 integer tensors only; present even when `constant` is not.
    package var partialElements: [Dimension]?
    /// What is known of the elements, where the value is a sequence of tensors; `type` is then unknown.
    package var sequence: InferredSequence?

    package init(
        type: TensorType, constant: ConstantValue? = nil, partialElements: [Dimension]? = nil
    ) {
        self.type = type
        self.constant = constant
        self.partialElements = partialElements
    }

    package static let unknown = InferredValue(type: .unknown)
}

/// What is known of a sequence of tensors.
package struct InferredSequence: Hashable, Sendable {
    /// Element type and shape that all elements have in common; extents in which they differ are unknown.
    package var elementType: TensorType
    package var length: Dimension
    /// The type of each element, where they differ and the sequence is short (`Limits.sequenceElements`).
    package var elementTypes: [TensorType]?

    package init(elementType: TensorType, length: Dimension, elementTypes: [TensorType]? = nil) {
        self.elementType = elementType
        self.length = length
        self.elementTypes = elementTypes
    }
}

/// One node under inference: what a rule reads and what it answers.
///
/// Rules never trap and never guess: what cannot be known stays unknown, what contradicts the specification of the
/// operator is a `Failure(.invalidModel)` that names the node.
package struct OperatorContext {
    /// Infers one subgraph of the node: attribute name and values of the subgraph's inputs in, values of its outputs out.
    package typealias SubgraphInference = (String, [InferredValue]) throws(Failure) -> [InferredValue]

    package let node: OnnxNode
    /// Version of the operator set that the node's domain has in this model.
    package let operatorSet: Int
    /// One entry an input, `nil` where an optional input is left out. May be shorter than the operator allows.
    package let inputs: [InferredValue?]
    /// One entry an output the node names, all unknown at first.
    package var outputs: [InferredValue]
    private let subgraphInference: SubgraphInference?

    /// - Parameter subgraphInference: supplied by the engine, which sees the outer scope and bounds nesting and work;
    ///   without it every output of a subgraph is unknown.
    package init(
        node: OnnxNode, operatorSet: Int, inputs: [InferredValue?],
        subgraphInference: SubgraphInference? = nil
    ) {
        self.node = node
        self.operatorSet = operatorSet
        self.inputs = inputs
        self.subgraphInference = subgraphInference
        self.outputs = Array(repeating: .unknown, count: node.outputs.count)
    }

    /// Values of the outputs of the subgraph that the attribute `name` holds, one entry each.
    ///
    /// - Parameter inputs: one value for each formal input of the subgraph, in order; missing ones are unknown.
    /// - Throws: `invalidModel` when the node has no such subgraph, and whatever inference of the subgraph throws.
    package func inferSubgraph(
        named name: String, inputs: [InferredValue]
    ) throws(Failure) -> [InferredValue] {
        guard let subgraph = node.subgraphs[name] else {
            throw Failure(
                .invalidModel,
                "node '\(node.name)' (\(node.operatorType)) lacks its subgraph '\(name)'")
        }
        guard let subgraphInference else {
            return Array(repeating: .unknown, count: subgraph.outputs.count)
        }
        return try subgraphInference(name, inputs)
    }
}

/// Infers the outputs of one operator.
package typealias OperatorRule = @Sendable (inout OperatorContext) throws(Failure) -> Void
