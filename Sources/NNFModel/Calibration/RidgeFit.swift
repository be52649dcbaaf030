import NNFKernels

/// A linear function of predictors, fitted to residuals under a penalty, robustly.
///
/// Minimises Σ wᵢ (rᵢ − b − xᵢ·c)² + penalty · |c|² for each of `penalties` and averages the results, each with the likelihood of its
/// leave-one-out errors: few samples say little about the penalty, and a choice would follow their noise. The weights are
/// Huber's, from leave-one-out errors too, so that a sample cannot vouch for itself.
struct RidgeFit {
    let intercept: Double
    let coefficients: [Double]
    /// By sample: what it deviates from the fit to the others, rᵢ − b₋ᵢ − xᵢ·c₋ᵢ, with the weights of all.
    let leaveOneOutErrors: [Double]
    /// By sample, 0...1.
    let weights: [Double]

    /// In units of squared natural logarithms: from a fit to the samples alone to one that hardly heeds them.
    private static let penalties = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30]
    private static let rounds = 6
    /// Errors beyond so many robust deviations count less.
    private static let huberDeviations = 2.0
    /// What measurements of latency deviate at least, as a logarithm.
    private static let leastDeviation = 0.001
    /// Errors are no larger than this for the likelihood of a penalty: one sample must not decide.
    private static let largestError = 0.5

    /// `predictors` has a row for each sample, all of one length. `nil` where the numbers are out of range.
    /// O(samples · length² + length³), a hundred times.
    init?(_ predictors: [[Double]], residuals: [Double]) {
        var weights = [Double](repeating: 1, count: residuals.count)
        var fit: RidgeFit?
        for _ in 0..<Self.rounds {
            let fits = Self.penalties.compactMap { RidgeFit(predictors, residuals, weights: weights, penalty: $0) }
            guard let mean = RidgeFit(averaging: fits) else { return nil }
            fit = mean
            let magnitudes = mean.leaveOneOutErrors.map(\.magnitude)
            let deviation = 1.4826 * median(magnitudes) + Self.leastDeviation
            let next = magnitudes.map { $0 > 0 ? min(1, Self.huberDeviations * deviation / $0) : 1 }
            let change = zip(next, weights).map { ($0 - $1).magnitude }.max() ?? 0
            if change < 0.02 { break }
            weights = next
        }
        guard let fit else { return nil }
        self = fit
    }

    /// Fits with the same weights, averaged by the likelihood of their leave-one-out errors.
    private init?(averaging fits: [RidgeFit]) {
        guard let first = fits.first else { return nil }
        let logLikelihoods = fits.map { fit in
            var error = 0.0
            for (deviation, weight) in zip(fit.leaveOneOutErrors, fit.weights) {
                let bounded = min(deviation.magnitude, Self.largestError)
                error += weight * bounded * bounded
            }
            let variance = error / fit.weights.reduce(0, +) + Self.leastDeviation * Self.leastDeviation
            return -0.5 * Double(fit.weights.count) * logarithm(variance)
        }
        let largest = logLikelihoods.max() ?? 0
        let likelihoods = logLikelihoods.map { nnf_exp($0 - largest) }
        let total = likelihoods.reduce(0, +)
        var intercept = 0.0
        var coefficients = [Double](repeating: 0, count: first.coefficients.count)
        var errors = [Double](repeating: 0, count: first.leaveOneOutErrors.count)
        for (fit, likelihood) in zip(fits, likelihoods) {
            let share = likelihood / total
            intercept += share * fit.intercept
            for index in coefficients.indices { coefficients[index] += share * fit.coefficients[index] }
            for index in errors.indices { errors[index] += share * fit.leaveOneOutErrors[index] }
        }
        (self.intercept, self.coefficients, leaveOneOutErrors) = (intercept, coefficients, errors)
        weights = first.weights
    }

    private init?(_ predictors: [[Double]], _ residuals: [Double], weights: [Double], penalty: Double) {
        guard let length = predictors.first?.count else { return nil }
        let total = weights.reduce(0, +)
        var centre = [Double](repeating: 0, count: length)
        var mean = 0.0
        for (row, (residual, weight)) in zip(predictors, zip(residuals, weights)) {
            for column in 0..<length { centre[column] += weight * row[column] / total }
            mean += weight * residual / total
        }
        let centred = predictors.map { row in zip(row, centre).map { $0 - $1 } }
        var normal = SymmetricMatrix(size: length, diagonal: penalty)
        var right = [Double](repeating: 0, count: length)
        for (row, (residual, weight)) in zip(centred, zip(residuals, weights)) {
            normal.add(row, weight: weight)
            for column in 0..<length { right[column] += weight * (residual - mean) * row[column] }
        }
        guard let triangle = normal.cholesky() else { return nil }
        let coefficients = triangle.solveTransposed(triangle.solve(right))
        let intercept = mean - dotProduct(coefficients, centre)
        var errors: [Double] = []
        for (sample, row) in centred.enumerated() {
            let half = triangle.solve(row)
            let leverage = weights[sample] * (1 / total + dotProduct(half, half))
            let error = residuals[sample] - mean - dotProduct(coefficients, row)
            errors.append(error / max(1 - leverage, 1e-3))
        }
        guard intercept.isFinite, (coefficients + errors).allSatisfy(\.isFinite) else { return nil }
        (self.intercept, self.coefficients, self.weights) = (intercept, coefficients, weights)
        leaveOneOutErrors = errors
    }
}

func dotProduct(_ left: [Double], _ right: [Double]) -> Double {
    zip(left, right).reduce(0) { $0 + $1.0 * $1.1 }
}

/// The middle value, the mean of the two middle ones of an even number; 0 of none.
func median(_ values: [Double]) -> Double {
    guard !values.isEmpty else { return 0 }
    let ordered = values.sorted()
    let middle = ordered.count / 2
    return ordered.count % 2 == 1 ? ordered[middle] : 0.5 * (ordered[middle - 1] + ordered[middle])
}
