package import NNFGraph

/// How the accuracy model sees cells (Documentation/Accuracy.md, "Input").
package enum CellSchema {
    /// Raised when a feature means something else: weights state the schema they were trained on.
    package static let version: UInt32 = 1

    /// Longest path that has a feature of its own; longer ones share it.
    private static let deepest = 7

    static let classToken = CellOperation.allCases.count
    private static let depthToken = classToken + 1

    /// One of the operations, the class token and the depths is 1; then come repeated sources.
    package static let layout = FeatureLayout(groups: [depthToken + deepest + 1], measureCount: 1)
    package static let featureCount = layout.count

    /// The feature of the depth token that says how deep a cell is.
    static func depth(_ depth: Int) -> Int { depthToken + min(max(depth, 0), deepest) }
}

extension GraphEncoding {
    /// Cells side by side, as one graph whose parts do not see each other: first the class tokens, one a cell, then the
    /// depth tokens, then the nodes of the first cell, of the second, and so on. In every relation a cell's tokens see all
    /// its nodes and each other; nodes do not see tokens. O(cells).
    package convenience init(of cells: [Cell]) {
        var features = NodeFeatures(CellSchema.layout)
        for _ in cells { features.append(ones: [CellSchema.classToken], measures: [0]) }
        for cell in cells { features.append(ones: [CellSchema.depth(cell.depth)], measures: [0]) }
        var rows = RelationRows(tokenCount: 2 * cells.count)
        for (index, cell) in cells.enumerated() {
            rows.append(cell, tokens: [index, cells.count + index])
            for node in cell.nodes {
                // Sources ascend: equal ones stand side by side.
                let repeated = zip(node.sources, node.sources.dropFirst()).count { $0 == $1 }
                features.append(ones: [node.operation.rawValue], measures: [Float(repeated)])
            }
        }
        self.init(features, relations: rows.relations)
    }
}

/// The lists of `Relations` while they are put together.
private struct RelationRows {
    private var tokens: [[UInt32]]
    private var successors: [[UInt32]] = []
    private var predecessors: [[UInt32]] = []
    private var coChildren: [[UInt32]] = []
    private var coParents: [[UInt32]] = []

    init(tokenCount: Int) { tokens = [[UInt32]](repeating: [], count: tokenCount) }

    mutating func append(_ cell: Cell, tokens own: [Int]) {
        let first = tokens.count + successors.count
        let count = cell.nodes.count
        for token in own {
            let others = own.filter { $0 != token } + (first..<first + count)
            tokens[token] = others.map { UInt32(truncatingIfNeeded: $0) }
        }
        // Sets of nodes as bits: both spaces have at most eight nodes a cell.
        var sources = [UInt64](repeating: 0, count: count)
        var readers = sources
        for (node, content) in cell.nodes.enumerated() {
            for source in content.sources {
                sources[node] |= 1 << UInt64(source)
                readers[source] |= 1 << UInt64(node)
            }
        }
        func row(_ related: UInt64, without node: Int) -> [UInt32] {
            (0..<count).filter { $0 != node && related >> UInt64($0) & 1 == 1 }
                .map { UInt32(truncatingIfNeeded: first + $0) }
        }
        func union(_ sets: [UInt64], over members: UInt64) -> UInt64 {
            (0..<count).reduce(0) { members >> UInt64($1) & 1 == 1 ? $0 | sets[$1] : $0 }
        }
        for node in 0..<count {
            successors.append(row(readers[node], without: node))
            predecessors.append(row(sources[node], without: node))
            coChildren.append(row(union(readers, over: sources[node]), without: node))
            coParents.append(row(union(sources, over: readers[node]), without: node))
        }
    }

    var relations: Relations {
        func adjacency(_ rows: [[UInt32]]) -> Adjacency {
            var result = Adjacency()
            for row in tokens { result.appendRow(row) }
            for row in rows { result.appendRow(row) }
            return result
        }
        return Relations(
            successors: adjacency(successors), predecessors: adjacency(predecessors),
            coChildren: adjacency(coChildren), coParents: adjacency(coParents))
    }
}
