import Foundation
import NNFKernels
import TestSupport
import XCTest

final class RowTests: XCTestCase {
    func testNormalizationAgreesWithItsDefinition() {
        var numbers = SplitMix64(seed: 3)
        for instructions in supportedInstructions {
            for (rows, columns) in [(0, 4), (1, 1), (3, 8), (5, 96), (2, 513)] {
                let x = numbers.matrix(rows, columns, stride: columns + 1)
                let scale = numbers.floats(columns)
                let shift = numbers.floats(columns)
                var y = [Float](repeating: .nan, count: rows * columns)
                nnf_normalize(
                    instructions, rows, columns, x.elements, x.stride, scale, shift, 1e-5, &y, columns)
                for row in 0..<rows {
                    let values = (0..<columns).map { Double(x[row, $0]) }
                    let mean = values.reduce(0, +) / Double(columns)
                    let variance = values.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / Double(columns)
                    for column in 0..<columns {
                        let expected =
                            (values[column] - mean) / (variance + 1e-5).squareRoot() * Double(scale[column])
                            + Double(shift[column])
                        XCTAssertEqual(Double(y[row * columns + column]), expected, accuracy: 1e-5)
                    }
                }
            }
        }
    }

    /// A common offset must cancel, however large it is beside the differences.
    func testNormalizationOfNearlyEqualValues() {
        let x: [Float] = [10000, 10001, 9999, 10000, 10000, 10001, 9999, 10000, 10000, 10000]
        let (ones, zeros) = ([Float](repeating: 1, count: 10), [Float](repeating: 0, count: 10))
        for instructions in supportedInstructions {
            var y = zeros
            nnf_normalize(instructions, 1, 10, x, 10, ones, zeros, 1e-5, &y, 10)
            for (value, expected) in zip(y, [0, 1.5811, -1.5811, 0, 0, 1.5811, -1.5811, 0, 0, 0]) {
                XCTAssertEqual(Double(value), expected, accuracy: 1e-4)
            }
        }
    }

    func testGatherTakesRowsAsOftenAsTheyAreNamed() {
        var y: [Float] = [0, 0, -1, 0, 0, -1]
        nnf_gather(2, 2, [1, 2, 9, 3, 4, 9, 5, 6, 9], 3, [2, 0], &y, 3)
        XCTAssertEqual(y, [5, 6, -1, 1, 2, -1])
    }

    func testGatherSumsAddsAsManyRowsAsThereAreTerms() {
        let x: [Float] = [1, 2, 9, 3, 4, 9, 5, 6, 9]
        for (terms, indices, expected) in [
            (1, [2, 0], [5, 6, -1, 1, 2, -1]), (2, [2, 0, 1, 1], [6, 8, -1, 6, 8, -1]),
            (3, [0, 1, 2, 2, 2, 2], [9, 12, -1, 15, 18, -1]),
        ] as [(Int, [UInt32], [Float])] {
            var y: [Float] = [7, 7, -1, 7, 7, -1]
            nnf_gather_sums(2, 2, x, 3, terms, indices, &y, 3)
            XCTAssertEqual(y, expected)
        }
    }

    /// Beyond 2²⁴ float32 cannot count on: the sum must be in double precision.
    func testCountedRowsAddUpInDoublePrecision() {
        for instructions in supportedInstructions {
            var sums: [Double] = [0, 1]
            nnf_add_counted_rows(instructions, 3, 2, [1, 0, 1], [1, 3, 1], [0.5, 7, Float(1 << 24), 0], 2, &sums)
            XCTAssertEqual(sums, [Double(1 << 25) + 1.5, 22])
        }
    }
}

final class ElementaryTests: XCTestCase {
    func testLog2IsWithinHalfAUnitOfTheLastPlace() {
        var numbers = SplitMix64(seed: 4)
        var arguments: [Float] = [.leastNonzeroMagnitude, .leastNormalMagnitude, .greatestFiniteMagnitude]
        arguments += (-126...127).flatMap { [Float(sign: .plus, exponent: $0, significand: 1)] }
        arguments += [1 as Float, 1.41421356, 0.70710678].flatMap { [$0.nextDown, $0, $0.nextUp] }
        arguments += (0..<20000).map { _ in
            Float(bitPattern: UInt32.random(in: 1..<0x7F80_0000, using: &numbers))
        }
        for argument in arguments {
            let exact = log2(Double(argument))
            let unit = Double(max(Float(abs(exact)).ulp, .leastNormalMagnitude))
            XCTAssertEqual(Double(nnf_log2f(argument)), exact, accuracy: 0.51 * unit, "log2(\(argument))")
        }
    }

    func testLog2OfPowersOfTwoIsExact() {
        for exponent in -149...127 {
            XCTAssertEqual(nnf_log2f(Float(sign: .plus, exponent: exponent, significand: 1)), Float(exponent))
        }
    }

    func testLog2AtItsEdges() {
        XCTAssertEqual(nnf_log2f(0), -.infinity)
        XCTAssertEqual(nnf_log2f(-0.0), -.infinity)
        XCTAssertEqual(nnf_log2f(.infinity), .infinity)
        XCTAssertTrue(nnf_log2f(-1).isNaN)
        XCTAssertTrue(nnf_log2f(.nan).isNaN)
    }

    func testExponentialsOfManyNumbers() {
        var numbers = SplitMix64(seed: 6)
        let arguments = (0..<4096).map { _ in Float.random(in: -87...88, using: &numbers) } + [-87, 88, 0, -0.0, 1, -1, 0.5, 50]
        for instructions in supportedInstructions {
            var values = arguments
            nnf_exponentiate(instructions, values.count, -87, 88, &values)
            for (value, argument) in zip(values, arguments) {
                let exact = exp(Double(argument))
                XCTAssertEqual(Double(value), exact, accuracy: 2 * Double(Float(exact).ulp), "exp(\(argument))")
            }
            var edges: [Float] = [-.infinity, .infinity, .nan, -31, 16, 0, 0, 0]
            nnf_exponentiate(instructions, 8, -30, 15, &edges)
            for (value, argument) in zip(edges, [-30, 15, .nan, -30, 15] as [Double]) where !argument.isNaN {
                XCTAssertEqual(Double(value) / exp(argument), 1, accuracy: 3e-7)
            }
            XCTAssertTrue(edges[2].isNaN)
        }
    }

    func testExponential() {
        XCTAssertEqual(nnf_exp(0), 1)
        XCTAssertEqual(nnf_exp(15), exp(15.0), accuracy: 1e-8)
    }
}
