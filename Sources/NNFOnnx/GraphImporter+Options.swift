/// The shape a caller gives an input of the model.
package struct InputShape: Hashable, Sendable {
    /// `nil` for the model's only input.
    package var name: String?
    /// One entry an axis; -1 leaves the axis as the file has it.
    package var extents: [Int64]

    package init(name: String?, extents: [Int64]) {
        self.name = name
        self.extents = extents
    }
}

/// What a caller may decide about a model that is turned into a graph.
package struct ImportOptions: Hashable, Sendable {
    /// Extent of the first axis of every input that has one, whatever the file says there; `nil` leaves it as it is.
    package var batchSize: Int64?
    package var inputShapes: [InputShape]
    /// Keeps nodes of the file whose result no output needs. A runtime would not execute them.
    package var keepsUnusedNodes: Bool

    package init(
        batchSize: Int64? = nil, inputShapes: [InputShape] = [], keepsUnusedNodes: Bool = false
    ) {
        self.batchSize = batchSize
        self.inputShapes = inputShapes
        self.keepsUnusedNodes = keepsUnusedNodes
    }
}
