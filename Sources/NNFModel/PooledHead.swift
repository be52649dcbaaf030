import NNFGraph
import NNFKernels

/// The paper's head: nodes are reduced, summed, and joined with the graph's own features (Documentation/Model.md, "Heads").
struct PooledHead: Sendable {
    private let reduce: LinearLayer
    private let hidden: LinearLayer
    private let platform: LinearLayer

    init(_ configuration: ModelConfiguration, _ source: inout TensorSource) throws(Failure) {
        reduce = try source.takeLinear(
            "head.reduce", inputs: configuration.encoder.width, outputs: configuration.headWidth)
        hidden = try source.takeLinear(
            "head.hidden", inputs: configuration.headWidth + configuration.graphFeatureCount,
            outputs: configuration.headWidth)
        platform = try source.takeLinear(
            "head.platform", inputs: configuration.headWidth, outputs: configuration.platforms.count)
    }

    /// Milliseconds on each platform. embeddings: n × d; graphFeatures: [G].
    func estimate(_ embeddings: Matrix, graphFeatures: [Float]) throws(Failure) -> [Double] {
        let joined = try reducedSums(embeddings).map { Float($0) } + graphFeatures
        guard joined.count == hidden.inputs else {
            throw Failure(.internalError, "the encoding of a graph has \(graphFeatures.count) graph features")
        }
        return try Matrix.withZeros(rows: 1, columns: hidden.outputs + platform.outputs) { memory in
            let activated = memory.columns(0..<hidden.outputs)
            let logarithms = memory.columns(hidden.outputs..<memory.columns)
            hidden.apply(to: joined, stride: joined.count, into: activated)
            nnf_relu(activated.rows, activated.columns, activated.start, activated.stride)
            platform.apply(to: activated, into: logarithms)
            return (0..<logarithms.columns).map { milliseconds(logarithm: logarithms.start[$0]) }
        }
    }

    /// r in Model.md, [k]: Σ ReLU(reduce) over the nodes, in double precision.
    private func reducedSums(_ embeddings: Matrix) throws(Failure) -> [Double] {
        var sums = [Double](repeating: 0, count: reduce.outputs)
        let blockRows = min(embeddings.rows, Matrix.blockRows)
        try Matrix.withZeros(rows: blockRows, columns: reduce.outputs) { memory in
            for block in embeddings.blocks(maximumRows: blockRows) {
                let reduced = memory.rows(0..<block.rows)
                reduce.apply(to: block, into: reduced)
                nnf_relu(reduced.rows, reduced.columns, reduced.start, reduced.stride)
                nnf_add_column_sums(reduced.rows, reduced.columns, reduced.start, reduced.stride, &sums)
            }
        }
        return sums
    }
}
