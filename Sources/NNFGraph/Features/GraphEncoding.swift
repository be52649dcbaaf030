package import NNFKernels

/// A graph as the model reads it: features and relations.
///
/// Nodes with the same features share a row of them: networks repeat blocks, so rows are far fewer than nodes.
package final class GraphEncoding: Sendable {
    package let nodeCount: Int
    /// By node: its row of `featureOnes`, `featureMeasures`, `featureCosts` and `featureColours`.
    package let featureRows: [UInt32]
    /// Distinct rows of features: which of the one-hot features are 1, two a row (operator, category), the others being 0.
    package let featureOnes: [UInt32]
    /// The features after those, row-major [rows × FeatureSchema.measureCount].
    package let featureMeasures: [Float]
    /// By row, row-major [rows × 2]: GFLOPs, and megabytes read and written.
    package let featureCosts: [Float]
    /// By row: equal for equal rows, of whatever graph.
    package let featureColours: [nnf_colour]
    /// [FeatureSchema.graphFeatureNames.count].
    package let graphFeatures: [Float]
    package let relations: Relations

    /// O(nodes × features + edges).
    package init(of graph: Graph) throws(Failure) {
        let relations = try Relations(of: graph)
        var rows = DistinctFeatureRows()
        featureRows = graph.nodes.map { rows.row(of: $0) }
        featureOnes = rows.ones
        featureMeasures = rows.measures
        featureCosts = rows.costs
        featureColours = rows.colours
        nodeCount = graph.nodes.count
        graphFeatures = GraphMeasures(of: graph, edgeCount: relations.edgeCount).values
        self.relations = relations
    }

    /// Row-major [nodeCount × FeatureSchema.nodeFeatureNames.count], rows written out for each node.
    package var nodeFeatures: [Float] {
        let width = FeatureSchema.nodeFeatureNames.count
        let measureCount = FeatureSchema.measureCount
        var result = [Float](repeating: 0, count: nodeCount * width)
        for (node, row) in featureRows.enumerated() {
            let start = node * width
            for position in featureOnes[Int(row) * 2..<Int(row) * 2 + 2] { result[start + Int(position)] = 1 }
            for measure in 0..<measureCount {
                result[start + FeatureSchema.measureOffset + measure] =
                    featureMeasures[Int(row) * measureCount + measure]
            }
        }
        return result
    }
}

/// Feature rows of nodes, each once.
private struct DistinctFeatureRows {
    private(set) var ones: [UInt32] = []
    private(set) var measures: [Float] = []
    private(set) var costs: [Float] = []
    private(set) var colours: [nnf_colour] = []
    private var rows: [ColourKey: UInt32] = [:]
    /// Positions of the ones of the one-hot features, then the bits of the measures: what a row is determined by.
    private var words: [UInt32] = []

    mutating func row(of node: Node) -> UInt32 {
        let operatorPosition = OperatorVocabulary.index(of: node.operatorName)
        let categoryPosition = FeatureSchema.categoryOffset + OperatorCategory(of: node.operatorName).rawValue
        let nodeMeasures = NodeMeasures(of: node)
        let values = nodeMeasures.values
        words.removeAll(keepingCapacity: true)
        words.append(UInt32(truncatingIfNeeded: operatorPosition))
        words.append(UInt32(truncatingIfNeeded: categoryPosition))
        for measure in values { words.append(measure.bitPattern) }
        let colour = nnf_colour_of_words(words.count, words)
        if let row = rows[ColourKey(colour)] { return row }

        ones += words[..<2]
        measures += values
        costs += nodeMeasures.costs
        let row = UInt32(truncatingIfNeeded: colours.count)
        colours.append(colour)
        rows[ColourKey(colour)] = row
        return row
    }
}

private struct ColourKey: Hashable {
    let low: UInt64
    let high: UInt64

    init(_ colour: nnf_colour) { (low, high) = (colour.low, colour.high) }
}
