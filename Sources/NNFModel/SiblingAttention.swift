import NNFGraph
import NNFKernels

/// ASMA, adjacency-sibling multi-head attention (Documentation/Model.md, "Encoder", 1): each of four heads sees the
/// nodes of one relation, and the node itself.
struct SiblingAttention: Sendable {
    private let headWidth: Int
    private let norm: LayerNormalization
    /// Rows q, k, v of all heads.
    private let queryKeyValue: LinearLayer
    private let project: LinearLayer
    private let residual: ScaledResidual

    init(
        _ sizes: EncoderSizes, _ prefix: String, _ source: inout TensorSource
    ) throws(Failure) {
        let width = sizes.width
        headWidth = width / ModelConfiguration.headCount
        norm = try source.takeNormalization("\(prefix).attention_norm", width: width)
        queryKeyValue = try source.takeLinear("\(prefix).attention.qkv", inputs: width, outputs: 3 * width)
        project = try source.takeLinear("\(prefix).attention.project", inputs: width, outputs: width)
        residual = ScaledResidual(scale: try source.take("\(prefix).attention_scale", shape: [width]))
    }

    func apply(to workspace: EncoderWorkspace, _ relations: Relations) {
        let width = workspace.state.columns
        norm.apply(to: workspace.state, into: workspace.normalized)
        queryKeyValue.apply(to: workspace.normalized, into: workspace.scratch)
        let heads = workspace.normalized
        for (head, lists) in [
            relations.successors, relations.predecessors, relations.coChildren, relations.coParents,
        ].enumerated() {
            let columns = head * headWidth..<(head + 1) * headWidth
            let queries = workspace.scratch.columns(columns)
            let output = heads.columns(columns)
            // Keys and values are the same columns of the second and third d columns. Every list has a row for each
            // row of the matrices (Encoder.withEmbeddings).
            nnf_list_attention(
                queries.rows, headWidth, queries.start, queries.start + width, queries.start + 2 * width,
                queries.stride, lists.offsets, lists.indices, output.start, output.stride)
        }
        let update = workspace.scratch.columns(0..<width)
        project.apply(to: heads, into: update)
        residual.add(update, to: workspace.state)
    }
}
