import NNFGraph

/// Writes a canonical model down as the graph that features are computed from.
struct GraphConstruction {
    private let model: ResolvedModel
    private var sources: [NodeInput.Source?]
    private var constantCount = 0
    private var parameters: ParameterCount
    private var unknownOperators = DistinctNames()

    init(_ model: ResolvedModel) {
        self.model = model
        sources = Array(repeating: nil, count: model.values.count)
        parameters = ParameterCount(model.values)
        for (position, input) in model.graph.inputs.enumerated() {
            sources[input] = .graphInput(position)
        }
        for (position, node) in model.graph.nodes.enumerated() {
            for output in node.outputs.compactMap(\.self) { sources[output] = .node(position) }
        }
    }

    mutating func makeGraph() -> Graph {
        let inputs = model.graph.inputs.map {
            Graph.Input(name: model.values[$0].name, type: model.values[$0].inferred.type)
        }
        var nodes: [Node] = []
        nodes.reserveCapacity(model.graph.nodes.count)
        for node in model.graph.nodes { nodes.append(makeNode(node)) }
        return Graph(
            inputs: inputs, nodes: nodes,
            batchSize: inputs.first?.type.shape?.first?.extent ?? 1,
            unknownOperators: unknownOperators.names)
    }

    /// Inputs that subgraphs read of outer scopes follow the node's own.
    private mutating func makeNode(_ resolved: ResolvedNode) -> Node {
        var inputs: [NodeInput] = []
        for value in resolved.inputs { inputs.append(makeInput(value)) }
        for subgraph in resolved.subgraphs {
            for value in subgraph.graph.captures { inputs.append(makeInput(value)) }
        }
        var node = Node(
            name: resolved.node.name, operatorName: resolved.qualifiedOperator,
            attributes: resolved.node.attributes, inputs: inputs,
            outputs: resolved.outputs.map { model.type(of: $0) })
        for value in resolved.dependencies { node.addParameters(parameters.count(value, readBy: resolved)) }
        note(resolved)
        for subgraph in resolved.subgraphs { noteBody(subgraph.graph, of: &node) }
        node.cost = resolved.subgraphs.isEmpty
            ? CostModel.cost(of: node) : ControlFlowCost(model).cost(of: resolved)
        return node
    }

    private mutating func makeInput(_ value: Int?) -> NodeInput {
        guard let value else { return NodeInput(source: .absent, type: .unknown) }
        let type = model.values[value].inferred.type
        if let source = sources[value] { return NodeInput(source: source, type: type) }
        let source = NodeInput.Source.constant(number: constantCount)
        constantCount += 1
        sources[value] = source
        return NodeInput(source: source, type: type)
    }

    /// Counts parameters and unknown operators of a body with the node that holds it; recursion as deep as subgraphs nest.
    private mutating func noteBody(_ graph: ResolvedGraph, of node: inout Node) {
        for inner in graph.nodes {
            note(inner)
            for value in inner.dependencies { node.addParameters(parameters.count(value, readBy: inner)) }
            for subgraph in inner.subgraphs { noteBody(subgraph.graph, of: &node) }
        }
    }

    private mutating func note(_ node: ResolvedNode) {
        let name = node.qualifiedOperator
        if !OperatorVocabulary.isKnown(name)
            || OperatorRules.rule(domain: node.node.domain, operatorType: node.node.operatorType) == nil
        {
            unknownOperators.insert(name)
        }
    }
}

extension Node {
    /// Saturates: constants without a payload may state any number of elements.
    fileprivate mutating func addParameters(_ count: Int) {
        let (sum, overflows) = parameterCount.addingReportingOverflow(count)
        parameterCount = overflows ? .max : sum
    }
}

/// Names, each once, in the order in which they came.
private struct DistinctNames {
    private(set) var names: [String] = []
    private var seen: Set<String> = []

    mutating func insert(_ name: String) {
        if seen.insert(name).inserted { names.append(name) }
    }
}
