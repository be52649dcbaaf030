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
    /// Kinds of operators, each once, in order of appearance: their numbers, their C copies, and whether the library knows them.
    private let numberOfOperator: [String: Int]
    let distinctOperatorNames: CStringArena
    private let isKnownOperator: [Bool]
    /// By node.
    private let operatorNumbers: [Int]

    /// Throws for names and structure beyond what a host can be asked to hold.
    init(_ graph: Graph) throws(Failure) {
        self.graph = graph
        encoding = try GraphEncoding(of: graph)
        nodeNames = try CStringArena(graph.nodes.map(\.name))
        unknownOperators = try CStringArena(graph.unknownOperators)

        var distinctNames: [String] = []
        var numbers: [String: Int] = [:]
        operatorNumbers = graph.nodes.map { node in
            if let number = numbers[node.operatorName] { return number }
            numbers[node.operatorName] = distinctNames.count
            distinctNames.append(node.operatorName)
            return distinctNames.count - 1
        }
        numberOfOperator = numbers
        distinctOperatorNames = try CStringArena(distinctNames)
        let unknownNames = Set(graph.unknownOperators)
        isKnownOperator = distinctNames.map { !unknownNames.contains($0) }

        totals = GraphTotals(of: graph)
    }

    func nodeName(_ index: Int) -> UnsafePointer<CChar>? { nodeNames[index] }

    func operatorName(_ index: Int) -> UnsafePointer<CChar>? {
        operatorNumbers.indices.contains(index) ? distinctOperatorNames[operatorNumbers[index]] : nil
    }

    /// Whether the library knows the operator of a node.
    func isKnown(_ index: Int) -> Bool {
        operatorNumbers.indices.contains(index) && isKnownOperator[operatorNumbers[index]]
    }

    /// Of `distinctOperatorNames`, the numbers of those that are among `names`, which differ; ascending. O(names · log names).
    func operatorNumbers(among names: [String]) -> [Int] { names.compactMap { numberOfOperator[$0] }.sorted() }
}
