package import NNFGraph

/// | text | what |
/// |---|---|
/// | `\|op~0\|` | node 1: an operation on the edge from node 0, the cell's input |
/// | `+\|op~0\|op~1\|` | node 2, the sum of two edges |
/// | `+\|op~0\|op~1\|op~2\|` | node 3, the cell's output |
extension Cell {
    private static let form = "|op~0|+|op~0|op~1|+|op~0|op~1|op~2|"
    private static let operations: [(name: String, operation: Nasbench201Edge)] = [
        ("none", .none), ("skip_connect", .identity), ("avg_pool_3x3", .operation(.nasbench201AveragePool3x3)),
        ("nor_conv_1x1", .operation(.nasbench201Convolution1x1)),
        ("nor_conv_3x3", .operation(.nasbench201Convolution3x3)),
    ]

    /// The cell of an architecture string of NAS-Bench-201. A cell without a path from input to output belongs to the
    /// space (its network guesses) and has two nodes without an edge.
    package init(nasbench201 architecture: String) throws(Failure) {
        let edges = try Self.edges(architecture)
        // Nodes ascend along edges: one pass forwards and one backwards settle which edges matter.
        var isFed = [true, false, false, false]
        for target in 1...3 {
            isFed[target] = (0..<target).contains { edges[target][$0] != .none && isFed[$0] }
        }
        var isRead = [false, false, false, true]
        for target in [3, 2, 1] where isRead[target] {
            for source in 0..<target where edges[target][source] != .none { isRead[source] = true }
        }
        var nodes = [Node(operation: .input, sources: [])]
        // By node of the space: the nodes of the cell whose sum it is.
        var summands: [[Int]] = [[0], [], [], []]
        for target in 1...3 where isFed[target] && isRead[target] {
            for source in 0..<target where isFed[source] {
                switch edges[target][source] {
                case .none: break
                case .identity: summands[target] += summands[source]
                case .operation(let operation):
                    summands[target].append(nodes.count)
                    nodes.append(Node(operation: operation, sources: summands[source].sorted()))
                }
            }
        }
        nodes.append(Node(operation: .output, sources: summands[3].sorted()))
        self.init(space: .nasbench201, nodes: nodes)
    }

    /// [target][source], targets 0 to 3.
    private static func edges(_ architecture: String) throws(Failure) -> [[Nasbench201Edge]] {
        let groups = architecture.split(separator: "+", omittingEmptySubsequences: false)
        guard groups.count == 3 else {
            throw .cell("\(quoted(architecture)) is not a NAS-Bench-201 cell: it has \(groups.count) nodes, not 3; expected \(form)")
        }
        var edges: [[Nasbench201Edge]] = [[]]
        for (index, group) in groups.enumerated() {
            let target = index + 1
            let parts = group.split(separator: "|", omittingEmptySubsequences: false)
            // "|a|b|" splits into "", a, b, "".
            guard parts.count == target + 2, parts.first == "", parts.last == "" else {
                throw .cell(
                    "\(quoted(architecture)) is not a NAS-Bench-201 cell: node \(target) is \(quoted(String(group))), "
                        + "not \(target) operations between bars; expected \(form)")
            }
            var row: [Nasbench201Edge] = []
            for (source, part) in parts.dropFirst().dropLast().enumerated() {
                let suffix = "~\(source)"
                guard part.hasSuffix(suffix) else {
                    throw .cell(
                        "\(quoted(architecture)) is not a NAS-Bench-201 cell: the edge \(source)→\(target) is "
                            + "\(quoted(String(part))), which does not end in \(suffix)")
                }
                let name = part.dropLast(suffix.count)
                guard let known = operations.first(where: { $0.name == name }) else {
                    throw .cell(
                        "unknown operation \(quoted(String(name))) on the edge \(source)→\(target); NAS-Bench-201 has "
                            + operations.map(\.name).joined(separator: ", "))
                }
                row.append(known.operation)
            }
            edges.append(row)
        }
        return edges
    }
}

private enum Nasbench201Edge: Equatable {
    /// No edge.
    case none
    case identity
    case operation(CellOperation)
}

/// Text of a caller for a message: quoted, its beginning where it is long.
func quoted(_ text: String) -> String {
    let longest = 96
    return text.utf8.count <= longest ? "'\(text)'" : "'\(text.prefix(longest))…'"
}
