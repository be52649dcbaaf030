import NNFGraph
import NNFKernels

/// The estimate as a sum of non-negative contributions of the nodes (Documentation/Model.md, "Heads").
struct AdditiveHead: Sendable {
    private let hidden: LinearLayer
    private let platform: LinearLayer
    /// [P], milliseconds.
    private let base: [Double]

    init(_ configuration: ModelConfiguration, _ source: inout TensorSource) throws(Failure) {
        hidden = LinearLayer(
            try source.takeLinear(
                "head.hidden", inputs: configuration.width, outputs: configuration.headWidth),
            precision: .single)
        platform = LinearLayer(
            try source.takeLinear(
                "head.platform", inputs: configuration.headWidth, outputs: configuration.platforms.count),
            precision: .single)
        base = try source.take("head.base", shape: [configuration.platforms.count])
            .withElements { base in base.map(milliseconds(logarithm:)) }
    }

    /// Milliseconds of each graph on each platform, graph by graph, summed in double precision. embeddings: m × d.
    func estimate(
        _ embeddings: Matrix, of batch: GraphBatch, memory: PredictionMemory,
        into estimates: UnsafeMutablePointer<Double>
    ) throws(Failure) {
        let activated = try memory.takeMatrix(rows: Matrix.blockRows, columns: hidden.paddedOutputs)
        let contributions = try memory.takeMatrix(rows: embeddings.rows, columns: platform.paddedOutputs)
        for range in Matrix.blocks(of: embeddings.rows) {
            let activated = activated.rows(0..<range.count)
            hidden.apply(to: embeddings.rows(range), into: activated, rectifying: true)
            platform.apply(to: activated, into: contributions.rows(range))
        }
        nnf_exponentiate(
            Matrix.instructions, contributions.rows * contributions.stride,
            Float(logarithmRange.lowerBound), Float(logarithmRange.upperBound), contributions.start)
        try batch.forEachGraph { position, _, rows throws(Failure) in
            let sums = estimates + position * base.count
            sums.update(from: base, count: base.count)
            rows.addRows(of: contributions, columns: base.count, to: sums)
        }
    }
}
