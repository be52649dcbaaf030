import NNFGraph
import NNFKernels
import NNFWeights

/// The estimate as a sum over the nodes of what each would take at fixed rates, times how much worse the node does
/// (Documentation/Model.md, "Heads").
struct AdditiveHead: Sendable {
    private let hidden: LinearLayer
    private let platform: LinearLayer
    /// Three for each platform, one platform after the other: milliseconds for a GFLOP, a megabyte and a node.
    private let rates: [Double]
    /// [P].
    private let base: WeightsTensor

    init(_ configuration: ModelConfiguration, _ source: inout TensorSource) throws(Failure) {
        hidden = try source.takeLinear(
            "head.hidden", inputs: configuration.width, outputs: configuration.headWidth)
        platform = try source.takeLinear(
            "head.platform", inputs: configuration.headWidth, outputs: configuration.platforms.count)
        let platformCount = configuration.platforms.count
        rates = try source.take("head.rates", shape: [3, platformCount]).withElements { logarithms in
            (0..<3 * platformCount).map { milliseconds(logarithm: logarithms[$0 % 3 * platformCount + $0 / 3]) }
        }
        base = try source.take("head.base", shape: [configuration.platforms.count])
    }

    /// Milliseconds on each platform, summed in double precision. embeddings: n × d; costs: n × 2, GFLOPs and megabytes.
    func estimate(_ embeddings: Matrix, costs: [Float]) throws(Failure) -> [Double] {
        guard costs.count / 2 == embeddings.rows else {
            throw Failure(.internalError, "the encoding of a graph has costs of \(costs.count / 2) nodes")
        }
        var sums = base.withElements { base in base.map(milliseconds(logarithm:)) }
        let blockRows = min(embeddings.rows, Matrix.blockRows)
        try Matrix.withZeros(rows: blockRows, columns: hidden.outputs + platform.outputs) { memory in
            var node = 0
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
                    let (gigaflops, megabytes) = (Double(costs[2 * node]), Double(costs[2 * node + 1]))
                    for column in sums.indices {
                        let ideal =
                            gigaflops * rates[3 * column] + megabytes * rates[3 * column + 1] + rates[3 * column + 2]
                        sums[column] += milliseconds(logarithm: values[column]) * ideal
                    }
                    node += 1
                }
            }
        }
        return sums
    }
}
