import NNFGraph

/// A cell as a graph of what is computed: dead ends, unfed operations and identities are gone, so that cells which
/// compute the same are, up to the order of their nodes, the same.
package struct Cell: Hashable, Sendable {
    package struct Node: Hashable, Sendable {
        package let operation: CellOperation
        /// The nodes whose results it adds up (or, at the output of NAS-Bench-101, concatenates), all before it;
        /// ascending, a node that is read twice appears twice.
        package let sources: [Int]
    }

    package let space: CellSpace
    /// The input first, the output last.
    package let nodes: [Node]

    /// Edges on the longest path from input to output; 0 where there is none.
    package var depth: Int {
        var depths: [Int] = []
        for node in nodes {
            // In bounds: sources lie before their reader.
            depths.append(node.sources.map { depths[$0] + 1 }.max() ?? 0)
        }
        return depths.last ?? 0
    }

    init(space: CellSpace, nodes: [Node]) {
        self.space = space
        self.nodes = nodes
    }
}

extension Failure {
    /// A cell that its search space does not hold.
    static func cell(_ message: String) -> Failure { Failure(.malformedInput, message) }
}
