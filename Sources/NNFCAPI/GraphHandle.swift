import NNFGraph

/// What an `nnformer_graph` stands for: the graph, what the predictor sees of it, and C copies of its names.
///
/// Everything is made at once in `init` and never changes, so any number of threads may read it.
final class GraphHandle: Sendable {
    let graph: Graph
    let encoding: GraphEncoding
    let totals: GraphTotals
    let unknownOperators: CStringArena
    private let nodeNames: CStringArena
    /// Kinds of operators, each once, in order of appearance; their C copies.
    let distinctOperators: [String]
    let distinctOperatorNames: CStringArena
    /// By node, the index into `distinctOperators`.
    private let operatorNumbers: [Int]

    init(_ graph: Graph) throws(Failure) {
        self.graph = graph
        encoding = try GraphEncoding(of: graph)
        nodeNames = CStringArena(graph.nodes.map(\.name))
        unknownOperators = CStringArena(graph.unknownOperators)

        var distinctNames: [String] = []
        var numbers: [String: Int] = [:]
        operatorNumbers = graph.nodes.map { node in
            if let number = numbers[node.operatorName] { return number }
            numbers[node.operatorName] = distinctNames.count
            distinctNames.append(node.operatorName)
            return distinctNames.count - 1
        }
        distinctOperators = distinctNames
        distinctOperatorNames = CStringArena(distinctNames)

        totals = GraphTotals(of: graph)
    }

    func nodeName(_ index: Int) -> UnsafePointer<CChar>? { nodeNames[index] }

    func operatorName(_ index: Int) -> UnsafePointer<CChar>? {
        operatorNumbers.indices.contains(index) ? distinctOperatorNames[operatorNumbers[index]] : nil
    }
}
