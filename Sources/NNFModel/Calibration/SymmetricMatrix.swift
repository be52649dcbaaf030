/// A symmetric positive definite matrix of a few dozen rows, a few hundred at most, in double precision.
struct SymmetricMatrix {
    let size: Int
    /// Row-major; only the lower triangle counts.
    private var elements: [Double]

    /// `diagonal` times the identity.
    init(size: Int, diagonal: Double) {
        self.size = size
        elements = [Double](repeating: 0, count: size * size)
        for row in 0..<size { elements[row * size + row] = diagonal }
    }

    /// Products of the rows with each other. O(rows² · their length).
    init(productsOf rows: [[Double]]) {
        self.init(size: rows.count, diagonal: 0)
        for (row, left) in rows.enumerated() {
            for column in 0...row { elements[row * size + column] = dotProduct(left, rows[column]) }
        }
    }

    /// Adds weight · vector · vectorᵀ. O(size²).
    mutating func add(_ vector: [Double], weight: Double) {
        assert(vector.count == size)
        for row in 0..<size {
            let scaled = weight * vector[row]
            for column in 0...row { elements[row * size + column] += scaled * vector[column] }
        }
    }

    /// This plus `diagonal` times the identity.
    func adding(diagonal: Double) -> SymmetricMatrix {
        var sum = self
        for row in 0..<size { sum.elements[row * size + row] += diagonal }
        return sum
    }

    /// The lower triangle L of this = L·Lᵀ, or `nil` where rounding leaves it not positive definite. O(size³).
    func cholesky() -> Triangle? {
        var lower = elements
        for column in 0..<size {
            for row in column..<size {
                var sum = lower[row * size + column]
                for inner in 0..<column { sum -= lower[row * size + inner] * lower[column * size + inner] }
                if row == column {
                    guard sum > 0, sum.isFinite else { return nil }
                    lower[row * size + row] = sum.squareRoot()
                } else {
                    lower[row * size + column] = sum / lower[column * size + column]
                }
            }
        }
        return Triangle(size: size, lower: lower)
    }

    /// A lower triangle L.
    struct Triangle {
        let size: Int
        fileprivate let lower: [Double]

        /// L⁻¹·vector. O(size²).
        func solve(_ vector: [Double]) -> [Double] {
            var result = vector
            for row in 0..<size {
                for column in 0..<row { result[row] -= lower[row * size + column] * result[column] }
                result[row] /= lower[row * size + row]
            }
            return result
        }

        /// L⁻ᵀ·vector. O(size²).
        func solveTransposed(_ vector: [Double]) -> [Double] {
            var result = vector
            for row in (0..<size).reversed() {
                for below in row + 1..<size { result[row] -= lower[below * size + row] * result[below] }
                result[row] /= lower[row * size + row]
            }
            return result
        }
    }
}
