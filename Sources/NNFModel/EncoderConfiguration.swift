import NNFGraph

/// What an encoder is built by: its sizes, as a weights file states them (Documentation/Model.md), the features it reads,
/// and how it is run.
struct EncoderConfiguration {
    /// f in Model.md is their number.
    let features: FeatureLayout
    let layerCount: Int
    /// d in Model.md; a multiple of `ModelConfiguration.headCount`.
    let width: Int
    /// r in Model.md.
    let feedForwardRatio: Int
    let precision: Precision

    init(_ metadata: MetadataObject, features: FeatureLayout, precision: Precision) throws(Failure) {
        self.features = features
        self.precision = precision
        layerCount = try metadata.integer("layers", in: 1...64)
        width = try metadata.integer("width", in: 4...4096)
        feedForwardRatio = try metadata.integer("feedforward_ratio", in: 1...16)
        guard width % ModelConfiguration.headCount == 0 else {
            throw metadata.unusable("width", "a multiple of \(ModelConfiguration.headCount), the number of attention heads")
        }
        let activation = try metadata.string("activation")
        guard activation == "relu" else {
            throw Failure(
                .incompatibleWeights, "the weights have activation '\(activation)', this library needs 'relu'")
        }
    }
}
