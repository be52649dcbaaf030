/// Bounds on what one model may ask of its host. Each is checked before anything is allocated.
package enum Limits {
    /// Nodes of one graph, subgraphs and inlined functions included.
    package static let nodes = 1 << 20
    /// Edges of one graph.
    package static let edges = 1 << 23
    /// Axes of one tensor.
    package static let rank = 64
    /// Elements of a constant whose values are followed through shape arithmetic. A larger constant keeps its shape only.
    package static let constantElements = 1 << 12
    /// Nesting of subgraphs (`If`, `Loop`, `Scan`) and of local functions.
    package static let nesting = 16
    /// Elements of a sequence whose types are followed one by one.
    package static let sequenceElements = 64
    /// Children of one parent (or parents of one child) that see each other as siblings.
    package static let siblingsThroughOneNode = 64
}
