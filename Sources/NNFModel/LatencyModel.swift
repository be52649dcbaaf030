import NNFGraph
import NNFKernels
import NNFWeights

/// The encoder and the head of a weights file, and the platforms that it was trained for. Immutable: any number of threads
/// may share one.
final class LatencyModel: Sendable {
    private enum Head {
        case additive(AdditiveHead)
        case pooled(PooledHead)
    }

    let platforms: [Platform]
    /// What intervals and in-domain scores rest on, where the file has it.
    let trainingDomain: TrainingDomain?
    /// Of the whole file: what was fitted on these weights is of no use with others.
    let fingerprint: UInt64
    private let encoder: Encoder
    private let head: Head

    /// Validates everything: format, versions, that each tensor is there with its shape and finite, and no other.
    /// O(bytes); weights of linear layers are packed for the kernels, the rest is used where it lies.
    init(_ bytes: WeightsBytes, precision: Precision) throws(Failure) {
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
        trainingDomain = try TrainingDomain(configuration, of: file, &source)
        try source.requireAllTaken()
        platforms = configuration.platforms
        fingerprint = bytes.fingerprint
    }

    /// The estimates of `graphs` on `platforms`; those of a graph lie `stride` elements after those of the graph before it.
    /// Throws for a graph without nodes, for graphs that need more than `PredictionMemory.maximumSizeInBytes` together, and
    /// for results that are not finite; `estimates` is undefined then.
    ///
    /// An estimate does not depend on the order of a graph's nodes but for rounding, nor at all on the other graphs.
    func predict(
        _ graphs: ArraySlice<GraphEncoding>, memory: PredictionMemory,
        into estimates: UnsafeMutablePointer<Double>, stride: Int
    ) throws(Failure) {
        _ = try predictEmbedding(graphs, memory: memory, into: estimates, stride: stride)
    }

    /// The estimates of one graph and, where the weights say what they were trained on, its place among that.
    func predictWithPosition(
        _ graph: GraphEncoding, memory: PredictionMemory, into estimates: UnsafeMutablePointer<Double>
    ) throws(Failure) -> TrainingDomain.Position? {
        let (batch, embeddings) = try predictEmbedding(
            [graph], memory: memory, into: estimates, stride: platforms.count)
        guard let trainingDomain else { return nil }
        // Columns beyond the width are padding, which the domain leaves aside.
        var meanEmbedding = [Double](repeating: 0, count: embeddings.columns)
        try batch.forEachGraph { _, graph, rows throws(Failure) in
            meanEmbedding.withUnsafeMutableBufferPointer { sums in
                guard let start = sums.baseAddress else { return }
                rows.addRows(of: embeddings, columns: sums.count, to: start)
            }
        }
        let scale = 1 / Double(graph.nodeCount)
        return trainingDomain.position(of: graph, meanEmbedding: meanEmbedding.map { $0 * scale })
    }

    /// What each node adds to the estimates of a graph. Throws as `predict`, and for the pooled head, whose estimates are
    /// no sums.
    func nodeContributions(of graph: GraphEncoding, memory: PredictionMemory) throws(Failure) -> NodeContributions {
        guard case .additive(let head) = head else {
            throw Failure(
                .incompatibleWeights,
                "the weights have the pooled head, whose estimates are not sums over nodes: take weights with the additive head")
        }
        let (batch, embeddings) = try embed([graph], memory: memory)
        let contributions = try head.nodeContributions(embeddings, of: batch, memory: memory)
        guard contributions.areFinite else { throw Self.notFinite }
        return contributions
    }

    private func predictEmbedding(
        _ graphs: ArraySlice<GraphEncoding>, memory: PredictionMemory,
        into estimates: UnsafeMutablePointer<Double>, stride: Int
    ) throws(Failure) -> (GraphBatch, Matrix) {
        let (batch, embeddings) = try embed(graphs, memory: memory)
        switch head {
        case .additive(let head):
            try head.estimate(embeddings, of: batch, memory: memory, into: estimates, stride: stride)
        case .pooled(let head):
            try head.estimate(embeddings, of: batch, memory: memory, into: estimates, stride: stride)
        }
        for graph in 0..<graphs.count {
            for platform in 0..<platforms.count where !estimates[graph * stride + platform].isFinite {
                throw Self.notFinite
            }
        }
        return (batch, embeddings)
    }

    /// The last stage of the graphs, valid until `memory.reset`.
    private func embed(
        _ graphs: ArraySlice<GraphEncoding>, memory: PredictionMemory
    ) throws(Failure) -> (GraphBatch, Matrix) {
        guard graphs.allSatisfy({ $0.nodeCount > 0 }) else {
            throw Failure(.invalidArgument, "the graph has no nodes: there is nothing to estimate")
        }
        memory.reset()
        var batch = try GraphBatch(graphs, memory: memory)
        let embeddings = try encoder.embeddings(of: &batch, memory: memory)
        return (batch, embeddings)
    }

    private static let notFinite = Failure(
        .invalidModel,
        "the estimate is not a finite number: the weights or the features of the graph are out of range")
}
