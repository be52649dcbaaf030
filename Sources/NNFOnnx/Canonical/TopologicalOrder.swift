import NNFGraph

/// Puts nodes behind the producers of what they read.
///
/// A file that is sorted already, as ONNX demands, keeps its order; one that is not keeps it as far as possible: each node
/// in turn is preceded by those of its producers that are still missing. O(nodes + edges), without recursion.
enum TopologicalOrder {
    /// - Throws: `invalidModel` naming a node on a cycle.
    static func sorted(_ nodes: [ResolvedNode]) throws(Failure) -> [ResolvedNode] {
        var producers: [Int: Int] = [:]
        producers.reserveCapacity(nodes.count)
        for (position, node) in nodes.enumerated() {
            for output in node.outputs.compactMap(\.self) { producers[output] = position }
        }
        var states = [State](repeating: .untouched, count: nodes.count)
        var order: [ResolvedNode] = []
        order.reserveCapacity(nodes.count)
        var stack: [Visit] = []
        for root in nodes.indices where states[root] == .untouched {
            stack.append(Visit(node: root, dependencies: nodes[root].dependencies))
            states[root] = .waiting
            while let top = stack.indices.last {
                guard let value = stack[top].dependencies.popLast() else {
                    let finished = stack.removeLast().node
                    states[finished] = .placed
                    order.append(nodes[finished])
                    continue
                }
                guard let producer = producers[value] else { continue }
                switch states[producer] {
                case .placed: continue
                case .waiting:
                    let node = nodes[producer].node
                    throw Failure(
                        .invalidModel,
                        "the graph has a cycle: node '\(node.name)' (\(node.operatorType)) needs its own result")
                case .untouched:
                    states[producer] = .waiting
                    stack.append(Visit(node: producer, dependencies: nodes[producer].dependencies))
                }
            }
        }
        return order
    }

    private enum State { case untouched, waiting, placed }

    private struct Visit {
        let node: Int
        /// What is left to look at, last first.
        var dependencies: [Int]

        init(node: Int, dependencies: [Int]) {
            self.node = node
            self.dependencies = dependencies.reversed()
        }
    }
}
