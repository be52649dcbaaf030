/// Drops nodes whose results nobody needs, as a runtime does before it executes anything.
///
/// At first these are nodes of the file; later what the other steps have left behind, such as the arithmetic on a shape
/// that turned out to be known.
enum UnneededNodes {
    static func drop(from model: inout ResolvedModel) {
        let isNeeded = isNeeded(in: model.graph, valueCount: model.values.count)
        model.graph.nodes = zip(model.graph.nodes, isNeeded).filter(\.1).map(\.0)
    }

    /// Marks the file's unneeded nodes so that `drop` leaves them, and what they read, in the graph.
    static func keep(in model: inout ResolvedModel) {
        let isNeeded = isNeeded(in: model.graph, valueCount: model.values.count)
        for (position, isNeeded) in isNeeded.enumerated() where !isNeeded {
            model.graph.nodes[position].isKept = true
        }
    }

    /// One entry a node of the main graph. All are needed where a graph has no outputs.
    ///
    /// O(nodes + edges): one pass against the topological order.
    private static func isNeeded(in graph: ResolvedGraph, valueCount: Int) -> [Bool] {
        if graph.outputs.isEmpty { return Array(repeating: true, count: graph.nodes.count) }
        var isRead = [Bool](repeating: false, count: valueCount)
        for output in graph.outputs { isRead[output] = true }
        var isNeeded = [Bool](repeating: false, count: graph.nodes.count)
        for (position, node) in graph.nodes.enumerated().reversed()
        where node.isKept || node.outputs.contains(where: { $0.map { isRead[$0] } ?? false }) {
            isNeeded[position] = true
            for dependency in node.dependencies { isRead[dependency] = true }
        }
        return isNeeded
    }
}
