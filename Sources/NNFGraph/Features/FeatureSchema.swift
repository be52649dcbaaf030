/// What the numbers of a feature row mean. Documentation/Features.md is the reader's account of it.
package enum FeatureSchema {
    /// Raised whenever a feature is added, removed or means something else. Weights state the schema they were trained on.
    package static let version: UInt32 = 2

    /// Names of node features in order: operators one-hot, categories one-hot, then `NodeMeasure`.
    package static let nodeFeatureNames: [String] =
        (0..<OperatorVocabulary.count).map { "operator:" + OperatorVocabulary.name(at: $0) }
        + OperatorCategory.allCases.map { "category:\($0)" }
        + NodeMeasures.names

    /// Names of graph features in order.
    package static let graphFeatureNames = GraphMeasures.names

    /// One operator and one category are 1.
    package static let layout = FeatureLayout(
        groups: [OperatorVocabulary.count, OperatorCategory.allCases.count], measureCount: NodeMeasures.names.count)
}
