import NNFKernels

/// A view of float32 rows in memory that someone else holds: what layers read and write.
struct Matrix {
    let rows: Int
    let columns: Int
    /// Elements from the start of one row to the next; at least `columns`.
    let stride: Int
    let start: UnsafeMutablePointer<Float>

    /// Rows that several layers in a row are applied to while they stay in the processor's caches.
    static let blockRows = 64

    static let instructions = nnf_best_instructions()

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

    /// The rows 0 ..< `count` in consecutive blocks of at most `blockRows`.
    static func blocks(of count: Int) -> some Sequence<Range<Int>> {
        Swift.stride(from: 0, to: count, by: blockRows).lazy.map { $0..<Swift.min($0 + blockRows, count) }
    }
}
