/// Who is related to whom in a graph: what NN-Former's four attention heads see (Xu et al., CVPR 2025, equation of ASMA).
package struct Relations: Sendable {
    /// A: the nodes a node feeds.
    package let successors: Adjacency
    /// Aᵀ: the nodes that feed a node.
    package let predecessors: Adjacency
    /// AᵀA without the diagonal: nodes that share a parent.
    package let coChildren: Adjacency
    /// AAᵀ without the diagonal: nodes that share a child.
    package let coParents: Adjacency
    /// Number of edges of the graph.
    package var edgeCount: Int { successors.indices.count }

    /// Relations that the caller has worked out: each has a row for every node, and holds numbers of nodes.
    package init(successors: Adjacency, predecessors: Adjacency, coChildren: Adjacency, coParents: Adjacency) {
        self.successors = successors
        self.predecessors = predecessors
        self.coChildren = coChildren
        self.coParents = coParents
    }

    /// O(nodes + `Limits.siblingsThroughOneNode` × edges).
    ///
    /// - Throws: `limitExceeded` for nodes, edges or siblings beyond `Limits`.
    package init(of graph: Graph) throws(Failure) {
        guard graph.nodes.count <= Limits.nodes else {
            throw Failure(
                .limitExceeded,
                "the graph has \(graph.nodes.count) nodes; at most \(Limits.nodes) are handled")
        }
        var predecessors = Adjacency()
        var edgeCount = 0
        for (position, node) in graph.nodes.enumerated() {
            var parents: [UInt32] = []
            for input in node.inputs {
                guard case .node(let parent) = input.source else { continue }
                guard parent >= 0, parent < position else {
                    throw Failure(
                        .internalError, "node '\(node.name)' reads from a node that does not come before it")
                }
                parents.append(UInt32(truncatingIfNeeded: parent))
            }
            edgeCount += parents.count
            guard edgeCount <= Limits.edges else {
                throw Failure(.limitExceeded, "the graph has more than \(Limits.edges) edges")
            }
            predecessors.appendRow(parents)
        }
        self.predecessors = predecessors
        successors = predecessors.transposed()
        let order = SiblingOrder(of: graph, predecessors: predecessors, successors: successors)
        coChildren = try siblings(through: predecessors, of: successors, order: order)
        coParents = try siblings(through: successors, of: predecessors, order: order)
    }
}

/// Row i: every j ≠ i that `through` and `of` join by one node; a hub joins only its first members in `order`.
private func siblings(
    through links: Adjacency, of members: Adjacency, order: SiblingOrder
) throws(Failure) -> Adjacency {
    // What each node contributes to all its members is worked out once, not once a member.
    let visible = (0..<members.rowCount).map { hub in order.first(of: members[hub]) }
    var result = Adjacency()
    // Siblings met, one that several nodes join counted as often: what is worked through, a few times what is kept.
    var metCount = 0
    for node in 0..<links.rowCount {
        metCount += links[node].reduce(0) { $0 + visible[Int($1)].count }
        guard metCount <= 4 * Limits.siblings else { throw tooManySiblings(in: links) }
        var row: [UInt32] = []
        for hub in links[node] {
            for sibling in visible[Int(hub)] where sibling != UInt32(truncatingIfNeeded: node) {
                row.append(sibling)
            }
        }
        result.appendRow(row)
        guard result.indices.count <= Limits.siblings else { throw tooManySiblings(in: links) }
    }
    return result
}

private func tooManySiblings(in graph: Adjacency) -> Failure {
    Failure(
        .limitExceeded,
        "the \(graph.rowCount) nodes of the graph have more than \(Limits.siblings) siblings (nodes with which they share a parent or a child); estimate parts of the model")
}
