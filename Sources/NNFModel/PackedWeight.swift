import NNFGraph
import NNFKernels
import NNFWeights

/// Weights in panels of float32, and their bias.
struct PackedWeight: Sendable {
    let panels: PackedElements<Float>
    /// [paddedOutputs]
    let bias: PackedElements<Float>

    /// No overflow, here and below: the elements are about as many as those of the file, which lies in memory.
    init(_ parts: [LinearTensors], inputs: Int, paddedOutputs: Int, _ outputScale: [Float]?) throws(Failure) {
        panels = try PackedElements(count: inputs * paddedOutputs) { panels in
            forEachPart(parts) { part, column, weight in
                nnf_pack_weight(
                    part.inputs, part.outputs, weight, part.weightStride, outputScale, panels + inputs * column)
            }
        }
        bias = try packedBias(parts, paddedOutputs: paddedOutputs, outputScale)
    }
}

/// Weights in panels of integers, a step for each output, what sums begin with, and their bias.
struct QuantizedWeight: Sendable {
    let integers: nnf_integers
    let panels: PackedElements<UInt8>
    /// [paddedOutputs] all three.
    let starts: PackedElements<Int32>
    let steps: PackedElements<Float>
    let bias: PackedElements<Float>

    init(
        _ parts: [LinearTensors], _ integers: nnf_integers, inputs: Int, paddedOutputs: Int, _ outputScale: [Float]?
    ) throws(Failure) {
        self.integers = integers
        let rowBytes = nnf_quantized_bytes(integers, inputs)
        let size = rowBytes * paddedOutputs
        let memory = try HostMemory.allocate(byteCount: size)
        defer { HostMemory.free(memory) }
        // [paddedOutputs × rowBytes], zero beyond the outputs of each part.
        let rows = memory.initializeMemory(as: UInt8.self, repeating: 0, count: size)
        steps = try PackedElements(count: paddedOutputs) { steps in
            forEachPart(parts) { part, column, weight in
                var row = [Float](repeating: 0, count: inputs)
                for output in 0..<part.outputs {
                    let scale = outputScale?[output] ?? 1
                    for input in 0..<inputs { row[input] = scale * weight[output * part.weightStride + input] }
                    // In bounds: parts stand one after another within `paddedOutputs`.
                    nnf_quantize(
                        Matrix.instructions, integers, 1, inputs, row, inputs, rows + (column + output) * rowBytes,
                        rowBytes, steps + column + output)
                }
            }
        }
        var firstSums = [Int32](repeating: 0, count: paddedOutputs)
        panels = try PackedElements(count: size) { panels in
            firstSums.withUnsafeMutableBufferPointer { firstSums in
                guard let firstSums = firstSums.baseAddress else { return }
                forEachPart(parts) { part, column, _ in
                    nnf_pack_quantized(
                        integers, inputs, part.outputs, rows + column * rowBytes, rowBytes, panels + column * rowBytes,
                        firstSums + column)
                }
            }
        }
        starts = try PackedElements(count: paddedOutputs) { $0.update(from: firstSums, count: paddedOutputs) }
        bias = try packedBias(parts, paddedOutputs: paddedOutputs, outputScale)
    }
}

/// Elements that are written once, aligned to cache lines.
///
/// `@unchecked Sendable`: the memory is written before `init` returns and never after, and is freed by `deinit`, when no
/// reference is left.
final class PackedElements<Element: BitwiseCopyable>: @unchecked Sendable {
    let start: UnsafePointer<Element>
    private let memory: UnsafeMutableRawPointer

    /// `fill` finds all bits 0.
    init(count: Int, _ fill: (UnsafeMutablePointer<Element>) -> Void) throws(Failure) {
        let size = count * MemoryLayout<Element>.stride
        memory = try HostMemory.allocate(byteCount: size)
        memory.initializeMemory(as: UInt8.self, repeating: 0, count: size)
        let elements = memory.bindMemory(to: Element.self, capacity: count)
        fill(elements)
        start = UnsafePointer(elements)
    }

    deinit { HostMemory.free(memory) }
}

/// Calls `body` with each part, the column where its outputs begin, and its first weight.
private func forEachPart(
    _ parts: [LinearTensors], _ body: (_ part: LinearTensors, _ column: Int, UnsafePointer<Float>) -> Void
) {
    var column = 0
    for part in parts {
        part.weight.withElements { weight in
            // Never nil: a weight has at least one element, its sizes are at least 1 (ModelConfiguration).
            guard let weight = weight.baseAddress else { return }
            body(part, column, weight + part.weightOffset)
        }
        column += nnf_padded_columns(part.outputs)
    }
}

private func packedBias(
    _ parts: [LinearTensors], paddedOutputs: Int, _ outputScale: [Float]?
) throws(Failure) -> PackedElements<Float> {
    try PackedElements(count: paddedOutputs) { bias in
        var column = 0
        for part in parts {
            part.bias?.withElements { values in
                for output in 0..<part.outputs {
                    bias[column + output] = values[part.biasOffset + output] * (outputScale?[output] ?? 1)
                }
            }
            column += nnf_padded_columns(part.outputs)
        }
    }
}
