// Section 10 of nnformer.h: what an estimate consists of.
public import CNNFormer
import NNFGraph
import NNFModel

/// What an `nnformer_explanation` stands for.
private final class ExplanationHandle: Sendable {
    let explanation: Explanation
    let latencyMs: Double
    /// By node.
    let blocks: [UInt32]
    /// By block.
    let blockLatencyMs: [Double]
    let blockNodeCounts: [Int]
    let blockNames: CStringArena

    init(_ predictor: Predictor, _ graph: GraphHandle, platform: Int) throws(Failure) {
        _ = try predictor.platforms.element(at: platform, "platforms")
        explanation = try predictor.explain(graph.encoding, platform: platform)
        latencyMs = explanation.latencyMs
        let parts = Blocks(of: graph.graph, relations: graph.encoding.relations)
        var sums = [Double](repeating: 0, count: parts.names.count)
        var counts = [Int](repeating: 0, count: parts.names.count)
        for (block, milliseconds) in zip(parts.blockOfNode, explanation.nodeLatencyMs) {
            sums[block] += milliseconds
            counts[block] += 1
        }
        blocks = parts.blockOfNode.map { UInt32(clamping: $0) }
        blockLatencyMs = sums
        blockNodeCounts = counts
        blockNames = try CStringArena(parts.names)
    }
}

@c @implementation
public func nnformer_explanation_create(
    _ explanation: UnsafeMutablePointer<OpaquePointer?>?, _ predictor: OpaquePointer?, _ graph: OpaquePointer?,
    _ platform: Int, _ error: UnsafeMutablePointer<nnformer_error>?
) -> nnformer_status {
    Handle.create(into: explanation, "explanation", reportingTo: error) { () throws(Failure) in
        let predictor = try Handle<PredictorHandle>.object(predictor, "predictor").predictor
        return try ExplanationHandle(predictor, try Handle<GraphHandle>.object(graph, "graph"), platform: platform)
    }
}

@c @implementation
public func nnformer_explanation_destroy(_ explanation: OpaquePointer?) {
    Handle<ExplanationHandle>.destroy(explanation)
}

@c @implementation
public func nnformer_explanation_summarize(
    _ explanation: OpaquePointer?, _ summary: UnsafeMutablePointer<nnformer_explanation_summary>?,
    _ error: UnsafeMutablePointer<nnformer_error>?
) -> nnformer_status {
    reportingFailure(to: error) { () throws(Failure) in
        let handle = try Handle<ExplanationHandle>.object(explanation, "explanation")
        try nnformer_explanation_summary.update(summary, "summary") { summary in
            summary.reserved = 0
            summary.latency_ms = handle.latencyMs
            summary.fixed_ms = handle.explanation.fixedLatencyMs
            summary.node_count = UInt64(handle.blocks.count)
            summary.block_count = UInt64(handle.blockLatencyMs.count)
        }
    }
}

@c @implementation
public func nnformer_explanation_copy_nodes(
    _ explanation: OpaquePointer?, _ node_ms: UnsafeMutablePointer<Double>?,
    _ node_blocks: UnsafeMutablePointer<UInt32>?, _ capacity: Int, _ error: UnsafeMutablePointer<nnformer_error>?
) -> nnformer_status {
    reportingFailure(to: error) { () throws(Failure) in
        let handle = try Handle<ExplanationHandle>.object(explanation, "explanation")
        try copy(handle.explanation.nodeLatencyMs, to: node_ms, capacity: capacity, "node_ms")
        if node_blocks != nil { try copy(handle.blocks, to: node_blocks, capacity: capacity, "node_blocks") }
    }
}

@c @implementation
public func nnformer_explanation_get_block(
    _ explanation: OpaquePointer?, _ index: Int, _ block: UnsafeMutablePointer<nnformer_block>?,
    _ error: UnsafeMutablePointer<nnformer_error>?
) -> nnformer_status {
    reportingFailure(to: error) { () throws(Failure) in
        let handle = try Handle<ExplanationHandle>.object(explanation, "explanation")
        let latencyMs = try handle.blockLatencyMs.element(at: index, "blocks")
        let nodeCount = try handle.blockNodeCounts.element(at: index, "blocks")
        try nnformer_block.update(block, "block") { block in
            block.node_count = UInt32(clamping: nodeCount)
            block.name = handle.blockNames[index]
            block.latency_ms = latencyMs
        }
    }
}
