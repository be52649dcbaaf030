package import NNFGraph
package import NNFWeights

/// A trained model, ready to estimate, and platforms calibrated on it. Immutable: any number of threads may share one.
package final class Predictor: Sendable {
    /// Those of the weights, then those that were calibrated.
    package let platforms: [Platform]
    package let calibratedPlatforms: [CalibratedPlatform]
    let model: LatencyModel

    /// The model with the weights that are part of the library.
    package static func embedded(precision: Precision = .quantized) throws(Failure) -> Predictor {
        try Predictor(.embedded(), precision: precision)
    }

    /// The model of a weights file, which is read whole: it may change or vanish afterwards.
    package static func open(path: String, precision: Precision = .quantized) throws(Failure) -> Predictor {
        let bytes: WeightsBytes
        do throws(WeightsError) {
            bytes = try WeightsBytes.contents(ofFile: path)
        } catch {
            throw Failure(error)
        }
        return try Predictor(bytes, precision: precision)
    }

    /// Validates everything: format, versions, that each tensor is there with its shape and finite, and no other. O(bytes).
    package convenience init(_ bytes: WeightsBytes, precision: Precision = .quantized) throws(Failure) {
        self.init(try LatencyModel(bytes, precision: precision), calibratedPlatforms: [])
    }

    private init(_ model: LatencyModel, calibratedPlatforms: [CalibratedPlatform]) {
        self.model = model
        self.calibratedPlatforms = calibratedPlatforms
        platforms = model.platforms + calibratedPlatforms.map(\.platform)
    }

    /// The same weights with further platforms, which come after those that there are. Throws for a platform that was
    /// calibrated on other weights, or whose file has numbers for other platforms than theirs, and for an id that is taken.
    package func adding(_ calibratedPlatforms: [CalibratedPlatform]) throws(Failure) -> Predictor {
        var ids = Set(platforms.map(\.id))
        for platform in calibratedPlatforms {
            guard platform.fingerprint == model.fingerprint else {
                throw Failure(
                    .incompatibleWeights,
                    "platform '\(platform.id)' was calibrated on other weights: calibrate it again from its samples")
            }
            // The fingerprint is what the file says; its sums run over as many platforms as these weights have.
            let featureCount = FeatureSchema.graphFeatureNames.count
            guard platform.shares.count == model.platforms.count,
                platform.coefficients.count
                    == CalibrationPredictors.count(platforms: model.platforms.count, graphFeatures: featureCount)
            else {
                throw Failure(
                    .incompatibleWeights,
                    "platform '\(platform.id)' is made of \(platform.shares.count) platforms and "
                        + "\(platform.coefficients.count - platform.shares.count) graph features, the weights have "
                        + "\(model.platforms.count) and \(featureCount): calibrate it again from its samples")
            }
            guard ids.insert(platform.id).inserted else {
                throw Failure(.invalidArgument, "there are two platforms '\(platform.id)': give each an id of its own")
            }
        }
        return Predictor(model, calibratedPlatforms: self.calibratedPlatforms + calibratedPlatforms)
    }

    /// The weights and their own platforms.
    var withoutCalibratedPlatforms: Predictor { Predictor(model, calibratedPlatforms: []) }

    /// Estimated milliseconds, one a platform in the order of `platforms`, all from one pass of the encoder; the same
    /// bits as in a batch.
    package func predict(_ graph: GraphEncoding) throws(Failure) -> [Double] {
        let session = PredictionSession(self, threadCount: 1)
        try session.predict([graph])
        return Array(session.estimates)
    }

    /// The estimates of `graphs`, platforms of a graph together, to `estimates`. Throws as `LatencyModel.predict`.
    func predict(
        _ graphs: ArraySlice<GraphEncoding>, memory: PredictionMemory,
        into estimates: UnsafeMutablePointer<Double>
    ) throws(Failure) {
        try model.predict(graphs, memory: memory, into: estimates, stride: platforms.count)
        guard !calibratedPlatforms.isEmpty, let featureCount = graphs.first?.graphFeatures.count else { return }
        let count = CalibrationPredictors.count(platforms: model.platforms.count, graphFeatures: featureCount)
        let predictors = UnsafeMutableBufferPointer<Double>(start: try memory.take(count), count: count)
        for (position, graph) in graphs.enumerated() {
            let ofGraph = estimates + position * platforms.count
            let known = UnsafeBufferPointer(start: ofGraph, count: model.platforms.count)
            CalibrationPredictors.write(known, graph.graphFeatures, to: predictors)
            for (number, platform) in calibratedPlatforms.enumerated() {
                // In bounds: a graph has an estimate for each of `platforms`.
                ofGraph[known.count + number] = platform.latencyMs(predictors)
            }
        }
    }
}
