package import NNFGraph

extension Cell {
    package static let maximumVertices = 7
    package static let maximumEdges = 9
    private static let operations: [(name: String, operation: CellOperation)] = [
        ("conv1x1-bn-relu", .nasbench101Convolution1x1), ("conv3x3-bn-relu", .nasbench101Convolution3x3),
        ("maxpool3x3", .nasbench101MaxPool3x3),
    ]

    /// The cell of NAS-Bench-101 with these operations, `input` first and `output` last, where
    /// `adjacency[i · count + j]` is 1 when vertex i feeds vertex j and else 0. Vertices off every path from input to
    /// output are dropped, as the benchmark does; edges are counted after that.
    package init(nasbench101 adjacency: [UInt8], operations names: [String]) throws(Failure) {
        let count = names.count
        guard (2...Self.maximumVertices).contains(count) else {
            throw .cell("the cell has \(count) vertices; NAS-Bench-101 has 2 to \(Self.maximumVertices)")
        }
        guard adjacency.count == count * count else {
            throw .cell(
                "the adjacency matrix has \(adjacency.count) entries, not \(count)×\(count) for \(count) operations")
        }
        if let entry = adjacency.firstIndex(where: { $0 > 1 }) {
            throw .cell(
                "the adjacency matrix holds \(adjacency[entry]) in row \(entry / count), column \(entry % count); "
                    + "entries are 0 or 1")
        }
        let operations = try Self.vertexOperations(names)
        func feeds(_ source: Int, _ target: Int) -> Bool { adjacency[source * count + target] == 1 }

        let order = try Self.topologicalOrder(count, feeds)
        var isFed = [Bool](repeating: false, count: count)
        var isRead = isFed
        isFed[0] = true
        isRead[count - 1] = true
        for target in order where order.contains(where: { feeds($0, target) && isFed[$0] }) { isFed[target] = true }
        for source in order.reversed() where order.contains(where: { feeds(source, $0) && isRead[$0] }) {
            isRead[source] = true
        }
        guard isFed[count - 1] else {
            throw .cell("the cell is not connected: no path leads from its input to its output")
        }
        // The output may come anywhere in the order where it feeds something; nothing that it feeds is kept.
        let kept = order.filter { isFed[$0] && isRead[$0] && $0 != count - 1 } + [count - 1]
        var nodes: [Node] = []
        for vertex in kept {
            let sources = kept.indices.filter { $0 < nodes.count && feeds(kept[$0], vertex) }
            nodes.append(Node(operation: operations[vertex], sources: sources))
        }
        let edgeCount = nodes.reduce(0) { $0 + $1.sources.count }
        guard edgeCount <= Self.maximumEdges else {
            throw .cell("the cell has \(edgeCount) edges; NAS-Bench-101 has at most \(Self.maximumEdges)")
        }
        self.init(space: .nasbench101, nodes: nodes)
    }

    private static func vertexOperations(_ names: [String]) throws(Failure) -> [CellOperation] {
        var result: [CellOperation] = []
        for (vertex, name) in names.enumerated() {
            if vertex == 0 || vertex == names.count - 1 {
                let expected = vertex == 0 ? "input" : "output"
                guard name == expected else {
                    throw .cell("vertex \(vertex) is \(quoted(name)); the \(vertex == 0 ? "first" : "last") is '\(expected)'")
                }
                result.append(vertex == 0 ? .input : .output)
            } else {
                guard let known = operations.first(where: { $0.name == name }) else {
                    throw .cell(
                        "unknown operation \(quoted(name)) at vertex \(vertex); NAS-Bench-101 has "
                            + operations.map(\.name).joined(separator: ", ") + " between input and output")
                }
                result.append(known.operation)
            }
        }
        return result
    }

    /// The vertices, each after those that feed it, of several possible ones the lowest first.
    private static func topologicalOrder(
        _ count: Int, _ feeds: (Int, Int) -> Bool
    ) throws(Failure) -> [Int] {
        var order: [Int] = []
        while order.count < count {
            let remaining = (0..<count).filter { !order.contains($0) }
            guard let next = remaining.first(where: { vertex in !remaining.contains { feeds($0, vertex) } }) else {
                let members = remaining.map(String.init).joined(separator: ", ")
                throw .cell("the cell is cyclic: a cycle runs through or leads to each of the vertices \(members)")
            }
            order.append(next)
        }
        return order
    }
}
