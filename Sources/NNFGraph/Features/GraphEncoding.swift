/// A graph as the model reads it: features and relations.
package struct GraphEncoding: Sendable {
    package let nodeCount: Int
    /// Row-major [nodeCount × FeatureSchema.nodeFeatureNames.count].
    package let nodeFeatures: [Float]
    /// Row-major [nodeCount × 2]: GFLOPs, and megabytes read and written.
    package let nodeCosts: [Float]
    /// [FeatureSchema.graphFeatureNames.count].
    package let graphFeatures: [Float]
    package let relations: Relations

    /// O(nodes × features + edges).
    package init(of graph: Graph) throws(Failure) {
        let relations = try Relations(of: graph)
        let width = FeatureSchema.nodeFeatureNames.count
        var features = [Float](repeating: 0, count: graph.nodes.count * width)
        for (position, node) in graph.nodes.enumerated() {
            let row = position * width
            features[row + OperatorVocabulary.index(of: node.operatorName)] = 1
            features[row + FeatureSchema.categoryOffset + OperatorCategory(of: node.operatorName).rawValue] = 1
            let measures = row + FeatureSchema.measureOffset
            for (offset, value) in NodeMeasures(of: node).values.enumerated() {
                features[measures + offset] = value
            }
        }
        nodeCount = graph.nodes.count
        nodeCosts = graph.nodes.flatMap { node in
            let traffic = node.cost.bytesRead.saturatingAdd(node.cost.bytesWritten)
            return [Float(Double(node.cost.flops) * 1e-9), Float(Double(traffic) * 1e-6)]
        }
        nodeFeatures = features
        graphFeatures = GraphMeasures(of: graph, edgeCount: relations.edgeCount).values
        self.relations = relations
    }
}
