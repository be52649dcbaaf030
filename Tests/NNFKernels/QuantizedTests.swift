import NNFKernels
import TestSupport
import XCTest

final class QuantizedTests: XCTestCase {
    /// Whatever a row looks like, its integers are the nearest to it in their step, and their norm leaves products in range.
    func testRowsBecomeIntegersOfBoundedNorm() {
        var numbers = SplitMix64(seed: 7)
        let spike = [Float](repeating: 0, count: 95) + [1000]
        let rows: [[Float]] = [
            numbers.floats(96), spike, numbers.floats(7).map { $0 * 1e-30 }, numbers.floats(513).map { $0 * 1e15 },
            [Float](repeating: -3, count: 96), [5], [0, 0, 0], [],
        ]
        for instructions in supportedInstructions {
            for row in rows {
                let (integers, step) = quantized(row, instructions)
                for (value, integer) in zip(row, integers) {
                    XCTAssertEqual(step * Float(integer), value, accuracy: 0.5001 * step)
                }
                let squares = integers.reduce(0) { $0 + Int($1) * Int($1) }
                XCTAssertLessThanOrEqual(squares, Int(Int32.max))
                if row.contains(where: { $0 != 0 }) { XCTAssertGreaterThan(squares, Int(Int32.max) / 16) }
            }
        }
    }

    func testRowsThatAreNotFiniteSaySo() {
        for instructions in supportedInstructions {
            for row: [Float] in [[1, .nan], [.infinity, 0, 0], [1e30, 0]] {
                XCTAssertTrue(quantized(row, instructions).step.isNaN)
            }
        }
    }

    /// Rows around the tiles (6, 8) and blocks (96), outputs around panels and tiles of them, odd inputs.
    func testAgreesWithExactSums() {
        var numbers = SplitMix64(seed: 8)
        for instructions in supportedInstructions where nnf_multiplies_quantized(instructions) {
            for rows in [1, 5, 6, 7, 8, 15, 103] {
                for (inputs, outputs) in [(1, 1), (7, 17), (96, 96), (96, 64), (33, 112)] {
                    for isAdding in [false, true] {
                        check(
                            instructions, numbers.matrix(rows, inputs, stride: inputs), rows, inputs,
                            numbers.matrix(outputs, inputs, stride: inputs), outputs, isAdding, &numbers)
                    }
                }
            }
            // The largest sum that norms allow: all inputs and all weights equal.
            let ones = TestMatrix(elements: [Float](repeating: 1, count: 96), stride: 96)
            check(instructions, ones, 1, 96, ones, 1, false, &numbers)
        }
    }

    private func check(
        _ instructions: nnf_instructions, _ x: TestMatrix, _ rows: Int, _ inputs: Int, _ weight: TestMatrix,
        _ outputs: Int, _ isAdding: Bool, _ numbers: inout SplitMix64
    ) {
        let padded = nnf_padded_columns(outputs)
        let columns = nnf_quantized_columns(inputs)
        let rowsOfX = (0..<rows).map { quantized(Array(x.elements[$0 * inputs..<($0 + 1) * inputs]), instructions) }
        let rowsOfWeight = (0..<outputs).map {
            quantized(Array(weight.elements[$0 * inputs..<($0 + 1) * inputs]), instructions)
        }
        let bias = numbers.floats(outputs) + [Float](repeating: 0, count: padded - outputs)
        let weightSteps = rowsOfWeight.map(\.step) + [Float](repeating: 0, count: padded - outputs)
        let before = numbers.matrix(rows, padded, stride: padded + 2)
        var panels = [Int16](repeating: -1, count: columns * padded)
        nnf_pack_quantized(inputs, outputs, rowsOfWeight.flatMap(\.integers), columns, &panels)
        var y = before.elements
        let integers = rowsOfX.flatMap(\.integers)
        let steps = rowsOfX.map(\.step)
        integers.withUnsafeBufferPointer { integers in
            steps.withUnsafeBufferPointer { steps in
                panels.withUnsafeBufferPointer { panels in
                    weightSteps.withUnsafeBufferPointer { weightSteps in
                        bias.withUnsafeBufferPointer { bias in
                            y.withUnsafeMutableBufferPointer { y in
                                guard let x = integers.baseAddress, let steps = steps.baseAddress,
                                    let panels = panels.baseAddress, let weightSteps = weightSteps.baseAddress,
                                    let bias = bias.baseAddress, let y = y.baseAddress
                                else { return XCTFail("no elements") }
                                var product = nnf_quantized_product(
                                    rows: rows, inputs: inputs, outputs: outputs, x: x, x_stride: columns,
                                    x_steps: steps, panels: panels, weight_steps: weightSteps, bias: bias, y: y,
                                    y_stride: before.stride, is_adding: isAdding)
                                nnf_multiply_quantized(instructions, &product)
                            }
                        }
                    }
                }
            }
        }
        for row in 0..<rows {
            for output in 0..<outputs {
                let sum = zip(rowsOfX[row].integers, rowsOfWeight[output].integers).reduce(0) {
                    $0 + Int($1.0) * Int($1.1)
                }
                XCTAssertNotNil(Int32(exactly: sum))
                let product = Double(sum) * Double(rowsOfX[row].step) * Double(rowsOfWeight[output].step)
                let expected = (isAdding ? Double(before[row, output]) : 0) + Double(bias[output]) + product
                XCTAssertEqual(
                    Double(y[row * before.stride + output]), expected, accuracy: 1e-6 * (2 + abs(product)),
                    "row \(row) output \(output) of \(rows)×\(inputs)×\(outputs), variant \(instructions.rawValue)")
            }
            for gap in padded..<before.stride { XCTAssertEqual(y[row * before.stride + gap], before[row, gap]) }
        }
    }

    private func quantized(_ row: [Float], _ instructions: nnf_instructions) -> (integers: [Int16], step: Float) {
        var integers = [Int16](repeating: 99, count: nnf_quantized_columns(row.count))
        var step: Float = -1
        nnf_quantize(instructions, 1, row.count, row, row.count, &integers, integers.count, &step)
        return (integers, step)
    }
}
