import NNFGraph
import NNFWeights

/// The sizes of a model and the platforms it knows: the entry `nnformer` of a weights file's metadata
/// (Documentation/Model.md).
struct ModelConfiguration {
    enum HeadKind: String {
        case additive
        case pooled
    }

    /// Of the metadata that this library reads.
    static let formatVersion = 2
    /// One for each relation: successors, predecessors, co-children, co-parents.
    static let headCount = 4
    /// Platforms of a file, and label sets of a platform.
    static let maximumEntries = 4096

    let encoder: EncoderConfiguration
    /// G in Model.md.
    let graphFeatureCount: Int
    let headKind: HeadKind
    /// k in Model.md.
    let headWidth: Int
    let platforms: [Platform]

    init(of file: WeightsFile, precision: Precision) throws(Failure) {
        let metadata = try MetadataObject(of: file, entry: "nnformer")
        try Self.checkCompatibility(metadata)

        encoder = try EncoderConfiguration(metadata, features: FeatureSchema.layout, precision: precision)
        graphFeatureCount = FeatureSchema.graphFeatureNames.count
        headWidth = try metadata.integer("head_width", in: 1...4096)
        guard let headKind = HeadKind(rawValue: try metadata.string("head")) else {
            throw metadata.unusable("head", "'additive' or 'pooled'")
        }
        self.headKind = headKind
        platforms = try Self.platforms(metadata)
    }

    /// Whether this library can run the model at all.
    private static func checkCompatibility(_ metadata: MetadataObject) throws(Failure) {
        try metadata.requireVersions([
            ("format_version", formatVersion),
            ("feature_schema", Int(FeatureSchema.version)),
            ("feature_count", FeatureSchema.nodeFeatureNames.count),
            ("graph_feature_count", FeatureSchema.graphFeatureNames.count),
            ("heads", headCount),
        ])
    }

    private static func platforms(_ metadata: MetadataObject) throws(Failure) -> [Platform] {
        var platforms: [Platform] = []
        var ids: Set<String> = []
        for entry in try metadata.objects("platforms", atMost: maximumEntries) {
            let platform = try Platform(entry)
            guard !platform.id.isEmpty, ids.insert(platform.id).inserted else {
                throw entry.unusable("id", "a text that no other platform has")
            }
            platforms.append(platform)
        }
        guard !platforms.isEmpty else { throw metadata.unusable("platforms", "at least one platform") }
        return platforms
    }
}

extension Platform {
    fileprivate init(_ metadata: MetadataObject) throws(Failure) {
        guard let quantity = Quantity(rawValue: try metadata.string("quantity")) else {
            throw metadata.unusable("quantity", "'latency' or 'time_per_image'")
        }
        var labels: [LabelSet] = []
        for entry in try metadata.objects("labels", atMost: ModelConfiguration.maximumEntries) {
            labels.append(try LabelSet(entry))
        }
        self.init(
            id: try metadata.string("id"), device: try metadata.string("device"),
            runtime: try metadata.string("runtime"), precision: try metadata.string("precision"),
            quantity: quantity, source: try metadata.string("source"),
            licence: try metadata.string("licence"), labels: labels)
    }
}

extension LabelSet {
    fileprivate init(_ metadata: MetadataObject) throws(Failure) {
        let counts = 0...Int(Int32.max)
        self.init(
            file: try metadata.string("file"), column: try metadata.string("column"),
            family: try metadata.string("family"), batchSize: try metadata.integer("batch", in: counts),
            trainingNetworkCount: try metadata.integer("training_networks", in: counts),
            validationNetworkCount: try metadata.integer("validation_networks", in: counts),
            meanAbsolutePercentageError: try metadata.number("mape_percent"),
            within10Percent: try metadata.number("within_10_percent"),
            spearman: try metadata.number("spearman"))
    }
}
