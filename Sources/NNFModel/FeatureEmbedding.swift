import NNFGraph
import NNFKernels

/// H⁰ = X·W_embedᵀ + b (Documentation/Model.md, "Encoder"). Most of the features are one-hot, for which the product is a
/// sum of two rows of W_embedᵀ.
struct FeatureEmbedding: Sendable {
    /// Rows of W_embedᵀ for the one-hot features, with b in those of operators: [one-hot features, paddedOutputs].
    private let oneHotRows: PackedElements<Float>
    private let measures: LinearLayer

    init(_ configuration: ModelConfiguration, _ source: inout TensorSource) throws(Failure) {
        let width = configuration.width
        let embed = try source.takeLinear("embed", inputs: configuration.featureCount, outputs: width)
        measures = LinearLayer(
            embed.inputs(FeatureSchema.measureOffset..<configuration.featureCount), precision: .single)
        let stride = nnf_padded_columns(width)
        oneHotRows = PackedElements(count: FeatureSchema.measureOffset * stride) { rows in
            embed.weight.withElements { weight in
                for feature in 0..<FeatureSchema.measureOffset {
                    for output in 0..<width {
                        rows[feature * stride + output] = weight[output * embed.inputs + feature]
                    }
                }
            }
            embed.bias?.withElements { bias in
                for feature in 0..<FeatureSchema.categoryOffset {
                    for output in 0..<width { rows[feature * stride + output] += bias[output] }
                }
            }
        }
    }

    /// The rows of the batch's first stage.
    func apply(to batch: GraphBatch, into state: Matrix, _ memory: PredictionMemory) throws(Failure) {
        let ones: UnsafeMutablePointer<UInt32> = try memory.take(2 * Matrix.blockRows)
        let values = try memory.takeMatrix(rows: Matrix.blockRows, columns: measures.inputs)
        for range in Matrix.blocks(of: batch.stage.row_count) {
            let rows = state.rows(range)
            batch.copyFeatures(of: range, ones: ones, measures: values)
            nnf_gather_pairs(
                rows.rows, rows.columns, oneHotRows.start, measures.paddedOutputs, ones, rows.start, rows.stride)
            measures.apply(to: values, into: rows, adding: true)
        }
    }
}
