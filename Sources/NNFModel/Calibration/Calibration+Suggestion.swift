package import NNFGraph

extension Calibration {
    /// Of the noise of one measurement, in squared natural logarithms: what a further sample can still tell is weighed against it.
    private static let noise = 0.01

    /// The graphs whose measurement would tell most, given the samples that there are: each next one is that whose latency the samples
    /// and those before it leave most uncertain. The first, where there are no samples, is the most usual one. O(count × graphs × predictors²).
    ///
    /// Throws for more than there are different graphs.
    package func suggest(count: Int, of graphs: [GraphEncoding]) throws(Failure) -> [Int] {
        var points: [[Double]] = []
        for graph in graphs { points.append(try predictors(of: graph).values) }
        let measured = samples.map(\.predictors.values)
        let all = points + measured
        guard let length = all.first?.count else {
            guard count == 0 else { throw Failure(.invalidArgument, "there are no graphs to choose from") }
            return []
        }
        let centre = (0..<length).map { column in median(all.map { $0[column] }) }
        points = points.map { zip($0, centre).map { $0 - $1 } }
        // The intercept is a predictor too: a first sample fixes the level.
        var known = SymmetricMatrix(size: length + 1, diagonal: Self.noise)
        for sample in measured { known.add(zip(sample, centre).map { $0 - $1 } + [1], weight: 1) }
        var seen = Set(measured.map { zip($0, centre).map { $0 - $1 } })
        var chosen: [Int] = []
        while chosen.count < count {
            guard let triangle = known.cholesky() else {
                throw Failure(.invalidModel, "the graphs' sizes are out of range: their estimates cannot be compared")
            }
            var best: (index: Int, value: Double)?
            for (index, point) in points.enumerated() where !seen.contains(point) {
                let value: Double
                if seen.isEmpty {
                    value = -dotProduct(point, point)
                } else {
                    let half = triangle.solve(point + [1])
                    value = dotProduct(half, half)
                }
                if value > best?.value ?? -.infinity { best = (index, value) }
            }
            guard let best else {
                throw Failure(
                    .invalidArgument,
                    "\(count) graphs are wanted, of which \(chosen.count) are different from each other and from the samples: give more graphs")
            }
            chosen.append(best.index)
            seen.insert(points[best.index])
            known.add(points[best.index] + [1], weight: 1)
        }
        return chosen
    }
}
