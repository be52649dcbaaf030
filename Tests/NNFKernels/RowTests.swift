import Foundation
import NNFKernels
import TestSupport
import XCTest

final class RowTests: XCTestCase {
    func testLayerNormalizationAgreesWithItsDefinition() {
        var numbers = SplitMix64(seed: 3)
        for (rows, columns) in [(0, 4), (1, 1), (3, 8), (5, 96), (2, 513)] {
            let x = numbers.matrix(rows, columns, stride: columns + 1)
            let scale = numbers.floats(columns)
            let shift = numbers.floats(columns)
            var y = [Float](repeating: .nan, count: rows * columns)
            nnf_layer_norm(rows, columns, x.elements, x.stride, scale, shift, 1e-5, &y, columns)
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

    /// A common offset must cancel, however large it is beside the differences.
    func testLayerNormalizationOfNearlyEqualValues() {
        let x: [Float] = [10000, 10001, 9999, 10000]
        var y = [Float](repeating: 0, count: 4)
        nnf_layer_norm(1, 4, x, 4, [1, 1, 1, 1], [0, 0, 0, 0], 1e-5, &y, 4)
        for (value, expected) in zip(y, [0, 1.4142, -1.4142, 0]) {
            XCTAssertEqual(Double(value), expected, accuracy: 1e-4)
        }
    }

    func testReluKeepsNaNAndLeavesGapsAlone() {
        var x: [Float] = [-1, 2, -7, 0, .nan, -8]
        nnf_relu(2, 2, &x, 3)
        XCTAssertEqual(x[0], 0)
        XCTAssertEqual(x[1], 2)
        XCTAssertEqual(x[2], -7)
        XCTAssertEqual(x[3], 0)
        XCTAssertTrue(x[4].isNaN)
        XCTAssertEqual(x[5], -8)
    }

    func testScaledSumsAndColumnSums() {
        var y: [Float] = [1, 2, 3, 4]
        nnf_add_scaled(2, 2, [10, 20, 30, 40], 2, [0.5, 2], &y, 2)
        XCTAssertEqual(y, [6, 42, 18, 84])
        var sums: [Double] = [1, 0]
        nnf_add_column_sums(2, 2, y, 2, &sums)
        XCTAssertEqual(sums, [25, 126])
    }

    /// Beyond 2²⁴ float32 cannot count on: the sum must be in double precision.
    func testColumnSumsKeepSmallContributions() {
        var sums: [Double] = [0]
        nnf_add_column_sums(1, 1, [Float(1 << 24)], 1, &sums)
        nnf_add_column_sums(2, 1, [1, 0.5], 1, &sums)
        XCTAssertEqual(sums, [Double(1 << 24) + 1.5])
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

    func testExponential() {
        XCTAssertEqual(nnf_exp(0), 1)
        XCTAssertEqual(nnf_exp(15), exp(15.0), accuracy: 1e-8)
    }
}
