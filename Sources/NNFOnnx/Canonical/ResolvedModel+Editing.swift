import NNFGraph

/// Who makes and who reads each value of the main graph, as it stands when this is made. O(values + edges).
struct GraphIndex {
    /// Position of the node that makes a value, by the value's number.
    private let producers: [Int?]
    /// Nodes that read a value, each once an input, and outputs of the graph that are that value.
    private let readerCounts: [Int]

    init(_ model: ResolvedModel) {
        var producers = [Int?](repeating: nil, count: model.values.count)
        var readerCounts = [Int](repeating: 0, count: model.values.count)
        for (position, node) in model.graph.nodes.enumerated() {
            for output in node.outputs.compactMap(\.self) { producers[output] = position }
            for dependency in node.dependencies { readerCounts[dependency] += 1 }
        }
        for output in model.graph.outputs { readerCounts[output] += 1 }
        self.producers = producers
        self.readerCounts = readerCounts
    }

    func producer(of value: Int?) -> Int? { value.flatMap { producers[$0] } }

    func readerCount(of value: Int?) -> Int { value.map { readerCounts[$0] } ?? 0 }
}

extension ResolvedModel {
    /// Adds a constant that stands for several of the file's, as folding makes it.
    mutating func makeConstant(name: String, type: TensorType) -> Int {
        values.append(
            ResolvedValue(
                name: name, declared: nil, inferred: InferredValue(type: type), isConstant: true))
        return values.count - 1
    }

    /// Lets everything that reads one value read another. `replacements` must not lead from one to the next.
    ///
    /// O(values + edges), for all replacements at once.
    mutating func replaceValues(_ replacements: [Int: Int]) {
        if replacements.isEmpty { return }
        graph.replaceValues(replacements)
    }

    /// Takes out the nodes at the given positions.
    mutating func removeNodes(_ positions: Set<Int>) {
        if positions.isEmpty { return }
        graph.nodes = graph.nodes.enumerated().filter { !positions.contains($0.offset) }.map(\.element)
    }

    /// The number that a constant of one element holds.
    func scalar(_ value: Int?) -> Double? {
        guard let value, let constant = values[value].inferred.constant else { return nil }
        switch constant.elements {
        case .integers(let elements): return elements.count == 1 ? elements.first.map { Double($0) } : nil
        case .reals(let elements): return elements.count == 1 ? elements.first : nil
        }
    }

    /// Elements of a constant of integers.
    func integers(_ value: Int?) -> [Int64]? {
        guard let value, case .integers(let elements)? = values[value].inferred.constant?.elements else {
            return nil
        }
        return elements
    }

    func type(of value: Int?) -> TensorType { value.map { values[$0].inferred.type } ?? .unknown }

    func isConstant(_ value: Int?) -> Bool { value.map { values[$0].isConstant } ?? false }
}

extension ResolvedGraph {
    /// Depth of the recursion is that of subgraphs, at most `Limits.subgraphNesting`.
    fileprivate mutating func replaceValues(_ replacements: [Int: Int]) {
        for position in nodes.indices {
            for input in nodes[position].inputs.indices {
                guard let number = nodes[position].inputs[input] else { continue }
                if let replacement = replacements[number] { nodes[position].inputs[input] = replacement }
            }
            for subgraph in nodes[position].subgraphs.indices {
                nodes[position].subgraphs[subgraph].graph.replaceValues(replacements)
            }
        }
        captures = captures.map { replacements[$0] ?? $0 }
        outputs = outputs.map { replacements[$0] ?? $0 }
    }
}

extension ResolvedNode {
    func input(_ position: Int) -> Int? { inputs.indices.contains(position) ? inputs[position] : nil }

    func output(_ position: Int) -> Int? { outputs.indices.contains(position) ? outputs[position] : nil }

    /// Makes the node another operator of ONNX's own domain.
    mutating func become(
        _ operatorType: String, operatorSet: Int, inputs: [Int?], attributes: Attributes = Attributes()
    ) {
        node.operatorType = operatorType
        node.domain = ""
        node.attributes = attributes
        self.operatorSet = operatorSet
        self.inputs = inputs
    }
}
