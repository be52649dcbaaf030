import Foundation
import NNFKernels
import TestSupport
import XCTest

final class ListTests: XCTestCase {
    /// Widths around the octets of the kernel, lists longer than the parts it works through (64).
    func testAttentionAgreesWithSoftmaxOverWhatIsSeen() {
        var numbers = SplitMix64(seed: 5)
        for instructions in supportedInstructions {
            for (rows, columns, longest) in [(0, 4, 3), (1, 1, 0), (7, 3, 6), (20, 24, 6), (9, 128, 6), (5, 20, 150)] {
                let matrix = numbers.matrix(rows, 3 * columns, stride: 3 * columns + 2)
                var lists = numbers.countedLists(rows: rows, shortest: 1, longest: longest)
                let own = (0..<rows).map { _ in UInt32.random(in: 0..<UInt32(rows), using: &numbers) }
                let y = attend(instructions, rows, columns, matrix, own, &lists)
                for row in 0..<rows {
                    let seen = Int(lists.offsets[row])..<Int(lists.offsets[row + 1])
                    let scores = seen.map { entry in
                        (0..<columns).map {
                            Double(matrix[Int(own[row]), $0]) * Double(matrix[Int(lists.rows[entry]), columns + $0])
                        }.reduce(0, +) / Double(columns).squareRoot()
                    }
                    let weights = zip(seen, scores).map { Double(lists.counts[$0]) * exp($1) }
                    for column in 0..<columns {
                        let expected =
                            zip(seen, weights).map { $1 * Double(matrix[Int(lists.rows[$0]), 2 * columns + column]) }
                            .reduce(0, +) / weights.reduce(0, +)
                        XCTAssertEqual(Double(y[row * columns + column]), expected, accuracy: 1e-5)
                    }
                }
            }
        }
    }

    /// Scores far beyond the range of exp: the running maximum keeps them finite, whichever part of a list it is in.
    func testAttentionWithHugeScores() {
        // Columns: query, key, value. Row 0 scores 0 with itself, 300 with row 1 and 900 with row 2.
        let matrix = TestMatrix(elements: [30, 0, 5, 0, 10, 6, 0, 30, 7], stride: 3)
        let many = [UInt32](repeating: 1, count: 64)
        for entries in [[0, 1, 2], [2, 1, 0], [2] + many, many + [2]] as [[UInt32]] {
            var lists = CountedLists(
                offsets: [0, UInt32(entries.count)], rows: entries,
                counts: [Float](repeating: 1, count: entries.count))
            for instructions in supportedInstructions {
                XCTAssertEqual(attend(instructions, 1, 1, matrix, [0], &lists), [7])
            }
        }
    }

    private func attend(
        _ instructions: nnf_instructions, _ rows: Int, _ columns: Int, _ matrix: TestMatrix, _ own: [UInt32],
        _ lists: inout CountedLists
    ) -> [Float] {
        guard rows > 0 else { return [] }
        var y = [Float](repeating: .nan, count: rows * columns)
        var own = own
        lists.withKernelLists { lists in
            matrix.elements.withUnsafeBufferPointer { elements in
                own.withUnsafeMutableBufferPointer { own in
                    guard let start = elements.baseAddress, let own = own.baseAddress else { return }
                    var attention = nnf_attention(
                        columns: columns, queries: start, keys: start + columns, values: start + 2 * columns,
                        stride: matrix.stride, own: own, lists: lists)
                    // From the second row on, and the first by itself: rows are where the caller says.
                    nnf_attend(instructions, &attention, 0, 1, &y, columns)
                    y.withUnsafeMutableBufferPointer { y in
                        guard rows > 1, let y = y.baseAddress else { return }
                        nnf_attend(instructions, &attention, 1, rows - 1, y + columns, columns)
                    }
                }
            }
        }
        return y
    }

    func testAggregationAddsEachEntryAsOftenAsItCountsAndRectifies() {
        // Two matrices of 16 columns side by side; only the first two columns differ from 0.
        func row(_ own: [Float], _ message: [Float]) -> [Float] {
            let zeros = [Float](repeating: 0, count: 14)
            return own + zeros + message + zeros
        }
        let matrix = row([1, -5], [1, 2]) + row([2, 2], [10, 20]) + row([3, 3], [100, -200])
        var lists = CountedLists(offsets: [0, 2, 2, 3], rows: [1, 2, 0], counts: [1, 2, 1])
        var own: [UInt32] = [0, 1, 1]
        for instructions in supportedInstructions {
            var y = [Float](repeating: .nan, count: 3 * 16)
            lists.withKernelLists { lists in
                matrix.withUnsafeBufferPointer { elements in
                    own.withUnsafeMutableBufferPointer { own in
                        guard let start = elements.baseAddress, let own = own.baseAddress else { return }
                        var aggregation = nnf_aggregation(
                            columns: 16, x: start, messages: start + 16, stride: 32, own: own, lists: lists)
                        nnf_aggregate(instructions, &aggregation, 0, 3, &y, 16)
                    }
                }
            }
            XCTAssertEqual([0, 1, 16, 17, 32, 33].map { y[$0] }, [211, 0, 2, 2, 3, 4])
        }
    }
}
