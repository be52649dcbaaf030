package import NNFCells
package import NNFGraph
package import NNFWeights

/// Trained accuracy models, at most one a search space. Immutable: any number of threads may share one.
package final class AccuracyPredictor: Sendable {
    /// Of the metadata that this library reads.
    private static let formatVersion = 1

    /// Of all spaces, in the order of the weights file.
    package let datasets: [CellDataset]
    private let models: [AccuracyModel]

    /// The models with the weights that are part of the library.
    package static func embedded() throws(Failure) -> AccuracyPredictor {
        try AccuracyPredictor(.embeddedAccuracy())
    }

    /// The models of a weights file, which is read whole: it may change or vanish afterwards.
    package static func open(path: String) throws(Failure) -> AccuracyPredictor {
        let bytes: WeightsBytes
        do throws(WeightsError) {
            bytes = try WeightsBytes.contents(ofFile: path)
        } catch {
            throw Failure(error)
        }
        return try AccuracyPredictor(bytes)
    }

    /// Validates everything: format, versions, that each tensor is there with its shape and finite, and no other.
    package init(_ bytes: WeightsBytes) throws(Failure) {
        let file: WeightsFile
        do throws(WeightsError) {
            file = try WeightsFile(bytes)
        } catch {
            throw Failure(error)
        }
        let metadata = try MetadataObject(of: file, entry: "nnformer_accuracy")
        try metadata.requireVersions([
            ("format_version", Self.formatVersion),
            ("cell_schema", Int(CellSchema.version)),
            ("feature_count", CellSchema.featureCount),
            ("heads", ModelConfiguration.headCount),
        ])
        var source = TensorSource(file)
        var models: [AccuracyModel] = []
        for entry in try metadata.objects("models", atMost: CellSpace.allCases.count) {
            let model = try AccuracyModel(entry, &source)
            guard !models.contains(where: { $0.space == model.space }) else {
                throw entry.unusable("space", "a space that no other model has")
            }
            models.append(model)
        }
        guard !models.isEmpty else { throw metadata.unusable("models", "at least one model") }
        try source.requireAllTaken()
        self.models = models
        datasets = models.flatMap(\.datasets)
    }

    /// Accuracies in percent, one a cell, on the dataset of that number. The cells are of the dataset's space.
    package func predict(_ cells: [Cell], on dataset: Int) throws(Failure) -> [Double] {
        guard datasets.indices.contains(dataset) else {
            throw Failure(.invalidArgument, "there is no dataset \(dataset); there are \(datasets.count)")
        }
        let wanted = datasets[dataset]
        guard let model = models.first(where: { $0.space == wanted.space }),
            let output = model.datasets.firstIndex(where: { $0.id == wanted.id })
        else {
            throw Failure(.internalError, "dataset '\(wanted.id)' belongs to no model")
        }
        if let stranger = cells.first(where: { $0.space != wanted.space }) {
            throw Failure(
                .invalidArgument,
                "the cells are of \(stranger.space.rawValue), dataset '\(wanted.id)' is of \(wanted.space.rawValue)")
        }
        return try model.predict(cells).map { $0[output] }
    }
}
