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

    /// The smaller of samples and predictors that a fit takes: its time grows with the square of it.
    static let maximumSize = 512

    /// `predictors` has a row for each sample, all of one length; `maximumSize` is for the caller to check. `nil` where the
    /// numbers are out of range. O(samples · length · min(samples, length)), sixty times.
    init?(_ predictors: [[Double]], residuals: [Double]) {
        var weights = [Double](repeating: 1, count: residuals.count)
        var fit: RidgeFit?
        for _ in 0..<Self.rounds {
            let samples = WeightedSamples(predictors, residuals, weights: weights)
            let fits = Self.penalties.compactMap { RidgeFit(samples, penalty: $0) }
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

    private init?(_ samples: WeightedSamples, penalty: Double) {
        guard let triangle = samples.products.adding(diagonal: penalty).cholesky() else { return nil }
        var coefficients: [Double]
        // By sample: w · (x − centre)·(XᵀWX + penalty)⁻¹·(x − centre).
        let leverages: [Double]
        if samples.isDual {
            // (ZᵀZ + penalty)⁻¹·Zᵀ = Zᵀ·(ZZᵀ + penalty)⁻¹ for the weighted rows Z.
            let shares = triangle.solveTransposed(triangle.solve(samples.residuals))
            coefficients = [Double](repeating: 0, count: samples.centre.count)
            for (share, row) in zip(shares, samples.rows) {
                for column in coefficients.indices { coefficients[column] += share * row[column] }
            }
            leverages = samples.rows.indices.map { sample in
                var unit = [Double](repeating: 0, count: samples.rows.count)
                unit[sample] = 1
                let half = triangle.solve(unit)
                return 1 - penalty * dotProduct(half, half)
            }
        } else {
            var right = [Double](repeating: 0, count: samples.centre.count)
            for (residual, row) in zip(samples.residuals, samples.rows) {
                for column in right.indices { right[column] += residual * row[column] }
            }
            coefficients = triangle.solveTransposed(triangle.solve(right))
            leverages = samples.rows.map { row in
                let half = triangle.solve(row)
                return dotProduct(half, half)
            }
        }
        let intercept = samples.mean - dotProduct(coefficients, samples.centre)
        var errors: [Double] = []
        for (sample, row) in samples.rows.enumerated() {
            let weight = samples.weights[sample]
            let leverage = weight / samples.total + leverages[sample]
            let error = (samples.residuals[sample] - dotProduct(coefficients, row)) / weight.squareRoot()
            errors.append(error / max(1 - leverage, 1e-3))
        }
        guard intercept.isFinite, (coefficients + errors).allSatisfy(\.isFinite) else { return nil }
        (self.intercept, self.coefficients, weights) = (intercept, coefficients, samples.weights)
        leaveOneOutErrors = errors
    }
}

/// Samples about their weighted means, and the products that fits under all penalties share.
private struct WeightedSamples {
    /// By sample, all positive, and their sum.
    let weights: [Double]
    let total: Double
    /// Of the predictors and of the residuals.
    let centre: [Double]
    let mean: Double
    /// By sample, less the means, times the root of the weight.
    let rows: [[Double]]
    let residuals: [Double]
    /// ZᵀZ for the rows Z or, if `isDual`, ZZᵀ, whichever is smaller: either serves a fit, and a weights file may state thousands
    /// of predictors.
    let products: SymmetricMatrix
    let isDual: Bool

    init(_ predictors: [[Double]], _ residuals: [Double], weights: [Double]) {
        let total = weights.reduce(0, +)
        let length = predictors.first?.count ?? 0
        var centre = [Double](repeating: 0, count: length)
        var mean = 0.0
        for (row, (residual, weight)) in zip(predictors, zip(residuals, weights)) {
            for column in 0..<length { centre[column] += weight * row[column] / total }
            mean += weight * residual / total
        }
        let roots = weights.map { $0.squareRoot() }
        rows = zip(predictors, roots).map { row, root in zip(row, centre).map { root * ($0 - $1) } }
        self.residuals = zip(residuals, roots).map { $1 * ($0 - mean) }
        isDual = rows.count < length
        if isDual {
            products = SymmetricMatrix(productsOf: rows)
        } else {
            var sums = SymmetricMatrix(size: length, diagonal: 0)
            for row in rows { sums.add(row, weight: 1) }
            products = sums
        }
        (self.weights, self.total, self.centre, self.mean) = (weights, total, centre, mean)
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
