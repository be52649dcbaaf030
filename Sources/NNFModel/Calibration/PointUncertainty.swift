/// How little a few of many points say about the others: x·(noise·I + Σ s·sᵀ)⁻¹·x for each point x, where s runs over those that
/// were learned.
///
/// Of the two forms of this, equal but for rounding, it takes the cheaper one: matrices of the points' length, or lists of as
/// many numbers as are learned.
struct PointUncertainty {
    private enum Form {
        /// noise·I + Σ s·sᵀ.
        case matrix(SymmetricMatrix)
        /// By point, its row of the Cholesky factor of the points' products, and what is left of x·x.
        case factors([[Double]], [Double])
    }

    private let points: [[Double]]
    private let noise: Double
    private var form: Form

    /// `points` are of one length; about `learnedCount` of them will be learned.
    init(_ points: [[Double]], noise: Double, learnedCount: Int) {
        self.points = points
        self.noise = noise
        let length = points.first?.count ?? 0
        form =
            learnedCount < length
            ? .factors([[Double]](repeating: [], count: points.count), points.map { dotProduct($0, $0) })
            : .matrix(SymmetricMatrix(size: length, diagonal: noise))
    }

    /// O(length²), or O(points · (length + learned)).
    mutating func learn(_ index: Int) {
        // What is taken out of `form` and put back changes in place.
        switch form {
        case .matrix(var matrix):
            form = .factors([], [])
            matrix.add(points[index], weight: 1)
            form = .matrix(matrix)
        case .factors(var factors, var remainders):
            form = .factors([], [])
            let (pivot, pivotFactors) = (points[index], factors[index])
            let scale = 1 / (remainders[index] + noise).squareRoot()
            for (position, point) in points.enumerated() {
                let factor = (dotProduct(point, pivot) - dotProduct(factors[position], pivotFactors)) * scale
                factors[position].append(factor)
                remainders[position] = max(remainders[position] - factor * factor, 0)
            }
            form = .factors(factors, remainders)
        }
    }

    /// By point of `indices`; `nil` where the numbers are out of range. O(length³ + points · length²), or O(points).
    func values(_ indices: [Int]) -> [Double]? {
        let values: [Double]
        switch form {
        case .matrix(let matrix):
            guard let triangle = matrix.cholesky() else { return nil }
            values = indices.map { index in
                let half = triangle.solve(points[index])
                return dotProduct(half, half)
            }
        case .factors(_, let remainders): values = indices.map { remainders[$0] / noise }
        }
        return values.allSatisfy(\.isFinite) ? values : nil
    }
}
