import NNFGraph
import NNFKernels

/// ASMA, adjacency-sibling multi-head attention (Documentation/Model.md, "Encoder", 1): each of four heads sees the
/// nodes of one relation, and the node itself.
struct SiblingAttention: Sendable {
    private let width: Int
    private let norm: LayerNormalization
    /// Rows q, k, v of all heads.
    private let queryKeyValue: LinearLayer
    /// With the layer scale γ₁ in its weights.
    private let project: LinearLayer

    var scratchColumns: Int { queryKeyValue.paddedOutputs }

    init(
        _ configuration: EncoderConfiguration, _ prefix: String, _ source: inout TensorSource
    ) throws(Failure) {
        width = configuration.width
        norm = try source.takeNormalization("\(prefix).attention_norm", width: width)
        queryKeyValue = try LinearLayer(
            source.takeLinear("\(prefix).attention.qkv", inputs: width, outputs: 3 * width),
            precision: configuration.precision)
        project = try LinearLayer(
            source.takeLinear("\(prefix).attention.project", inputs: width, outputs: width),
            precision: configuration.precision, outputScale: source.take("\(prefix).attention_scale", shape: [width]))
    }

    func apply(to workspace: inout EncoderWorkspace, _ batch: inout GraphBatch) {
        for range in Matrix.blocks(of: batch.stage.row_count) {
            let normalized = workspace.block.rows(0..<range.count)
            norm.apply(to: workspace.state.rows(range), into: normalized)
            queryKeyValue.apply(to: normalized, workspace.quantizedBlock, into: workspace.scratch.rows(range))
        }
        batch.advance(relationCount: ModelConfiguration.headCount, seesItself: true)
        let stage = batch.stage
        workspace.advance(batch) { workspace in
            for range in Matrix.blocks(of: stage.row_count) {
                let heads = workspace.block.rows(0..<range.count)
                attend(head: 0, stage.lists.0, stage, workspace.scratch, range, heads)
                attend(head: 1, stage.lists.1, stage, workspace.scratch, range, heads)
                attend(head: 2, stage.lists.2, stage, workspace.scratch, range, heads)
                attend(head: 3, stage.lists.3, stage, workspace.scratch, range, heads)
                project.apply(
                    to: heads, workspace.quantizedBlock, into: workspace.nextState.rows(range), adding: true)
            }
        }
    }

    /// Rows `range` of one head, into its columns of `heads`.
    private func attend(
        head: Int, _ lists: nnf_stage_lists, _ stage: nnf_stage, _ queryKeyValue: Matrix, _ range: Range<Int>,
        _ heads: Matrix
    ) {
        let headWidth = width / ModelConfiguration.headCount
        let queries = queryKeyValue.start + head * headWidth
        var attention = nnf_attention(
            columns: headWidth, queries: queries, keys: queries + width, values: queries + 2 * width,
            stride: queryKeyValue.stride, own: stage.own, lists: lists)
        nnf_attend(
            Matrix.instructions, &attention, range.lowerBound, range.count, heads.start + head * headWidth,
            heads.stride)
    }
}
