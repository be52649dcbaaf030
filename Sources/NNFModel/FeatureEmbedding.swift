import NNFGraph
import NNFKernels

/// H⁰ = X·W_embedᵀ + b (Documentation/Model.md, "Encoder"). Most of the features are one-hot, for which the product is a
/// sum of rows of W_embedᵀ, one for each group.
struct FeatureEmbedding: Sendable {
    private let features: FeatureLayout
    /// Rows of W_embedᵀ for the one-hot features, with b in those of the first group: [one-hot features, paddedOutputs].
    private let oneHotRows: PackedElements<Float>
    private let measures: LinearLayer

    init(_ configuration: EncoderConfiguration, _ prefix: String, _ source: inout TensorSource) throws(Failure) {
        let features = configuration.features
        let width = configuration.width
        self.features = features
        let embed = try source.takeLinear(prefix, inputs: features.count, outputs: width)
        measures = try LinearLayer(embed.inputs(features.measureOffset..<features.count), precision: .single)
        let stride = nnf_padded_columns(width)
        oneHotRows = try PackedElements(count: features.measureOffset * stride) { rows in
            embed.weight.withElements { weight in
                for feature in 0..<features.measureOffset {
                    for output in 0..<width {
                        rows[feature * stride + output] = weight[output * embed.inputs + feature]
                    }
                }
            }
            embed.bias?.withElements { bias in
                for feature in 0..<(features.groups.first ?? 0) {
                    for output in 0..<width { rows[feature * stride + output] += bias[output] }
                }
            }
        }
    }

    /// The rows of the batch's first stage. Throws for a graph with other features than those that the weights are for.
    func apply(to batch: GraphBatch, into state: Matrix, _ memory: PredictionMemory) throws(Failure) {
        guard batch.graphs.allSatisfy({ $0.features == features }) else {
            throw Failure(.internalError, "the encoding of a graph has features of another layout than the weights")
        }
        let ones: UnsafeMutablePointer<UInt32> = try memory.take(Matrix.blockRows, times: features.onesPerRow)
        let values = try memory.takeMatrix(rows: Matrix.blockRows, columns: measures.inputs)
        for range in Matrix.blocks(of: batch.stage.row_count) {
            let rows = state.rows(range)
            batch.copyFeatures(of: range, ones: ones, measures: values)
            nnf_gather_sums(
                rows.rows, rows.columns, oneHotRows.start, measures.paddedOutputs, features.onesPerRow, ones,
                rows.start, rows.stride)
            measures.apply(to: values, into: rows, adding: true)
        }
    }
}
