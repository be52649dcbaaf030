import NNFGraph

/// Infers types, shapes and small constants of a resolved model, node by node in topological order.
///
/// Each operator has its rule (`OperatorRules`); operators without one get the types the file states. What the
/// file states also fills in what a rule leaves unknown, as long as it can still be true (`trustsDeclaredExtents`).
/// The work is linear in nodes, edges and bytes of attributes but for bodies of control flow, which a rule may infer more than
/// once: the total is bounded, as are elements that are followed and bytes of shapes.
final class ShapeInference {
    private(set) var values: [ResolvedValue]

    /// Extents of the file's named axes, as far as they are fixed.
    private let parameterExtents: [String: Int]
    /// Whether extents that the file states for intermediate values hold: not once the caller has changed an input's.
    private let trustsDeclaredExtents: Bool
    /// Work that may still be done, in the units of `work(of:)`: each body four times, and a third of a second more for those
    /// that nest.
    private var remainingWork: Int
    /// Elements of constants, and axes of sequences' elements, that may still be read or written: 2²⁴, 128 MiB, thousands of
    /// constants of the largest size.
    private var remainingElements = 1 << 24
    /// Bytes of shapes that values may still be given.
    private var remainingShapeBytes = Limits.shapeBytes

    /// - Parameter inputs: the caller's choice of input extents; its types go to the main graph's inputs.
    init(_ model: ResolvedModel, inputs: InputBinding) {
        values = model.values
        parameterExtents = inputs.parameterExtents
        trustsDeclaredExtents = inputs.replacement == nil
        remainingWork = 4 * Self.work(of: model.graph) + 1 << 20
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
        try charge(Self.work(of: node), at: node)
        let inputs = visibleInputs(of: node)
        try requireShapeBytes(forOutputsOf: node, inputs)
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
        try charge(graph.inputs.count + graph.outputs.count, at: node)
        for (position, number) in graph.inputs.enumerated() {
            let answer = position < inputs.count ? inputs[position] : .unknown
            values[number].inferred = try accepted(answer, for: number, of: node)
        }
        try infer(graph)
        let results = graph.outputs.map { values[$0].inferred }
        // A body may name one result many times; rules make new shapes of each.
        if results.reduce(0, { $0 + $1.shapeBytes }) > remainingShapeBytes { throw tooManyShapes(at: node) }
        return results
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
        if count > Limits.constantElements || count > remainingElements {
            value.forgetElements()
        } else {
            remainingElements -= count
        }
        remainingShapeBytes -= value.shapeBytes
        if remainingShapeBytes < 0 { throw tooManyShapes(at: node) }
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
        if elements <= remainingElements {
            remainingElements -= elements
        } else {
            for position in inputs.indices { inputs[position]?.forgetElements() }
        }
        return inputs
    }

    /// Outputs take their shapes from inputs, however many there are: they are made before `accepted` can count them.
    private func requireShapeBytes(
        forOutputsOf node: ResolvedNode, _ inputs: [InferredValue?]
    ) throws(Failure) {
        let largest = inputs.reduce(0) { max($0, $1?.shapeBytes ?? 0) }
        // No overflow: at most `Limits.edges` outputs of `Limits.rank` axes.
        if node.outputs.count * largest > remainingShapeBytes { throw tooManyShapes(at: node) }
    }

    private func tooManyShapes(at node: ResolvedNode) -> Failure {
        Failure(
            .limitExceeded,
            "node '\(node.node.name)' (\(node.node.operatorType)): the shapes of the model's values take more than \(Limits.shapeBytes >> 20) MiB")
    }

    /// What inferring each node of a graph once costs, bodies included. Without recursion.
    private static func work(of graph: ResolvedGraph) -> Int {
        var work = 0
        var pending = [graph]
        while let graph = pending.popLast() {
            work += graph.inputs.count + graph.outputs.count
            for node in graph.nodes {
                work += Self.work(of: node)
                for subgraph in node.subgraphs { pending.append(subgraph.graph) }
            }
        }
        return work
    }

    /// A unit is a third of a microsecond: a value to look up, or 64 bytes of an attribute that a rule may walk through.
    private static func work(of node: ResolvedNode) -> Int {
        1 + node.inputs.count + node.outputs.count + node.node.attributes.sizeInBytes >> 6
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
    /// Elements that shape arithmetic follows, and axes of a sequence's elements.
    fileprivate var elementsFollowed: Int {
        let types = sequence?.elementTypes ?? []
        return types.reduce((constant?.elements.count ?? 0) + (partialElements?.count ?? 0)) {
            $0 + max($1.shape?.count ?? 0, 1)
        }
    }

    /// Bytes of the shape, of a sequence that which its elements have in common.
    fileprivate var shapeBytes: Int {
        let axisCount = (type.shape?.count ?? 0) + (sequence?.elementType.shape?.count ?? 0)
        return 32 + 8 * axisCount
    }

    fileprivate mutating func forgetElements() {
        constant = nil
        partialElements = nil
        sequence?.elementTypes = nil
    }
}
