package import NNFGraph

extension Calibration {
    /// Of the noise of one measurement, in squared natural logarithms: what a further sample can still tell is weighed against it.
    private static let noise = 0.01

    /// The graphs whose measurement would tell most, given the samples that there are: each next one is that whose latency the samples
    /// and those before it leave most uncertain. The first, where there are no samples, is the most usual one.
    /// O((count + samples) · graphs · predictors).
    ///
    /// Throws for more than there are different graphs, and for more than a fit could take.
    package func suggest(count: Int, of graphs: [GraphEncoding]) throws(Failure) -> [Int] {
        var points: [[Double]] = []
        for graph in graphs { points.append(try predictors(of: graph).values) }
        let graphCount = points.count
        points += samples.map(\.predictors.values)
        guard let length = points.first?.count else {
            guard count == 0 else { throw Failure(.invalidArgument, "there are no graphs to choose from") }
            return []
        }
        try requireSize(samples: samples.count + count, predictors: length)
        let centre = (0..<length).map { column in median(points.map { $0[column] }) }
        // The intercept is a predictor too: a first sample fixes the level.
        points = points.map { zip($0, centre).map { $0 - $1 } + [1] }
        var uncertainty = PointUncertainty(points, noise: Self.noise, learnedCount: samples.count + count)
        for sample in graphCount..<points.count { uncertainty.learn(sample) }
        var seen = Set(points[graphCount...])
        var chosen: [Int] = []
        while chosen.count < count {
            let candidates = (0..<graphCount).filter { !seen.contains(points[$0]) }
            let values = seen.isEmpty ? candidates.map { -dotProduct(points[$0], points[$0]) } : uncertainty.values(candidates)
            guard let values else {
                throw Failure(.invalidModel, "the graphs' sizes are out of range: their estimates cannot be compared")
            }
            var best: (index: Int, value: Double)?
            for (index, value) in zip(candidates, values) where value > best?.value ?? -.infinity { best = (index, value) }
            guard let best else {
                throw Failure(
                    .invalidArgument,
                    "\(count) graphs are wanted, of which \(chosen.count) are different from each other and from the samples: give more graphs")
            }
            chosen.append(best.index)
            seen.insert(points[best.index])
            uncertainty.learn(best.index)
        }
        return chosen
    }
}
