import NNFGraph
import NNFKernels

/// NN-Former's encoder over sparse lists (Xu et al., CVPR 2025, arXiv 2507.00880; Documentation/Model.md, "Encoder").
///
/// Time O(m·d² + pairs·d), memory O(n·d), for n nodes, m distinct rows among them, width d and pairs = entries of the
/// relations' lists.
struct Encoder: Sendable {
    private let width: Int
    private let embed: FeatureEmbedding
    private let layers: [EncoderLayer]
    private let scratchColumns: Int
    private let finalNorm: LayerNormalization

    /// `prefix` begins the names of the tensors where a file holds several models.
    init(_ configuration: EncoderConfiguration, prefix: String = "", _ source: inout TensorSource) throws(Failure) {
        width = configuration.width
        embed = try FeatureEmbedding(configuration, "\(prefix)embed", &source)
        var layers: [EncoderLayer] = []
        for layer in 0..<configuration.layerCount {
            layers.append(try EncoderLayer(configuration, "\(prefix)layers.\(layer)", &source))
        }
        self.layers = layers
        scratchColumns = layers.map(\.scratchColumns).max() ?? 0
        finalNorm = try source.takeNormalization("\(prefix)final_norm", width: width)
    }

    /// Takes the batch through all stages; the result has a row for each distinct node and is valid until
    /// `memory.reset`.
    func embeddings(of batch: inout GraphBatch, memory: PredictionMemory) throws(Failure) -> Matrix {
        var workspace = try EncoderWorkspace(
            width: width, scratchColumns: scratchColumns, nodeCount: batch.nodeCount, memory)
        try embed.apply(to: batch, into: workspace.state, memory)
        for layer in layers { layer.apply(to: &workspace, &batch) }
        let embeddings = workspace.state.rows(0..<batch.stage.row_count)
        finalNorm.apply(to: embeddings, into: embeddings)
        return embeddings
    }
}

/// The intermediate values of the encoder. Matrices have room for a row for each node, of which as many are used as the
/// stage has distinct rows.
struct EncoderWorkspace {
    /// H in Model.md, n × d.
    var state: Matrix
    /// H of the stage that is being made, n × d.
    var nextState: Matrix
    /// LN(H), n × d.
    let normalized: Matrix
    /// What each sublayer computes of every row of the stage before.
    let scratch: Matrix
    /// A block of rows × d between two layers.
    let block: Matrix
    /// `normalized` as integers, and `block`.
    let quantized: QuantizedRows
    let quantizedBlock: QuantizedRows

    init(
        width: Int, scratchColumns: Int, nodeCount: Int, _ memory: PredictionMemory
    ) throws(Failure) {
        state = try memory.takeMatrix(rows: nodeCount, columns: width)
        nextState = try memory.takeMatrix(rows: nodeCount, columns: width)
        normalized = try memory.takeMatrix(rows: nodeCount, columns: width)
        scratch = try memory.takeMatrix(rows: nodeCount, columns: scratchColumns)
        block = try memory.takeMatrix(rows: Matrix.blockRows, columns: width)
        func quantized(rows: Int) throws(Failure) -> QuantizedRows {
            let stride = nnf_quantized_bytes(NNF_INTEGERS_16, width)
            return QuantizedRows(
                start: try memory.take(rows, times: stride), stride: stride, steps: try memory.take(rows))
        }
        self.quantized = try quantized(rows: nodeCount)
        quantizedBlock = try quantized(rows: Matrix.blockRows)
    }

    /// Makes `nextState` for the rows of `batch`: what each continues, and what `addUpdate` adds to a block of it.
    mutating func advance(_ batch: GraphBatch, _ addUpdates: (EncoderWorkspace) -> Void) {
        nnf_gather(
            batch.stage.row_count, state.columns, state.start, state.stride, batch.stage.own, nextState.start,
            nextState.stride)
        addUpdates(self)
        swap(&state, &nextState)
    }
}

/// One layer: attention, then feed-forward, both pre-norm and residual.
private struct EncoderLayer: Sendable {
    private let attention: SiblingAttention
    private let feedForward: GraphFeedForward

    var scratchColumns: Int { max(attention.scratchColumns, feedForward.scratchColumns) }

    init(
        _ configuration: EncoderConfiguration, _ prefix: String, _ source: inout TensorSource
    ) throws(Failure) {
        attention = try SiblingAttention(configuration, prefix, &source)
        feedForward = try GraphFeedForward(configuration, prefix, &source)
    }

    func apply(to workspace: inout EncoderWorkspace, _ batch: inout GraphBatch) {
        attention.apply(to: &workspace, &batch)
        feedForward.apply(to: &workspace, &batch)
    }
}
