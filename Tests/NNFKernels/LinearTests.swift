import NNFKernels
import TestSupport
import XCTest

final class LinearTests: XCTestCase {
    /// Sizes around the tiles (2, 6, 12 rows), the panels (16 outputs) and the blocks (256 inputs) of the kernel.
    func testAgreesWithNaiveProduct() {
        for instructions in Self.supportedInstructions { testAgreesWithNaiveProduct(using: instructions) }
    }

    /// Every variant that this machine can run.
    private static let supportedInstructions = [
        NNF_INSTRUCTIONS_BASELINE, NNF_INSTRUCTIONS_AVX2, NNF_INSTRUCTIONS_AVX512,
    ].filter { $0.rawValue <= nnf_best_instructions().rawValue }

    private func testAgreesWithNaiveProduct(using instructions: nnf_instructions) {
        var numbers = SplitMix64(seed: 1)
        for rows in [0, 1, 2, 5, 12, 13, 25] {
            for inputs in [0, 1, 7, 16, 255, 256, 257, 600] {
                for outputs in [0, 1, 15, 16, 17, 33] {
                    for (hasBias, accumulates) in [(true, false), (false, false), (true, true), (false, true)] {
                        check(instructions, rows, inputs, outputs, hasBias, accumulates, &numbers)
                    }
                }
            }
        }
    }

    private func check(
        _ instructions: nnf_instructions, _ rows: Int, _ inputs: Int, _ outputs: Int, _ hasBias: Bool, _ accumulates: Bool,
        _ numbers: inout SplitMix64
    ) {
        // Strides wider than the columns: what lies between must be neither read nor written.
        let x = numbers.matrix(rows, inputs, stride: inputs + 3)
        let weight = numbers.matrix(outputs, inputs, stride: inputs + 1)
        let bias = numbers.floats(outputs)
        let before = numbers.matrix(rows, outputs, stride: outputs + 2)
        var y = before
        nnf_linear_using(
            instructions, rows, inputs, outputs, x.elements, x.stride, weight.elements, weight.stride,
            hasBias ? bias : nil, &y.elements, y.stride, accumulates)
        for row in 0..<rows {
            for output in 0..<outputs {
                var expected = accumulates ? Double(before[row, output]) : 0
                if hasBias { expected += Double(bias[output]) }
                for input in 0..<inputs { expected += Double(x[row, input]) * Double(weight[output, input]) }
                XCTAssertEqual(
                    Double(y[row, output]), expected, accuracy: 1e-6 * Double(inputs + 2),
                    "row \(row) output \(output) of \(rows)×\(inputs)×\(outputs), variant \(instructions.rawValue)")
            }
            for gap in outputs..<y.stride { XCTAssertEqual(y[row, gap], before[row, gap]) }
        }
    }

    /// A row gives the same bits wherever it stands and however many rows there are.
    func testResultOfARowDoesNotDependOnItsPlace() {
        var numbers = SplitMix64(seed: 2)
        let x = numbers.matrix(31, 300, stride: 300)
        let weight = numbers.matrix(40, 300, stride: 300)
        for instructions in Self.supportedInstructions {
            var all = [Float](repeating: 0, count: 31 * 40)
            nnf_linear_using(
                instructions, 31, 300, 40, x.elements, 300, weight.elements, 300, nil, &all, 40, false)
            for row in 0..<31 {
                var one = [Float](repeating: 0, count: 40)
                nnf_linear_using(
                    instructions, 1, 300, 40, Array(x.elements[row * 300..<(row + 1) * 300]), 300,
                    weight.elements, 300, nil, &one, 40, false)
                XCTAssertEqual(one, Array(all[row * 40..<(row + 1) * 40]))
            }
        }
    }
}
