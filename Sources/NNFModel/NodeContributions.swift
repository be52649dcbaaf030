/// What every node of a graph adds to the estimate of every platform that the weights know.
struct NodeContributions {
    let platformCount: Int
    /// Row-major [nodes × platforms].
    let nodeLatencyMs: [Float]
    /// By platform: what a run takes whatever its nodes.
    let fixedLatencyMs: [Double]

    var nodeCount: Int { platformCount > 0 ? nodeLatencyMs.count / platformCount : 0 }

    /// Those of one platform; `nil` for a number that no platform of the weights has.
    func explanation(ofPlatform platform: Int) -> Explanation? {
        guard fixedLatencyMs.indices.contains(platform), platform < platformCount else { return nil }
        let nodes = (0..<nodeCount).map { Double(nodeLatencyMs[$0 * platformCount + platform]) }
        return Explanation(nodeLatencyMs: nodes, fixedLatencyMs: fixedLatencyMs[platform])
    }
}

/// An estimate as a sum.
package struct Explanation: Sendable {
    /// By node; none is negative.
    package let nodeLatencyMs: [Double]
    /// What a run takes whatever its nodes.
    package let fixedLatencyMs: Double

    /// The estimate.
    package var latencyMs: Double { nodeLatencyMs.reduce(fixedLatencyMs, +) }
}
