import NNFGraph

/// A view of float32 rows in memory that someone else holds: what layers read and write.
struct Matrix {
    let rows: Int
    let columns: Int
    /// Elements from the start of one row to the next; at least `columns`.
    let stride: Int
    let start: UnsafeMutablePointer<Float>

    /// Rows that go through a head at once: its memory does not grow with the graph.
    static let blockRows = 256
    /// Of one allocation: a failing one kills the host, so an excessive one is refused beforehand.
    static let maximumSizeInBytes = 1 << 32

    /// Calls `body` with a matrix of zeros that is valid until `body` returns.
    static func withZeros<Result>(
        rows: Int, columns: Int, _ body: (Matrix) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let (count, overflows) = rows.multipliedReportingOverflow(by: columns)
        guard !overflows, count >= 0, count <= maximumSizeInBytes / MemoryLayout<Float>.stride else {
            throw Failure(
                .limitExceeded,
                "intermediate values of \(rows) nodes × \(columns) need more than \(maximumSizeInBytes >> 30) GiB; "
                    + "use a smaller graph or narrower weights")
        }
        let start = UnsafeMutablePointer<Float>.allocate(capacity: count)
        defer { start.deallocate() }
        start.initialize(repeating: 0, count: count)
        return try body(Matrix(rows: rows, columns: columns, stride: columns, start: start))
    }

    /// Some of the columns; `range` lies within 0 ..< `columns`.
    func columns(_ range: Range<Int>) -> Matrix {
        assert(range.lowerBound >= 0 && range.upperBound <= columns)
        return Matrix(rows: rows, columns: range.count, stride: stride, start: start + range.lowerBound)
    }

    /// Some of the rows; `range` lies within 0 ..< `rows`.
    func rows(_ range: Range<Int>) -> Matrix {
        assert(range.lowerBound >= 0 && range.upperBound <= rows)
        return Matrix(
            rows: range.count, columns: columns, stride: stride, start: start + range.lowerBound * stride)
    }

    /// The matrix in consecutive blocks of at most `maximumRows` rows.
    func blocks(maximumRows: Int) -> some Sequence<Matrix> {
        Swift.stride(from: 0, to: rows, by: maximumRows).lazy.map {
            rows($0..<Swift.min($0 + maximumRows, rows))
        }
    }
}
