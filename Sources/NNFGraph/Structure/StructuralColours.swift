/// Colours of nodes that depend on what nodes compute and on how they are connected, not on names nor on order
/// (Weisfeiler and Leman's refinement over directed edges).
///
/// Two nodes that the encoder can tell apart get different colours up to the chance of a 64-bit collision, provided
/// that `rounds` covers the encoder's reach. Very symmetric graphs have exceptions: refinement over neighbours does not see
/// which of a node's siblings are one and the same.
struct StructuralColours {
    private(set) var colours: [UInt64]

    /// O(rounds × (nodes + edges)).
    init(of graph: Graph, predecessors: Adjacency, successors: Adjacency, rounds: Int) {
        colours = graph.nodes.map { Self.initialColour(of: $0) }
        for _ in 0..<rounds {
            let previous = colours
            for node in previous.indices {
                // Sums do not depend on the order of neighbours; mixing first keeps multisets apart.
                let before = predecessors[node].reduce(UInt64(0)) {
                    $0 &+ mixed(previous[Int($1)] ^ 0x9E37_79B9_7F4A_7C15)
                }
                let after = successors[node].reduce(UInt64(0)) {
                    $0 &+ mixed(previous[Int($1)] ^ 0xC2B2_AE3D_27D4_EB4F)
                }
                colours[node] = mixed(mixed(previous[node] &+ before) ^ after)
            }
        }
    }

    private static func initialColour(of node: Node) -> UInt64 {
        var digest = StructuralDigest()
        digest.add(node.operatorName)
        for input in node.inputs {
            digest.add(input.type)
            // Which earlier node is read is told by edges; that it is a constant or an input of the graph is not.
            switch input.source {
            case .node: digest.add(1)
            case .graphInput: digest.add(2)
            case .constant: digest.add(3)
            case .absent: digest.add(4)
            }
        }
        for output in node.outputs { digest.add(output) }
        for name in node.attributes.names {
            digest.add(name)
            if let value = node.attributes[name] { digest.add(value) }
        }
        return digest.value
    }
}

/// The finaliser of splitmix64 (Steele, Lea and Flood, OOPSLA 2014): every input bit reaches every output bit.
func mixed(_ value: UInt64) -> UInt64 {
    var z = value &+ 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
}

/// A running 64-bit digest, the same in every process (Swift's own hashing is seeded anew each time).
struct StructuralDigest {
    private(set) var value: UInt64 = 0x243F_6A88_85A3_08D3

    mutating func add(_ number: UInt64) { value = mixed(value ^ number) }

    mutating func add(_ text: String) {
        for byte in text.utf8 { add(UInt64(byte)) }
        add(UInt64(text.utf8.count))
    }

    mutating func add(_ type: TensorType) {
        add(UInt64(bitPattern: Int64(type.elementType.rawValue)))
        add(UInt64(bitPattern: Int64(type.shape?.count ?? -1)))
        for dimension in type.shape ?? [] {
            add(UInt64(bitPattern: Int64(dimension.extent ?? -1)))
        }
    }

    mutating func add(_ attribute: AttributeValue) {
        switch attribute {
        case .int(let value): add(UInt64(bitPattern: value))
        case .float(let value): add(UInt64(value.bitPattern))
        case .string(let value): add(value)
        case .ints(let values): values.forEach { add(UInt64(bitPattern: $0)) }
        case .floats(let values): values.forEach { add(UInt64($0.bitPattern)) }
        case .strings(let values): values.forEach { add($0) }
        }
    }
}
