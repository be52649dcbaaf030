import NNFKernels
import TestSupport
import XCTest

final class ProductTests: XCTestCase {
    /// Rows around the tiles (2, 6, 8) and the blocks of rows (96); outputs around the panels (16) and tiles of them.
    func testAgreesWithNaiveProduct() {
        var numbers = SplitMix64(seed: 1)
        for instructions in supportedInstructions {
            for rows in [0, 1, 2, 5, 6, 7, 8, 15, 96, 103] {
                for inputs in [0, 1, 7, 64] {
                    for outputs in [0, 1, 16, 17, 48, 64, 70, 96] {
                        for (hasBias, isAdding) in [(true, false), (false, false), (true, true), (false, true)] {
                            check(instructions, rows, inputs, outputs, hasBias, isAdding, &numbers)
                        }
                    }
                }
            }
        }
    }

    private func check(
        _ instructions: nnf_instructions, _ rows: Int, _ inputs: Int, _ outputs: Int, _ hasBias: Bool, _ isAdding: Bool,
        _ numbers: inout SplitMix64
    ) {
        // Strides wider than the columns: what lies between must be neither read nor written.
        let x = numbers.matrix(rows, inputs, stride: inputs + 3)
        let weight = numbers.matrix(outputs, inputs, stride: inputs + 1)
        let scale = numbers.floats(outputs)
        let padded = nnf_padded_columns(outputs)
        let bias = numbers.floats(outputs) + [Float](repeating: 0, count: padded - outputs)
        let before = numbers.matrix(rows, padded, stride: padded + 2)
        var y = before
        multiply(
            instructions, rows: rows, inputs: inputs, x, PackedTestWeight(weight, inputs, outputs, scale: scale),
            bias: hasBias ? bias : nil, into: &y, isAdding: isAdding)
        for row in 0..<rows {
            for output in 0..<outputs {
                var expected = isAdding ? Double(before[row, output]) : 0
                if hasBias { expected += Double(bias[output]) }
                for input in 0..<inputs {
                    expected += Double(x[row, input]) * Double(weight[output, input]) * Double(scale[output])
                }
                XCTAssertEqual(
                    Double(y[row, output]), expected, accuracy: 1e-6 * Double(inputs + 2),
                    "row \(row) output \(output) of \(rows)×\(inputs)×\(outputs), variant \(instructions.rawValue)")
            }
            for beyond in outputs..<padded { XCTAssertEqual(y[row, beyond], isAdding ? before[row, beyond] : 0) }
            for gap in padded..<y.stride { XCTAssertEqual(y[row, gap], before[row, gap]) }
        }
    }

    func testRectifiesAfterAddingAndKeepsNaN() {
        for instructions in supportedInstructions {
            let weight = PackedTestWeight(TestMatrix(elements: [1, -1, .nan], stride: 1), 1, 3, scale: nil)
            var y = TestMatrix(elements: [Float](repeating: 1, count: 16), stride: 16)
            multiply(
                instructions, rows: 1, inputs: 1, TestMatrix(elements: [3], stride: 1), weight, bias: nil, into: &y,
                isAdding: true, isRectifying: true)
            XCTAssertEqual(Array(y.elements[..<2]), [4, 0])
            XCTAssertTrue(y.elements[2].isNaN)
        }
    }

    /// A row gives the same bits wherever it stands and however many rows there are.
    func testResultOfARowDoesNotDependOnItsPlace() {
        var numbers = SplitMix64(seed: 2)
        let x = numbers.matrix(31, 300, stride: 300)
        let weight = PackedTestWeight(numbers.matrix(112, 300, stride: 300), 300, 112, scale: nil)
        for instructions in supportedInstructions {
            var all = TestMatrix(elements: [Float](repeating: 0, count: 31 * 112), stride: 112)
            multiply(instructions, rows: 31, inputs: 300, x, weight, bias: nil, into: &all)
            for row in 0..<31 {
                var one = TestMatrix(elements: [Float](repeating: 0, count: 112), stride: 112)
                let own = TestMatrix(elements: Array(x.elements[row * 300..<(row + 1) * 300]), stride: 300)
                multiply(instructions, rows: 1, inputs: 300, own, weight, bias: nil, into: &one)
                XCTAssertEqual(one.elements, Array(all.elements[row * 112..<(row + 1) * 112]))
            }
        }
    }
}

/// Every variant that this machine can run.
let supportedInstructions = [
    NNF_INSTRUCTIONS_BASELINE, NNF_INSTRUCTIONS_AVX2, NNF_INSTRUCTIONS_AVX512,
].filter { $0.rawValue <= nnf_best_instructions().rawValue }

private struct PackedTestWeight {
    let outputs: Int
    var panels: [Float]

    init(_ weight: TestMatrix, _ inputs: Int, _ outputs: Int, scale: [Float]?) {
        self.outputs = outputs
        // What is not written would show: NaN.
        panels = [Float](repeating: .nan, count: inputs * nnf_padded_columns(outputs))
        nnf_pack_weight(inputs, outputs, weight.elements, weight.stride, scale, &panels)
    }
}

private func multiply(
    _ instructions: nnf_instructions, rows: Int, inputs: Int, _ x: TestMatrix, _ weight: PackedTestWeight,
    bias: [Float]?, into y: inout TestMatrix, isAdding: Bool = false, isRectifying: Bool = false
) {
    let (xStride, stride) = (x.stride, y.stride)
    x.elements.withUnsafeBufferPointer { x in
        weight.panels.withUnsafeBufferPointer { panels in
            (bias ?? []).withUnsafeBufferPointer { biasElements in
                y.elements.withUnsafeMutableBufferPointer { y in
                    guard rows > 0, weight.outputs > 0, let x = x.baseAddress ?? UnsafePointer(y.baseAddress),
                        let panels = panels.baseAddress ?? UnsafePointer(y.baseAddress), let y = y.baseAddress
                    else { return }
                    var product = nnf_product(
                        rows: rows, inputs: inputs, outputs: weight.outputs, x: x, x_stride: xStride,
                        panels: panels, bias: bias == nil ? nil : biasElements.baseAddress, y: y, y_stride: stride, is_adding: isAdding,
                        is_rectifying: isRectifying)
                    nnf_multiply(instructions, &product)
                }
            }
        }
    }
}
