/// What a calibrated platform's estimate of a graph is a function of: the known platforms' estimates and the graph's size.
struct CalibrationPredictors {
    /// How many there are for so many known platforms.
    static func count(platforms: Int, graphFeatures: Int) -> Int { platforms + graphFeatures }

    /// Natural logarithms: the estimates, then the graph features.
    let values: [Double]

    init(_ knownLatencyMs: some Collection<Double>, _ graphFeatures: [Float]) {
        let count = Self.count(platforms: knownLatencyMs.count, graphFeatures: graphFeatures.count)
        var values = [Double](repeating: 0, count: count)
        values.withUnsafeMutableBufferPointer { Self.write(knownLatencyMs, graphFeatures, to: $0) }
        self.values = values
    }

    /// `values` to memory that has room for them.
    static func write(
        _ knownLatencyMs: some Collection<Double>, _ graphFeatures: [Float],
        to values: UnsafeMutableBufferPointer<Double>
    ) {
        for (number, latencyMs) in zip(values.indices, knownLatencyMs) { values[number] = logarithm(latencyMs) }
        for (number, feature) in zip(values.indices.dropFirst(knownLatencyMs.count), graphFeatures) {
            // Graph features are logarithms to the base of 2.
            values[number] = Double(feature) * 0.693_147_180_559_945_3
        }
    }
}
