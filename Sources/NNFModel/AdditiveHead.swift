import NNFGraph
import NNFKernels

/// The estimate as a sum over the nodes of what each would take at fixed rates, times how much worse the node does
/// (Documentation/Model.md, "Heads").
struct AdditiveHead: Sendable {
    private let hidden: LinearLayer
    private let platform: LinearLayer
    /// [P] each: milliseconds for a GFLOP, for a megabyte, for a node.
    private let gigaflopRates: [Float]
    private let megabyteRates: [Float]
    private let nodeRates: [Float]
    /// [P], milliseconds.
    private let base: [Double]

    init(_ configuration: ModelConfiguration, _ source: inout TensorSource) throws(Failure) {
        hidden = try LinearLayer(
            source.takeLinear(
                "head.hidden", inputs: configuration.encoder.width, outputs: configuration.headWidth),
            precision: .single)
        platform = try LinearLayer(
            source.takeLinear(
                "head.platform", inputs: configuration.headWidth, outputs: configuration.platforms.count),
            precision: .single)
        let platformCount = configuration.platforms.count
        let rates = try source.take("head.rates", shape: [3, platformCount])
            .withElements { logarithms in logarithms.map { Float(milliseconds(logarithm: $0)) } }
        gigaflopRates = Array(rates[..<platformCount])
        megabyteRates = Array(rates[platformCount..<2 * platformCount])
        nodeRates = Array(rates[(2 * platformCount)...])
        base = try source.take("head.base", shape: [platformCount])
            .withElements { base in base.map(milliseconds(logarithm:)) }
    }

    /// Milliseconds of each graph on each platform, summed in double precision; those of a graph lie `stride` elements
    /// after those of the graph before it. embeddings: m × d.
    func estimate(
        _ embeddings: Matrix, of batch: GraphBatch, memory: PredictionMemory,
        into estimates: UnsafeMutablePointer<Double>, stride: Int
    ) throws(Failure) {
        let contributions = try contributions(embeddings, of: batch, memory: memory)
        try batch.forEachGraph { position, _, rows throws(Failure) in
            let sums = estimates + position * stride
            sums.update(from: base, count: base.count)
            rows.addRows(of: contributions, columns: base.count, to: sums)
        }
    }

    /// What the nodes of the batch's only graph contribute. embeddings: m × d.
    func nodeContributions(
        _ embeddings: Matrix, of batch: GraphBatch, memory: PredictionMemory
    ) throws(Failure) -> NodeContributions {
        let contributions = try contributions(embeddings, of: batch, memory: memory)
        let byNode = try memory.takeMatrix(rows: batch.nodeCount, columns: base.count)
        batch.copyRows(of: contributions.columns(0..<base.count), into: byNode)
        // No overflow: `byNode` has at least as many elements.
        let values = try PackedElements<Float>(count: byNode.rows * base.count) { values in
            for node in 0..<byNode.rows {
                (values + node * base.count).update(from: byNode.start + node * byNode.stride, count: base.count)
            }
        }
        return NodeContributions(
            platformCount: base.count, nodeCount: byNode.rows, nodeLatencyMs: values, fixedLatencyMs: base)
    }

    /// Milliseconds that a node with each distinct row takes on each platform, m × paddedOutputs.
    private func contributions(
        _ embeddings: Matrix, of batch: GraphBatch, memory: PredictionMemory
    ) throws(Failure) -> Matrix {
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
        scale(contributions, by: batch.costs)
        return contributions
    }

    /// Multiplies each row, an inefficiency a platform, by what its nodes would take at the platform's rates.
    private func scale(_ contributions: Matrix, by costs: UnsafePointer<Float>) {
        for row in 0..<contributions.rows {
            let values = contributions.start + row * contributions.stride
            let (gigaflops, megabytes) = (costs[2 * row], costs[2 * row + 1])
            // In bounds: a row holds at least `base.count` values, and `costs` two numbers for each row.
            for platform in base.indices {
                values[platform] *=
                    gigaflops * gigaflopRates[platform] + megabytes * megabyteRates[platform] + nodeRates[platform]
            }
        }
    }
}
