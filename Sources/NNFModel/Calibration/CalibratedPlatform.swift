import NNFGraph
import NNFKernels

/// A platform that was fitted to a few measurements: the logarithm of its latency is a linear function of the logarithms of
/// what the known platforms take and of the size of the graph (Documentation/Calibration.md).
package struct CalibratedPlatform: Sendable {
    /// What the platform is called, and how well it meets its samples.
    package struct Report: Equatable, Sendable {
        package let id: String
        package let sampleCount: Int
        package let outlierCount: Int
        /// Of estimates of each sample fitted to the others, in percent.
        package let leaveOneOutMapePercent: Double
        package let leaveOneOutSpearman: Double
    }

    package let report: Report
    package var id: String { report.id }
    /// Of the weights that it was fitted on.
    let fingerprint: UInt64
    let intercept: Float
    /// By known platform, then by graph feature.
    let coefficients: [Float]
    /// Logarithm of upper bound / estimate among graphs that are as usual as the samples.
    let logHalfWidth: Float
    /// What intervals of the known platforms were widened by, among the samples: 1 where they are all in the domain.
    let usualWidening: Float
    /// By known platform, 0...1, together 1: what each has in the estimate's explanation, score and operators.
    let shares: [Float]

    var platform: Platform {
        Platform(
            id: id, device: "", runtime: "", precision: "", quantity: .latency,
            source: "calibrated from \(report.sampleCount) samples", licence: "", labels: [])
    }

    /// Known platforms, by number, and their shares.
    var mixture: [(platform: Int, share: Double)] { shares.enumerated().map { ($0.offset, Double($0.element)) } }

    /// predictors: `CalibrationPredictors.values`.
    func latencyMs(_ predictors: some Sequence<Double>) -> Double {
        var logarithm = Double(intercept)
        for (coefficient, value) in zip(coefficients, predictors) { logarithm += Double(coefficient) * value }
        return nnf_exp(min(max(logarithm, logarithmRange.lowerBound), logarithmRange.upperBound))
    }

    /// How far an estimate can be trusted, given that of the known platforms' estimates: the score is the mean of theirs. Without
    /// these, the score is not known and the interval is that of the samples.
    func judgement(from known: [Judgement?]) -> Judgement {
        var score = 0.0
        var widening = 0.0
        var total = 0.0
        for (judgement, share) in zip(known, shares) where share > 0 {
            guard let judgement else { continue }
            score += Double(share) * judgement.inDomainScore
            widening += Double(share) * judgement.widening
            total += Double(share)
        }
        guard total > 0 else { return Judgement(inDomainScore: .nan, logHalfWidth: Double(logHalfWidth), widening: 1) }
        let relative = max(widening / total / Double(usualWidening), 1)
        return Judgement(
            inDomainScore: score / total, logHalfWidth: Double(logHalfWidth) * relative, widening: relative)
    }
}
