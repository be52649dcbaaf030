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
    /// Nesting of subgraphs (`If`, `Loop`, `Scan`). Each level takes up to 8 KiB of the caller's stack; networks have two.
    package static let subgraphNesting = 8
    /// Nesting of local functions, subgraphs between them included.
    package static let nesting = 16
    /// Bytes of names and attributes in the bodies of local functions, counted once a call, and 64 for each result: room for
    /// 400,000 nodes of an exporter's functions.
    package static let inlinedBytes = 1 << 27
    /// Bytes of a node's name that are kept where a call of a function copies it.
    package static let inlinedNameBytes = 256
    /// Bytes of the shapes of all values: 8 an axis, 32 a value. Four million tensors of rank 4.
    package static let shapeBytes = 1 << 28
    /// Elements of a sequence whose types are followed one by one.
    package static let sequenceElements = 64
    /// Children of one parent (or parents of one child) that see each other as siblings.
    package static let siblingsThroughOneNode = 64
    /// Siblings of all nodes together, in each of the two relations: 64 MiB.
    package static let siblings = 1 << 24
}
