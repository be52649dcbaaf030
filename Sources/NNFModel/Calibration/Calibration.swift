package import NNFGraph
import NNFKernels

/// Measurements of one device, from which a platform is made. Belongs to one thread at a time.
package final class Calibration {
    package static let minimumSamples = 5
    package static let maximumSamples = 4096
    /// Measurements of one graph that are further apart contradict each other.
    private static let largestRatio = 1.5

    struct Sample {
        let predictors: CalibrationPredictors
        let widenings: [Double?]
        /// Measurements of equal graphs.
        var latenciesMs: [Double]

        var meanLogLatency: Double { latenciesMs.reduce(0) { $0 + logarithm($1) } / Double(latenciesMs.count) }
    }

    private let model: LatencyModel
    private let session: PredictionSession
    private let predictor: Predictor
    private(set) var samples: [Sample] = []
    private var measurementCount = 0

    /// On the weights of `predictor`; platforms that were added to it count for nothing.
    package init(_ predictor: Predictor) {
        model = predictor.model
        self.predictor = predictor.withoutCalibratedPlatforms
        session = PredictionSession(self.predictor, threadCount: 1)
    }

    /// Different graphs.
    package var sampleCount: Int { samples.count }

    /// Throws for a latency that is no positive finite number, for one that contradicts an earlier measurement of an equal graph, and
    /// for more than `maximumSamples`; nothing is added then.
    package func addSample(_ graph: GraphEncoding, latencyMs: Double) throws(Failure) {
        guard latencyMs > 0, latencyMs.isFinite else {
            throw Failure(.invalidArgument, "a latency of \(latencyMs) ms cannot be: give a positive number of milliseconds")
        }
        guard measurementCount < Self.maximumSamples else {
            throw Failure(.limitExceeded, "a calibration takes at most \(Self.maximumSamples) samples")
        }
        let (knownMs, judgements) = try predictor.judgedLatencies(of: graph)
        let predictors = CalibrationPredictors(knownMs, graph.graphFeatures)
        // Equal graphs have estimates of the same bits.
        if let equal = samples.firstIndex(where: { $0.predictors.values == predictors.values }) {
            for earlierMs in samples[equal].latenciesMs
            where max(latencyMs / earlierMs, earlierMs / latencyMs) > Self.largestRatio {
                throw Failure(
                    .invalidArgument,
                    "\(latencyMs) ms contradicts \(earlierMs) ms, measured of an equal graph at the same batch size: "
                        + "measure it again, and leave the wrong sample out")
            }
            samples[equal].latenciesMs.append(latencyMs)
        } else {
            let widenings = judgements.map { $0?.widening }
            samples.append(Sample(predictors: predictors, widenings: widenings, latenciesMs: [latencyMs]))
        }
        measurementCount += 1
    }

    /// Throws for fewer than `minimumSamples` different graphs, for graphs that are all alike to the known platforms, for an empty id,
    /// and for samples and predictors that both are more than `RidgeFit.maximumSize`.
    package func fit(id: String) throws(Failure) -> CalibratedPlatform {
        guard !id.isEmpty, id.utf8.count <= 256 else {
            throw Failure(.invalidArgument, "the id of a platform has 1 to 256 bytes, as in mydevice-runtime-fp32")
        }
        guard samples.count >= Self.minimumSamples else {
            throw Failure(
                .invalidArgument,
                "\(samples.count) different graphs are too few to calibrate on: measure at least \(Self.minimumSamples), 10 are better")
        }
        let platformCount = model.platforms.count
        let latencies = samples.map(\.meanLogLatency)
        let known = samples.map { Array($0.predictors.values.prefix(platformCount)) }
        for platform in 0..<platformCount {
            let estimates = known.map { $0[platform] }
            let spread = (estimates.max() ?? 0) - (estimates.min() ?? 0)
            guard spread < 0.01 else { break }
            if platform == platformCount - 1 {
                throw Failure(
                    .invalidArgument,
                    "the samples take the same time on every known platform: measure networks of different sizes")
            }
        }
        try requireSize(samples: samples.count, predictors: samples.first?.predictors.values.count ?? 0)
        let shares = Self.similarities(latencies, known)
        let residuals = zip(latencies, known).map { $0 - dotProduct($1, shares) }
        guard let fit = RidgeFit(samples.map(\.predictors.values), residuals: residuals) else {
            throw Failure(.invalidModel, "the samples cannot be fitted: their graphs or latencies are out of range")
        }
        var coefficients = fit.coefficients
        for platform in 0..<platformCount { coefficients[platform] += shares[platform] }
        // Platforms that speak for the new one explain it; those that only correct others do not.
        let speaking = coefficients.prefix(platformCount).map { max($0, 0) }
        let total = speaking.reduce(0, +)
        let mixture = total > 0 ? speaking.map { $0 / total } : shares

        let factors = fit.leaveOneOutErrors.map { nnf_exp(min(max(-$0, -20), 20)) }
        let estimates = zip(latencies, fit.leaveOneOutErrors).map { $0 - $1 }
        let report = CalibratedPlatform.Report(
            id: id, sampleCount: samples.count, outlierCount: fit.weights.count { $0 < 0.5 },
            leaveOneOutMapePercent: 100 * factors.reduce(0) { $0 + ($1 - 1).magnitude } / Double(factors.count),
            leaveOneOutSpearman: rankCorrelation(estimates, latencies))
        return CalibratedPlatform(
            report: report, fingerprint: model.fingerprint, intercept: Float(fit.intercept),
            coefficients: coefficients.map { Float($0) }, logHalfWidth: Float(Self.halfWidth(fit.leaveOneOutErrors)),
            usualWidening: Float(Self.usualWidening(samples.map(\.widenings), mixture)), shares: mixture.map { Float($0) })
    }

    /// Time grows with the samples, the predictors, and the smaller of the two once more.
    func requireSize(samples: Int, predictors: Int) throws(Failure) {
        guard min(samples, predictors) <= RidgeFit.maximumSize else {
            throw Failure(
                .limitExceeded,
                "\(samples) samples are too many with weights of \(model.platforms.count) platforms: "
                    + "take at most \(RidgeFit.maximumSize)")
        }
    }

    func predictors(of graph: GraphEncoding) throws(Failure) -> CalibrationPredictors {
        try session.predict([graph])
        return CalibrationPredictors(session.estimates, graph.graphFeatures)
    }

    /// By known platform, together 1: how alike its latencies and those measured are but for a factor, to the fourth power of the
    /// deviation, errors of more than half a logarithm counting as that.
    private static func similarities(_ latencies: [Double], _ known: [[Double]]) -> [Double] {
        let platformCount = known.first?.count ?? 0
        let similarities = (0..<platformCount).map { platform in
            let differences = zip(latencies, known).map { $0 - $1[platform] }
            let middle = median(differences)
            let errors = differences.map { min(($0 - middle).magnitude, 0.5) }
            let variance = errors.reduce(0) { $0 + $1 * $1 } / Double(errors.count) + 1e-5
            return 1 / (variance * variance)
        }
        let total = similarities.reduce(0, +)
        return similarities.map { $0 / total }
    }

    /// Of the 90 % interval of a further sample: the root mean square of leave-one-out errors times Student's 95 % quantile, and a
    /// factor for what the errors of few samples, which chose the penalty too, conceal (set on devices that weights know).
    private static func halfWidth(_ errors: [Double]) -> Double {
        let count = Double(errors.count)
        let meanSquare = errors.reduce(0) { $0 + $1 * $1 } / count
        let freedom = count - 1
        // Within 1 % from four degrees of freedom on.
        let quantile = 1.6449 + 1.5238 / freedom + 1.42 / (freedom * freedom) + 1.5 / (freedom * freedom * freedom)
        return max(quantile * (meanSquare * (1 + 8 / count)).squareRoot(), 0.001)
    }

    private static func usualWidening(_ widenings: [[Double?]], _ shares: [Double]) -> Double {
        let bySample = widenings.map { bySample in
            let known = zip(bySample, shares).compactMap { widening, share in widening.map { ($0, share) } }
            let total = known.reduce(0) { $0 + $1.1 }
            return total > 0 ? known.reduce(0) { $0 + $1.0 * $1.1 } / total : 1
        }
        return max(median(bySample), 1)
    }
}

/// Spearman's: Pearson's correlation of ranks, equal values sharing the mean of theirs; NaN where one side is constant.
func rankCorrelation(_ left: [Double], _ right: [Double]) -> Double {
    let (left, right) = (ranks(left), ranks(right))
    let mean = Double(left.count - 1) / 2
    let (a, b) = (left.map { $0 - mean }, right.map { $0 - mean })
    return dotProduct(a, b) / (dotProduct(a, a) * dotProduct(b, b)).squareRoot()
}

private func ranks(_ values: [Double]) -> [Double] {
    let order = values.indices.sorted { (values[$0], $0) < (values[$1], $1) }
    var ranks = [Double](repeating: 0, count: values.count)
    var first = 0
    while first < order.count {
        var end = first + 1
        while end < order.count, values[order[end]] == values[order[first]] { end += 1 }
        for position in first..<end { ranks[order[position]] = Double(first + end - 1) / 2 }
        first = end
    }
    return ranks
}
