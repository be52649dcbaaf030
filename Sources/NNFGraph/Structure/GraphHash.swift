/// A hash of a graph that does not depend on names nor on the order of nodes.
package enum GraphHash {
    /// 16 bytes, equal for graphs that agree in operators, attributes, shapes and connections as far as colour
    /// refinement sees. Not cryptographic. O(rounds × (nodes + edges)).
    package static func hash(of graph: Graph, relations: Relations) -> [UInt8] {
        let colours = StructuralColours(
            of: graph, predecessors: relations.predecessors, successors: relations.successors,
            rounds: 16
        ).colours
        var low: UInt64 = mixed(UInt64(colours.count))
        var high: UInt64 = mixed(low)
        for colour in colours {
            low &+= mixed(colour)
            high &+= mixed(colour ^ 0x5851_F42D_4C95_7F2D)
        }
        return [mixed(low), mixed(high)].flatMap { word in
            (0..<8).map { UInt8(truncatingIfNeeded: word >> (8 * UInt64($0))) }
        }
    }
}
