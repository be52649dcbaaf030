/// What every node of a graph adds to the estimate of every platform that the weights know.
struct NodeContributions {
    let platformCount: Int
    let nodeCount: Int
    /// Row-major [nodes × platforms].
    let nodeLatencyMs: PackedElements<Float>
    /// By platform: what a run takes whatever its nodes.
    let fixedLatencyMs: [Double]

    var areFinite: Bool {
        UnsafeBufferPointer(start: nodeLatencyMs.start, count: nodeCount * platformCount).allSatisfy(\.isFinite)
    }

    /// Those of one platform; `nil` for a number that no platform of the weights has.
    func explanation(ofPlatform platform: Int) -> Explanation? {
        guard fixedLatencyMs.indices.contains(platform), platform < platformCount else { return nil }
        // In bounds by the guard.
        let nodes = (0..<nodeCount).map { Double(nodeLatencyMs.start[$0 * platformCount + platform]) }
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
