/// Which siblings are seen through a hub, a node with more than `Limits.siblingsThroughOneNode` children or parents.
///
/// All of them would be n² pairs. The hub shows the first by structural colour, the same to every member. The choice does
/// not depend on the order of the file; among members of one colour, which the encoder cannot tell apart, the first
/// stand for the others.
struct SiblingOrder {
    /// `nil` while no node is a hub: colours are worked out only when they decide something.
    private let colours: [UInt64]?

    init(of graph: Graph, predecessors: Adjacency, successors: Adjacency) {
        let hasHub = (0..<graph.nodes.count).contains {
            predecessors[$0].count > Limits.siblingsThroughOneNode
                || successors[$0].count > Limits.siblingsThroughOneNode
        }
        // Two layers reach four steps each way; two rounds more tell apart what is at their border.
        colours = hasHub
            ? StructuralColours(
                of: graph, predecessors: predecessors, successors: successors, rounds: 6
            ).colours : nil
    }

    func first(of members: ArraySlice<UInt32>) -> [UInt32] {
        guard members.count > Limits.siblingsThroughOneNode, let colours else { return Array(members) }
        let ordered = members.sorted { (colours[Int($0)], $0) < (colours[Int($1)], $1) }
        return Array(ordered.prefix(Limits.siblingsThroughOneNode))
    }
}
