import NNFGraph
import NNFKernels

/// NN-Former's encoder over sparse lists (Xu et al., CVPR 2025, arXiv 2507.00880; Documentation/Model.md, "Encoder").
///
/// Time O(n·d² + pairs·d), memory O(n·d), for n nodes, width d and pairs = entries of the relations' lists.
struct Encoder: Sendable {
    private let width: Int
    private let embed: LinearLayer
    private let layers: [EncoderLayer]
    private let finalNorm: LayerNormalization

    /// `prefix` begins the names of the tensors where a file holds several models.
    init(_ sizes: EncoderSizes, prefix: String = "", _ source: inout TensorSource) throws(Failure) {
        width = sizes.width
        embed = try source.takeLinear("\(prefix)embed", inputs: sizes.featureCount, outputs: width)
        var layers: [EncoderLayer] = []
        for layer in 0..<sizes.layerCount {
            layers.append(try EncoderLayer(sizes, "\(prefix)layers.\(layer)", &source))
        }
        self.layers = layers
        finalNorm = try source.takeNormalization("\(prefix)final_norm", width: width)
    }

    /// Calls `body` with the embeddings of the nodes, n × d, valid until it returns.
    func withEmbeddings<Result>(
        of graph: GraphEncoding, _ body: (Matrix) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let count = graph.nodeCount
        guard count > 0 else {
            throw Failure(.invalidArgument, "the graph has no nodes: there is nothing to estimate")
        }
        // The kernels trust their caller: features and lists must have a row for every node. Indices within the lists
        // are below the number of rows by construction of `Relations`.
        let relations = graph.relations
        guard graph.nodeFeatures.count == count * embed.inputs,
            [relations.successors, relations.predecessors, relations.coChildren, relations.coParents]
                .allSatisfy({ $0.rowCount == count })
        else {
            throw Failure(.internalError, "the encoding of a graph contradicts itself about its number of nodes")
        }
        return try Matrix.withZeros(rows: count, columns: EncoderWorkspace.columns(width: width)) {
            memory throws(Failure) in
            let workspace = EncoderWorkspace(memory, width: width)
            embed.apply(to: graph.nodeFeatures, stride: embed.inputs, into: workspace.state)
            for layer in layers { layer.apply(to: workspace, relations) }
            finalNorm.apply(to: workspace.state, into: workspace.state)
            return try body(workspace.state)
        }
    }
}

/// The intermediate values of the encoder: one row of 5·d a node, whatever the number of layers.
struct EncoderWorkspace {
    static func columns(width: Int) -> Int { 5 * width }

    /// H in Model.md, n × d.
    let state: Matrix
    /// LN(H), n × d; the concatenated heads take its place when it is no longer needed.
    let normalized: Matrix
    /// n × 3d, used by each sublayer in its own way.
    let scratch: Matrix

    init(_ memory: Matrix, width: Int) {
        state = memory.columns(0..<width)
        normalized = memory.columns(width..<2 * width)
        scratch = memory.columns(2 * width..<5 * width)
    }
}

/// One layer: attention, then feed-forward, both pre-norm and residual.
private struct EncoderLayer: Sendable {
    private let attention: SiblingAttention
    private let feedForward: GraphFeedForward

    init(
        _ sizes: EncoderSizes, _ prefix: String, _ source: inout TensorSource
    ) throws(Failure) {
        attention = try SiblingAttention(sizes, prefix, &source)
        feedForward = try GraphFeedForward(sizes, prefix, &source)
    }

    func apply(to workspace: EncoderWorkspace, _ relations: Relations) {
        attention.apply(to: workspace, relations)
        feedForward.apply(to: workspace, relations)
    }
}
