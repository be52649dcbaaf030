/// Puts the nodes of the branch that is taken in the place of an `If` whose condition is known.
///
/// PyTorch exports shape-dependent code that way; with shapes known there is nothing left to decide.
enum BranchInlining {
    static func apply(to model: inout ResolvedModel) {
        var nodes: [ResolvedNode] = []
        nodes.reserveCapacity(model.graph.nodes.count)
        var replacements: [Int: Int] = [:]
        // What is left to do, last first: a branch is expanded where it stands and may hold an `If` itself.
        var pending = Array(model.graph.nodes.reversed())
        while let node = pending.popLast() {
            guard let branch = takenBranch(of: node, in: model) else {
                nodes.append(node)
                continue
            }
            pending += branch.nodes.reversed().map { inner in
                var inner = inner
                inner.isKept = node.isKept
                return inner
            }
            for (output, result) in zip(node.outputs, branch.outputs) {
                if let output { replacements[output] = result }
            }
        }
        model.graph.nodes = nodes
        model.replaceValues(withoutChains(replacements))
    }

    private static func takenBranch(
        of node: ResolvedNode, in model: ResolvedModel
    ) -> ResolvedGraph? {
        guard node.standardOperator == "If", let condition = model.scalar(node.input(0)) else { return nil }
        let name = condition != 0 ? "then_branch" : "else_branch"
        return node.subgraphs.first { $0.name == name }?.graph
    }

    /// Replacements that lead to their end at once. A branch may end in the result of another `If`, inside it or before it,
    /// so that chains are as long as the file makes them: each link is followed once. O(replacements).
    private static func withoutChains(_ replacements: [Int: Int]) -> [Int: Int] {
        var ends: [Int: Int] = [:]
        ends.reserveCapacity(replacements.count)
        for start in replacements.keys {
            var path: [Int] = []
            var value = start
            while ends[value] == nil, let next = replacements[value] {
                path.append(value)
                value = next
            }
            let end = ends[value] ?? value
            for link in path { ends[link] = end }
        }
        return ends
    }
}
