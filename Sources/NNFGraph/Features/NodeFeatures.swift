import NNFKernels

/// Rows of features while nodes are added one by one: nodes with the same features share a row.
package struct NodeFeatures {
    let layout: FeatureLayout
    /// As `GraphEncoding` has them.
    private(set) var rows: [UInt32] = []
    private(set) var ones: [UInt32] = []
    private(set) var measures: [Float] = []
    private(set) var costs: [Float] = []
    private(set) var colours: [nnf_colour] = []
    private var known: [ColourKey: UInt32] = [:]
    /// Positions of the ones, then the bits of the measures: what a row is determined by.
    private var words: [UInt32] = []

    package init(_ layout: FeatureLayout) { self.layout = layout }

    /// Adds a node: where its features are 1, as many positions as the layout has groups, each within its group, and its
    /// measures. `costs` are GFLOPs and megabytes, the same for the same features.
    package mutating func append(ones: [Int], measures: [Float], costs: @autoclosure () -> [Float] = [0, 0]) {
        assert(ones.count == layout.onesPerRow && measures.count == layout.measureCount)
        words.removeAll(keepingCapacity: true)
        for position in ones { words.append(UInt32(truncatingIfNeeded: position)) }
        for measure in measures { words.append(measure.bitPattern) }
        let colour = nnf_colour_of_words(words.count, words)
        if let row = known[ColourKey(colour)] {
            rows.append(row)
            return
        }
        let row = UInt32(truncatingIfNeeded: colours.count)
        self.ones += words[..<ones.count]
        self.measures += measures
        self.costs += costs()
        colours.append(colour)
        known[ColourKey(colour)] = row
        rows.append(row)
    }
}

private struct ColourKey: Hashable {
    let low: UInt64
    let high: UInt64

    init(_ colour: nnf_colour) { (low, high) = (colour.low, colour.high) }
}
