/// What a calibrated platform's estimate of a graph is a function of: the known platforms' estimates and the graph's size.
struct CalibrationPredictors {
    /// How many there are for so many known platforms.
    static func count(platforms: Int, graphFeatures: Int) -> Int { platforms + graphFeatures }

    /// Natural logarithms: the estimates, then the graph features.
    let values: [Double]

    init(_ knownLatencyMs: some Sequence<Double>, _ graphFeatures: [Float]) {
        // Graph features are logarithms to the base of 2.
        values = knownLatencyMs.map(logarithm) + graphFeatures.map { Double($0) * 0.693_147_180_559_945_3 }
    }
}
