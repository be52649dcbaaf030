import NNFGraph
import NNFKernels

/// The paper's head: nodes are reduced, summed, and joined with the graph's own features (Documentation/Model.md, "Heads").
struct PooledHead: Sendable {
    private let headWidth: Int
    private let platformCount: Int
    private let reduce: LinearLayer
    private let hidden: LinearLayer
    private let platform: LinearLayer

    init(_ configuration: ModelConfiguration, _ source: inout TensorSource) throws(Failure) {
        headWidth = configuration.headWidth
        platformCount = configuration.platforms.count
        reduce = try LinearLayer(
            source.takeLinear(
                "head.reduce", inputs: configuration.encoder.width, outputs: configuration.headWidth),
            precision: .single)
        hidden = try LinearLayer(
            source.takeLinear(
                "head.hidden", inputs: configuration.headWidth + configuration.graphFeatureCount,
                outputs: configuration.headWidth),
            precision: .single)
        platform = try LinearLayer(
            source.takeLinear(
                "head.platform", inputs: configuration.headWidth, outputs: configuration.platforms.count),
            precision: .single)
    }

    /// Milliseconds of each graph on each platform; those of a graph lie `stride` elements after those of the graph
    /// before it. embeddings: m × d.
    func estimate(
        _ embeddings: Matrix, of batch: GraphBatch, memory: PredictionMemory,
        into estimates: UnsafeMutablePointer<Double>, stride: Int
    ) throws(Failure) {
        let graphCount = batch.graphs.count
        let reduced = try memory.takeMatrix(rows: embeddings.rows, columns: reduce.paddedOutputs)
        let joined = try memory.takeMatrix(rows: graphCount, columns: hidden.inputs)
        let activated = try memory.takeMatrix(rows: graphCount, columns: hidden.paddedOutputs)
        let logarithms = try memory.takeMatrix(rows: graphCount, columns: platform.paddedOutputs)
        let sums: UnsafeMutablePointer<Double> = try memory.take(headWidth)

        reduce.apply(to: embeddings, into: reduced, rectifying: true)
        try batch.forEachGraph { position, graph, rows throws(Failure) in
            guard headWidth + graph.graphFeatures.count == hidden.inputs else {
                throw Failure(
                    .internalError, "the encoding of a graph has \(graph.graphFeatures.count) graph features")
            }
            sums.initialize(repeating: 0, count: headWidth)
            rows.addRows(of: reduced, columns: headWidth, to: sums)
            let row = joined.start + position * joined.stride
            for column in 0..<headWidth { row[column] = Float(sums[column]) }
            (row + headWidth).update(from: graph.graphFeatures, count: graph.graphFeatures.count)
        }
        hidden.apply(to: joined, into: activated, rectifying: true)
        platform.apply(to: activated, into: logarithms)
        for graph in 0..<graphCount {
            for column in 0..<platformCount {
                estimates[graph * stride + column] = milliseconds(
                    logarithm: logarithms.start[graph * logarithms.stride + column])
            }
        }
    }
}
