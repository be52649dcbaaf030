import NNFGraph
import NNFKernels
import NNFWeights

/// The estimate as a sum of non-negative contributions of the nodes (Documentation/Model.md, "Heads").
struct AdditiveHead: Sendable {
    private let hidden: LinearLayer
    private let platform: LinearLayer
    /// [P].
    private let base: WeightsTensor

    init(_ configuration: ModelConfiguration, _ source: inout TensorSource) throws(Failure) {
        hidden = try source.takeLinear(
            "head.hidden", inputs: configuration.encoder.width, outputs: configuration.headWidth)
        platform = try source.takeLinear(
            "head.platform", inputs: configuration.headWidth, outputs: configuration.platforms.count)
        base = try source.take("head.base", shape: [configuration.platforms.count])
    }

    /// Milliseconds on each platform, summed in double precision. embeddings: n × d.
    func estimate(_ embeddings: Matrix) throws(Failure) -> [Double] {
        var sums = base.withElements { base in base.map(milliseconds(logarithm:)) }
        let blockRows = min(embeddings.rows, Matrix.blockRows)
        try Matrix.withZeros(rows: blockRows, columns: hidden.outputs + platform.outputs) { memory in
            for block in embeddings.blocks(maximumRows: blockRows) {
                let rows = memory.rows(0..<block.rows)
                let activated = rows.columns(0..<hidden.outputs)
                let logarithms = rows.columns(hidden.outputs..<rows.columns)
                hidden.apply(to: block, into: activated)
                nnf_relu(activated.rows, activated.columns, activated.start, activated.stride)
                platform.apply(to: activated, into: logarithms)
                for row in 0..<logarithms.rows {
                    // In bounds: `sums` has an element for every column, and the matrix holds row · stride + column.
                    let values = logarithms.start + row * logarithms.stride
                    for column in sums.indices { sums[column] += milliseconds(logarithm: values[column]) }
                }
            }
        }
        return sums
    }
}
