import NNFGraph

/// Infers types, shapes and small constants of a resolved model, node by node in topological order.
///
/// Each operator has its rule (`OperatorRules`); operators without one get the types the file states. What the
/// file states also fills in what a rule leaves unknown, as long as it can still be true (`trustsDeclaredExtents`).
/// The work is linear in nodes and edges but for bodies of control flow, which a rule may infer more than once: the total is
/// bounded, as is that on constants.
final class ShapeInference {
    private(set) var values: [ResolvedValue]

    /// Extents of the file's named axes, as far as they are fixed.
    private let parameterExtents: [String: Int]
    /// Whether extents that the file states for intermediate values hold: not once the caller has changed an input's.
    private let trustsDeclaredExtents: Bool
    private var remainingWork = 4 * (Limits.nodes + Limits.edges)
    /// Elements of constants that may still be read or written: 2²⁴, 128 MiB, thousands of constants of the largest size.
    private var remainingConstantElements = 1 << 24

    /// - Parameter inputs: the caller's choice of input extents; its types go to the main graph's inputs.
    init(_ model: ResolvedModel, inputs: InputBinding) {
        values = model.values
        parameterExtents = inputs.parameterExtents
        trustsDeclaredExtents = inputs.replacement == nil
        for (number, type) in zip(model.graph.inputs, inputs.types) {
            values[number].inferred = InferredValue(type: type)
        }
    }

    /// Infers every node of a graph whose inputs are known.
    ///
    /// - Throws: what a rule finds contradictory (`invalidModel`); `limitExceeded` when bodies multiply the work.
    func infer(_ graph: ResolvedGraph) throws(Failure) {
        for node in graph.nodes { try infer(node) }
    }

    private func infer(_ node: ResolvedNode) throws(Failure) {
        try charge(1 + node.inputs.count + node.outputs.count, at: node)
        let inputs = visibleInputs(of: node)
        var context = OperatorContext(
            node: node.node, operatorSet: node.operatorSet, inputs: inputs
        ) { (name: String, inputs: [InferredValue]) throws(Failure) -> [InferredValue] in
            try self.inferSubgraph(of: node, named: name, inputs: inputs)
        }
        if let rule = OperatorRules.rule(
            domain: node.node.domain, operatorType: node.node.operatorType)
        {
            try rule(&context)
        }
        for (position, number) in node.outputs.enumerated() {
            guard let number else { continue }
            let answer = position < context.outputs.count ? context.outputs[position] : .unknown
            values[number].inferred = try accepted(answer, for: number, of: node)
        }
    }

    /// Values of the body's outputs, for given values of its inputs.
    private func inferSubgraph(
        of node: ResolvedNode, named name: String, inputs: [InferredValue]
    ) throws(Failure) -> [InferredValue] {
        guard let graph = node.subgraphs.first(where: { $0.name == name })?.graph else { return [] }
        for (position, number) in graph.inputs.enumerated() {
            let answer = position < inputs.count ? inputs[position] : .unknown
            values[number].inferred = try accepted(answer, for: number, of: node)
        }
        try infer(graph)
        return graph.outputs.map { values[$0].inferred }
    }

    // MARK: What the file states

    /// A rule's answer, completed by what the file states, and within `Limits`.
    private func accepted(
        _ answer: InferredValue, for number: Int, of node: ResolvedNode
    ) throws(Failure) -> InferredValue {
        var value = answer
        if let declared = values[number].declared { complete(&value.type, from: declared) }
        if let rank = value.type.shape?.count, rank > Limits.rank {
            throw Failure(
                .limitExceeded,
                "node '\(node.node.name)' (\(node.node.operatorType)) makes a tensor of \(rank) axes, \(Limits.rank) are the limit")
        }
        let count = value.elementsFollowed
        if count > Limits.constantElements || count > remainingConstantElements {
            value.forgetElements()
        } else {
            remainingConstantElements -= count
        }
        return value
    }

    private func complete(_ type: inout TensorType, from declared: OnnxValue) {
        if type.elementType == .undefined { type.elementType = declared.elementType }
        guard let axes = declared.axes else { return }
        let extents = axes.map { axis in
            switch axis {
            case .extent(let extent) where trustsDeclaredExtents && extent >= 0:
                Int(exactly: extent).map { Dimension($0) } ?? .unknown
            case .parameter(let name):
                parameterExtents[name].map { Dimension($0) } ?? .unknown
            default: Dimension.unknown
            }
        }
        guard let shape = type.shape else {
            type.shape = extents
            return
        }
        guard shape.count == extents.count else { return }
        type.shape = zip(shape, extents).map { $0.isKnown ? $0 : $1 }
    }

    // MARK: Bounds

    /// What a rule gets to see of its inputs: without their elements once too many have been read.
    private func visibleInputs(of node: ResolvedNode) -> [InferredValue?] {
        var inputs = node.inputs.map { $0.map { values[$0].inferred } }
        let elements = inputs.reduce(0) { $0 + ($1?.elementsFollowed ?? 0) }
        if elements <= remainingConstantElements {
            remainingConstantElements -= elements
        } else {
            for position in inputs.indices { inputs[position]?.forgetElements() }
        }
        return inputs
    }

    private func charge(_ work: Int, at node: ResolvedNode) throws(Failure) {
        remainingWork -= work
        if remainingWork < 0 {
            throw Failure(
                .limitExceeded,
                "bodies of If, Loop and Scan nest too deeply to be inferred, at node '\(node.node.name)'")
        }
    }
}

extension InferredValue {
    /// Elements that shape arithmetic follows.
    fileprivate var elementsFollowed: Int {
        (constant?.elements.count ?? 0) + (partialElements?.count ?? 0)
    }

    fileprivate mutating func forgetElements() {
        constant = nil
        partialElements = nil
    }
}
