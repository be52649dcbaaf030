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
    package static func embedded(precision: Precision = .quantized) throws(Failure) -> Predictor {
        try Predictor(.embedded(), precision: precision)
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
    /// O(bytes); weights of linear layers are packed for the kernels, the rest is used where it lies.
    package init(_ bytes: WeightsBytes, precision: Precision = .quantized) throws(Failure) {
        let file: WeightsFile
        do throws(WeightsError) {
            file = try WeightsFile(bytes)
        } catch {
            throw Failure(error)
        }
        let configuration = try ModelConfiguration(of: file, precision: precision)
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

    /// Estimated milliseconds, one a platform in the order of `platforms`, all from one pass of the encoder; the same
    /// bits as in a batch.
    package func predict(_ graph: GraphEncoding) throws(Failure) -> [Double] {
        let session = PredictionSession(self, threadCount: 1)
        try session.predict([graph])
        return Array(session.estimates)
    }

    /// The estimates of `graphs`, platforms of a graph together, to `estimates`. Throws for a graph without nodes,
    /// for graphs that need more than `PredictionMemory.maximumSizeInBytes` together, and for results that are not
    /// finite; `estimates` is undefined then.
    ///
    /// An estimate does not depend on the order of a graph's nodes but for rounding, nor at all on the other graphs.
    func predict(
        _ graphs: ArraySlice<GraphEncoding>, memory: PredictionMemory,
        into estimates: UnsafeMutablePointer<Double>
    ) throws(Failure) {
        guard graphs.allSatisfy({ $0.nodeCount > 0 }) else {
            throw Failure(.invalidArgument, "the graph has no nodes: there is nothing to estimate")
        }
        memory.reset()
        var batch = try GraphBatch(graphs, memory: memory)
        let embeddings = try encoder.embeddings(of: &batch, memory: memory)
        switch head {
        case .additive(let head):
            try head.estimate(embeddings, of: batch, memory: memory, into: estimates)
        case .pooled(let head):
            try head.estimate(embeddings, of: batch, memory: memory, into: estimates)
        }
        for estimate in 0..<graphs.count * platforms.count where !estimates[estimate].isFinite {
            throw Failure(
                .invalidModel,
                "the estimate is not a finite number: the weights or the features of the graph are out of range")
        }
    }
}
