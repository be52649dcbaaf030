/// A graph as the model reads it: features and relations.
package struct GraphEncoding: Sendable {
    package let nodeCount: Int
    /// Row-major [nodeCount × features]; of a graph of operators, `FeatureSchema.nodeFeatureNames`.
    package let nodeFeatures: [Float]
    /// `FeatureSchema.graphFeatureNames`.
    package let graphFeatures: [Float]
    package let relations: Relations

    /// Nodes with features of another schema, row-major [nodes × featureCount], and no features of the graph.
    package init(nodeFeatures: [Float], featureCount: Int, relations: Relations) {
        nodeCount = nodeFeatures.count / max(featureCount, 1)
        self.nodeFeatures = nodeFeatures
        graphFeatures = []
        self.relations = relations
    }

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
        nodeFeatures = features
        graphFeatures = GraphMeasures(of: graph, edgeCount: relations.edgeCount).values
        self.relations = relations
    }
}
