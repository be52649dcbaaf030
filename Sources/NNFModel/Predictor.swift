package import NNFGraph
package import NNFWeights

/// A trained model, ready to estimate. Immutable: any number of threads may share one.
package final class Predictor: Sendable {
    private enum Head {
        case additive(AdditiveHead)
        case pooled(PooledHead)
    }

    package let platforms: [Platform]
    private let encoder: Encoder
    private let head: Head

    /// The model with the weights that are part of the library.
    package static func embedded() throws(Failure) -> Predictor {
        try Predictor(.embedded())
    }

    /// The model of a weights file, which is read whole: it may change or vanish afterwards.
    package static func open(path: String) throws(Failure) -> Predictor {
        let bytes: WeightsBytes
        do throws(WeightsError) {
            bytes = try WeightsBytes.contents(ofFile: path)
        } catch {
            throw Failure(error)
        }
        return try Predictor(bytes)
    }

    /// Validates everything: format, versions, that each tensor is there with its shape and finite, and no other.
    /// O(bytes); nothing is copied.
    package init(_ bytes: WeightsBytes) throws(Failure) {
        let file: WeightsFile
        do throws(WeightsError) {
            file = try WeightsFile(bytes)
        } catch {
            throw Failure(error)
        }
        let configuration = try ModelConfiguration(of: file)
        var source = TensorSource(file)
        encoder = try Encoder(configuration.encoder, &source)
        head =
            switch configuration.headKind {
            case .additive: .additive(try AdditiveHead(configuration, &source))
            case .pooled: .pooled(try PooledHead(configuration, &source))
            }
        try source.requireAllTaken()
        platforms = configuration.platforms
    }

    /// Estimated milliseconds, one a platform in the order of `platforms`, all from one pass of the encoder.
    ///
    /// The estimate does not depend on the order of the nodes but for rounding. O(n·d² + pairs·d) time and O(n·d)
    /// memory, see `Encoder`. Throws for a graph without nodes, and for one that exceeds `Matrix.maximumSizeInBytes`.
    package func predict(_ graph: GraphEncoding) throws(Failure) -> [Double] {
        let estimate = try encoder.withEmbeddings(of: graph) { embeddings throws(Failure) in
            switch head {
            case .additive(let head): try head.estimate(embeddings)
            case .pooled(let head): try head.estimate(embeddings, graphFeatures: graph.graphFeatures)
            }
        }
        guard estimate.allSatisfy(\.isFinite) else {
            throw Failure(
                .invalidModel,
                "the estimate is not a finite number: the weights or the features of the graph are out of range")
        }
        return estimate
    }
}
