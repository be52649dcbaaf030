import Foundation
import NNFKernels
import TestSupport
import XCTest

final class ListTests: XCTestCase {
    func testAttentionAgreesWithSoftmaxOverWhatIsSeen() {
        var numbers = SplitMix64(seed: 5)
        for (rows, columns) in [(0, 4), (1, 1), (7, 3), (20, 24), (9, 128)] {
            let matrix = numbers.matrix(rows, 3 * columns, stride: 3 * columns + 2)
            let (offsets, indices) = numbers.lists(rows: rows, longest: 6)
            var y = [Float](repeating: .nan, count: rows * columns)
            matrix.elements.withUnsafeBufferPointer { elements in
                guard let start = elements.baseAddress else { return }
                nnf_list_attention(
                    rows, columns, start, start + columns, start + 2 * columns, matrix.stride, offsets, indices,
                    &y, columns)
            }
            for row in 0..<rows {
                let seen = [row] + indices[Int(offsets[row])..<Int(offsets[row + 1])].map(Int.init)
                let scores = seen.map { other in
                    (0..<columns).map { Double(matrix[row, $0]) * Double(matrix[other, columns + $0]) }
                        .reduce(0, +) / Double(columns).squareRoot()
                }
                let weights = scores.map { exp($0) }
                for column in 0..<columns {
                    let expected =
                        zip(seen, weights).map { $1 * Double(matrix[$0, 2 * columns + column]) }.reduce(0, +)
                        / weights.reduce(0, +)
                    XCTAssertEqual(Double(y[row * columns + column]), expected, accuracy: 1e-5)
                }
            }
        }
    }

    /// Scores far beyond the range of exp: the running maximum keeps them finite, whether it comes first or last.
    func testAttentionWithHugeScores() {
        // Columns: query, key, value. Node 0 sees 1 and 2; its scores are 0, 300 and 900.
        let matrix: [Float] = [
            30, 0, 5,
            0, 10, 6,
            0, 30, 7,
        ]
        for indices: [UInt32] in [[1, 2], [2, 1]] {
            var y = [Float](repeating: .nan, count: 3)
            matrix.withUnsafeBufferPointer { elements in
                guard let start = elements.baseAddress else { return XCTFail("no elements") }
                nnf_list_attention(3, 1, start, start + 1, start + 2, 3, [0, 2, 2, 2], indices, &y, 1)
            }
            XCTAssertEqual(y, [7, 6, 7])
        }
    }

    func testListSumsCountEachEntryAndAddToWhatIsThere() {
        let x: [Float] = [1, 2, 0, 10, 20, 0, 100, 200, 0]
        var y: [Float] = [1, 1, 0, 0, 0, 0]
        nnf_add_list_sums(3, 2, x, 3, [0, 3, 3, 4], [1, 2, 2, 0], &y, 2)
        XCTAssertEqual(y, [211, 421, 0, 0, 1, 2])
    }
}
