package import NNFKernels

/// A graph as the model reads it: features and relations.
///
/// Nodes with the same features share a row of them: networks repeat blocks, so rows are far fewer than nodes.
package final class GraphEncoding: Sendable {
    package let nodeCount: Int
    /// What a row of features is made of.
    package let features: FeatureLayout
    /// By node: its row of `featureOnes`, `featureMeasures`, `featureCosts` and `featureColours`.
    package let featureRows: [UInt32]
    /// Distinct rows of features: which of the one-hot features are 1, `features.onesPerRow` a row, the others being 0.
    package let featureOnes: [UInt32]
    /// The features after those, row-major [rows × features.measureCount].
    package let featureMeasures: [Float]
    /// By row, row-major [rows × 2]: GFLOPs, and megabytes read and written; 0 where nodes are not operators.
    package let featureCosts: [Float]
    /// By row: equal for equal rows, of whatever graph.
    package let featureColours: [nnf_colour]
    /// `FeatureSchema.graphFeatureNames`; empty where nodes are not operators.
    package let graphFeatures: [Float]
    package let relations: Relations

    /// The caller guarantees that `relations` has a row for every node, in each of its lists.
    package init(_ nodes: NodeFeatures, graphFeatures: [Float] = [], relations: Relations) {
        nodeCount = nodes.rows.count
        features = nodes.layout
        featureRows = nodes.rows
        featureOnes = nodes.ones
        featureMeasures = nodes.measures
        featureCosts = nodes.costs
        featureColours = nodes.colours
        self.graphFeatures = graphFeatures
        self.relations = relations
    }

    /// O(nodes × features + edges).
    package convenience init(of graph: Graph) throws(Failure) {
        let relations = try Relations(of: graph)
        var nodes = NodeFeatures(FeatureSchema.layout)
        for node in graph.nodes {
            let measures = NodeMeasures(of: node)
            let category = OperatorCategory(of: node.operatorName)
            nodes.append(
                ones: [OperatorVocabulary.index(of: node.operatorName), OperatorVocabulary.count + category.rawValue],
                measures: measures.values, costs: measures.costs)
        }
        self.init(
            nodes, graphFeatures: GraphMeasures(of: graph, edgeCount: relations.edgeCount).values,
            relations: relations)
    }

    /// Row-major [nodeCount × features.count], rows written out for each node.
    package var nodeFeatures: [Float] {
        let (onesPerRow, measureCount) = (features.onesPerRow, features.measureCount)
        var result = [Float](repeating: 0, count: nodeCount * features.count)
        for (node, row) in featureRows.enumerated() {
            let start = node * features.count
            for one in 0..<onesPerRow { result[start + Int(featureOnes[Int(row) * onesPerRow + one])] = 1 }
            for measure in 0..<measureCount {
                result[start + features.measureOffset + measure] = featureMeasures[Int(row) * measureCount + measure]
            }
        }
        return result
    }
}
