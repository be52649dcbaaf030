import CNNFormer

/// An estimate on one platform as a sum over nodes and blocks, as `nnformer explain` shows it.
struct Breakdown: Encodable {
    struct Node: Encodable {
        let name, operatorName: String
        /// Position among `blocks`.
        let block: Int
        let latencyMs: Double
        /// Of the estimate, 0...1.
        let share: Double
        let flops, bytesRead, bytesWritten: UInt64
        let outputShape: String
    }

    struct Block: Encodable {
        let name: String
        let nodeCount: Int
        let latencyMs, share: Double
        let flops: UInt64
        /// Read and written.
        let bytes: UInt64
    }

    /// What a platform takes for the same network.
    struct OtherPlatform: Encodable {
        let id: String
        let quantity: Platform.Quantity
        let latencyMs: Double
        let lowerMs, upperMs, inDomainScore: Double?
        let unseenOperators: [String]
        let estimate: Estimate

        private enum CodingKeys: String, CodingKey {
            case id, quantity, latencyMs, lowerMs, upperMs, inDomainScore, unseenOperators
        }

        init(_ platform: Platform, _ estimate: Estimate) {
            (id, quantity, latencyMs) = (platform.id, platform.quantity, estimate.latencyMs)
            (lowerMs, upperMs, inDomainScore) = (estimate.lowerMs, estimate.upperMs, estimate.inDomainScore)
            unseenOperators = estimate.unseenOperators
            self.estimate = estimate
        }
    }

    let file, platform: String
    let quantity: Platform.Quantity
    let batchSize: UInt64
    let latencyMs, fixedMs: Double
    let blocks: [Block]
    let nodes: [Node]
    let platforms: [OtherPlatform]

    var fixedShare: Double { latencyMs > 0 ? fixedMs / latencyMs : 0 }

    /// Equal ones in the order of the network.
    var slowestNodes: [Node] {
        nodes.enumerated().sorted { ($1.element.latencyMs, $0.offset) < ($0.element.latencyMs, $1.offset) }.map(\.element)
    }

    init(file: String, graph: NetworkGraph, predictor: Predictor, platform: Int) throws(LibraryError) {
        var handle: OpaquePointer?
        try LibraryError.check { nnformer_explanation_create(&handle, predictor.handle, graph.handle, platform, $0) }
        defer { nnformer_explanation_destroy(handle) }
        var summary = nnformer_explanation_summary()
        summary.struct_size = UInt32(MemoryLayout<nnformer_explanation_summary>.size)
        try LibraryError.check { nnformer_explanation_summarize(handle, &summary, $0) }
        let count = Int(clamping: summary.node_count)
        var nodeMs = [Double](repeating: 0, count: count)
        var nodeBlocks = [UInt32](repeating: 0, count: count)
        try LibraryError.check { nnformer_explanation_copy_nodes(handle, &nodeMs, &nodeBlocks, count, $0) }

        let total = summary.latency_ms
        func share(_ milliseconds: Double) -> Double { total > 0 ? milliseconds / total : 0 }
        var nodes: [Node] = []
        for index in 0..<count {
            let node = try graph.node(index)
            nodes.append(
                Node(
                    name: String(library: node.name), operatorName: String(library: node.operator_name),
                    block: Int(nodeBlocks[index]), latencyMs: nodeMs[index], share: share(nodeMs[index]),
                    flops: node.flops, bytesRead: node.bytes_read, bytesWritten: node.bytes_written,
                    outputShape: node.output_count > 0 ? try graph.outputType(node: index, output: 0).shapeText : ""))
        }
        let blockCount = Int(clamping: summary.block_count)
        var flops = [UInt64](repeating: 0, count: blockCount)
        var bytes = [UInt64](repeating: 0, count: blockCount)
        for node in nodes {
            flops[node.block] = Self.sum([flops[node.block], node.flops])
            bytes[node.block] = Self.sum([bytes[node.block], node.bytesRead, node.bytesWritten])
        }
        var blocks: [Block] = []
        for index in 0..<blockCount {
            var block = nnformer_block()
            block.struct_size = UInt32(MemoryLayout<nnformer_block>.size)
            try LibraryError.check { nnformer_explanation_get_block(handle, index, &block, $0) }
            blocks.append(
                Block(
                    name: String(library: block.name), nodeCount: Int(block.node_count), latencyMs: block.latency_ms,
                    share: share(block.latency_ms), flops: flops[index], bytes: bytes[index]))
        }
        self.file = file
        self.platform = predictor.platforms[platform].id
        quantity = predictor.platforms[platform].quantity
        batchSize = try graph.summary().batch_size
        latencyMs = total
        fixedMs = summary.fixed_ms
        self.blocks = blocks
        self.nodes = nodes
        platforms = zip(predictor.platforms, try predictor.estimates(of: graph)).map { OtherPlatform($0, $1) }
    }

    /// The largest number where the sum is beyond it.
    static func sum(_ counts: [UInt64]) -> UInt64 {
        counts.reduce(0) { sum, count in
            let (total, overflows) = sum.addingReportingOverflow(count)
            return overflows ? .max : total
        }
    }
}
