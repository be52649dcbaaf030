/// What a whole graph costs.
package struct GraphTotals: Hashable, Sendable {
    package private(set) var cost = Cost()
    package private(set) var parameterCount: UInt64 = 0

    package init(of graph: Graph) {
        for node in graph.nodes {
            cost.macs = cost.macs.saturatingAdd(node.cost.macs)
            cost.flops = cost.flops.saturatingAdd(node.cost.flops)
            cost.bytesRead = cost.bytesRead.saturatingAdd(node.cost.bytesRead)
            cost.bytesWritten = cost.bytesWritten.saturatingAdd(node.cost.bytesWritten)
            parameterCount = parameterCount.saturatingAdd(UInt64(max(node.parameterCount, 0)))
        }
    }
}

/// The numerical features of a whole graph.
struct GraphMeasures {
    static let names = [
        "log2_macs", "log2_flops", "log2_parameters", "log2_bytes_read", "log2_bytes_written",
        "log2_flops_per_byte", "log2_batch_size", "log2_nodes", "log2_edges",
    ]

    let values: [Float]

    init(of graph: Graph, edgeCount: Int) {
        let totals = GraphTotals(of: graph)
        let traffic = totals.cost.bytesRead.saturatingAdd(totals.cost.bytesWritten)
        values = [
            logarithm(totals.cost.macs), logarithm(totals.cost.flops),
            logarithm(totals.parameterCount), logarithm(totals.cost.bytesRead),
            logarithm(totals.cost.bytesWritten),
            logarithm(totals.cost.flops) - logarithm(traffic),
            logarithm(UInt64(max(graph.batchSize, 0))), logarithm(UInt64(graph.nodes.count)),
            logarithm(UInt64(max(edgeCount, 0))),
        ]
    }
}
