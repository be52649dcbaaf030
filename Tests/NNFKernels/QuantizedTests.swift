import NNFKernels
import TestSupport
import XCTest

final class QuantizedTests: XCTestCase {
    private static let kinds: [nnf_integers] = [NNF_INTEGERS_16, NNF_INTEGERS_8]

    /// Whatever a row looks like, its integers are the nearest to it in their step, and use the room that sums of products have.
    func testRowsBecomeTheNearestIntegers() {
        var numbers = SplitMix64(seed: 7)
        let spike = [Float](repeating: 0, count: 95) + [1000]
        let rows: [[Float]] = [
            numbers.floats(96), spike, numbers.floats(7).map { $0 * 1e-30 }, numbers.floats(513).map { $0 * 1e15 },
            [Float](repeating: -3, count: 96), [5], [0, 0, 0], [],
        ]
        for instructions in supportedInstructions {
            for kind in Self.kinds {
                for row in rows {
                    let found = QuantizedRow(row, kind, instructions)
                    for (value, integer) in zip(row, found.integers) {
                        XCTAssertEqual(found.step * Float(integer), value, accuracy: 0.5001 * found.step)
                    }
                    let isZero = row.allSatisfy { $0 == 0 }
                    if kind == NNF_INTEGERS_8 {
                        XCTAssertEqual(found.integers.map(abs).max() ?? 0, isZero ? 0 : 127)
                    } else {
                        let squares = found.integers.reduce(0) { $0 + $1 * $1 }
                        XCTAssertLessThanOrEqual(squares, Int(Int32.max))
                        if !isZero { XCTAssertGreaterThan(squares, Int(Int32.max) / 16) }
                    }
                }
            }
        }
    }

    func testRowsThatAreNotFiniteSaySo() {
        for instructions in supportedInstructions {
            for kind in Self.kinds {
                for row: [Float] in [[1, .nan], [.infinity, 0, 0], [1e30, 0]] {
                    XCTAssertTrue(QuantizedRow(row, kind, instructions).step.isNaN)
                }
            }
        }
    }

    /// Rows around the tiles (6, 8) and blocks (96), outputs around panels and tiles of them, inputs off a multiple of four.
    func testAgreesWithExactSums() {
        var numbers = SplitMix64(seed: 8)
        for kind in Self.kinds {
            for instructions in supportedInstructions where nnf_multiplies_quantized(instructions, kind) {
                for rows in [1, 5, 6, 7, 8, 15, 103] {
                    for (inputs, outputs) in [(1, 1), (7, 17), (96, 96), (96, 64), (33, 112), (66, 48)] {
                        for isAdding in [false, true] {
                            check(
                                instructions, kind, numbers.matrix(rows, inputs, stride: inputs), rows, inputs,
                                numbers.matrix(outputs, inputs, stride: inputs), outputs, isAdding, &numbers)
                        }
                    }
                }
                // The largest sum that there can be: all inputs and all weights equal; at the widest, of 8 bits, 4,096 of them.
                for width in [96, 4096] {
                    let ones = TestMatrix(elements: [Float](repeating: 1, count: width), stride: width)
                    check(instructions, kind, ones, 1, width, ones, 1, false, &numbers)
                }
            }
        }
    }

    private func check(
        _ instructions: nnf_instructions, _ kind: nnf_integers, _ x: TestMatrix, _ rows: Int, _ inputs: Int,
        _ weight: TestMatrix, _ outputs: Int, _ isAdding: Bool, _ numbers: inout SplitMix64
    ) {
        let padded = nnf_padded_columns(outputs)
        let rowBytes = nnf_quantized_bytes(kind, inputs)
        func quantized(_ matrix: TestMatrix, _ row: Int) -> QuantizedRow {
            QuantizedRow(Array(matrix.elements[row * inputs..<(row + 1) * inputs]), kind, instructions)
        }
        let rowsOfX = (0..<rows).map { quantized(x, $0) }
        let rowsOfWeight = (0..<outputs).map { quantized(weight, $0) }
        let bias = numbers.floats(outputs) + [Float](repeating: 0, count: padded - outputs)
        let weightSteps = rowsOfWeight.map(\.step) + [Float](repeating: 0, count: padded - outputs)
        let before = numbers.matrix(rows, padded, stride: padded + 2)
        var panels = [UInt8](repeating: 99, count: rowBytes * padded)
        var starts = [Int32](repeating: 99, count: padded)
        nnf_pack_quantized(kind, inputs, outputs, rowsOfWeight.flatMap(\.bytes), rowBytes, &panels, &starts)
        var y = before.elements
        let bytes = rowsOfX.flatMap(\.bytes)
        let steps = rowsOfX.map(\.step)
        bytes.withUnsafeBufferPointer { bytes in
            steps.withUnsafeBufferPointer { steps in
                panels.withUnsafeBufferPointer { panels in
                    starts.withUnsafeBufferPointer { starts in
                        weightSteps.withUnsafeBufferPointer { weightSteps in
                            bias.withUnsafeBufferPointer { bias in
                                y.withUnsafeMutableBufferPointer { y in
                                    guard let x = bytes.baseAddress, let steps = steps.baseAddress,
                                        let panels = panels.baseAddress, let starts = starts.baseAddress,
                                        let weightSteps = weightSteps.baseAddress, let bias = bias.baseAddress,
                                        let y = y.baseAddress
                                    else { return XCTFail("no elements") }
                                    var product = nnf_quantized_product(
                                        integers: kind, rows: rows, inputs: inputs, outputs: outputs, x: x,
                                        x_stride: rowBytes, x_steps: steps, panels: panels, starts: starts,
                                        weight_steps: weightSteps, bias: bias, y: y, y_stride: before.stride,
                                        is_adding: isAdding)
                                    nnf_multiply_quantized(instructions, &product)
                                }
                            }
                        }
                    }
                }
            }
        }
        for row in 0..<rows {
            for output in 0..<outputs {
                let sum = zip(rowsOfX[row].integers, rowsOfWeight[output].integers).reduce(0) { $0 + $1.0 * $1.1 }
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
}

/// A row as `nnf_quantize` makes it, and the integers that its bytes stand for.
private struct QuantizedRow {
    let bytes: [UInt8]
    let step: Float
    let integers: [Int]

    init(_ row: [Float], _ kind: nnf_integers, _ instructions: nnf_instructions) {
        var bytes = [UInt8](repeating: 99, count: nnf_quantized_bytes(kind, row.count))
        var step: Float = -1
        nnf_quantize(instructions, kind, 1, row.count, row, row.count, &bytes, bytes.count, &step)
        self.bytes = bytes
        self.step = step
        if kind == NNF_INTEGERS_8 {
            integers = bytes.map { Int($0) - 128 }
        } else {
            integers = stride(from: 0, to: bytes.count, by: 2).map {
                Int(Int16(bitPattern: UInt16(bytes[$0]) | UInt16(bytes[$0 + 1]) << 8))
            }
        }
    }
}
