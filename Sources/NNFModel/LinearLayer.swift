import NNFKernels
import NNFWeights

/// y = x·weightᵀ + bias with weights packed for `nnf_multiply` when the model is opened.
struct LinearLayer: Sendable {
    let inputs: Int
    /// Columns that are written: outputs in whole panels, zero beyond them.
    let paddedOutputs: Int
    private let packed: PackedWeight

    /// One layer of several with the same inputs: their outputs stand one after another, each padded by itself.
    /// With `outputScale`, [outputs] of each, the result is scaled: a residual's layer scale costs nothing then.
    init(_ parts: LinearTensors..., outputScale: WeightsTensor? = nil) {
        inputs = parts.first?.inputs ?? 0
        paddedOutputs = parts.reduce(0) { $0 + nnf_padded_columns($1.outputs) }
        packed = PackedWeight(parts, inputs: inputs, paddedOutputs: paddedOutputs, outputScale: outputScale)
    }

    /// x: y.rows × inputs; y: rows × paddedOutputs. `adding` to what y holds, and `rectifying` the result.
    func apply(to x: Matrix, into y: Matrix, adding: Bool = false, rectifying: Bool = false) {
        assert(x.columns >= inputs && x.rows >= y.rows && y.columns >= paddedOutputs)
        var product = nnf_product(
            rows: y.rows, inputs: inputs, outputs: paddedOutputs, x: x.start, x_stride: x.stride,
            panels: packed.panels, bias: packed.bias, y: y.start, y_stride: y.stride, is_adding: adding,
            is_rectifying: rectifying)
        nnf_multiply(Matrix.instructions, &product)
    }
}

/// The elements of packed weights and their bias, aligned to cache lines.
///
/// `@unchecked Sendable`: the memory is written before `init` returns and never after, and is freed by `deinit`, when no
/// reference is left.
private final class PackedWeight: @unchecked Sendable {
    let panels: UnsafePointer<Float>
    /// [paddedOutputs]
    let bias: UnsafePointer<Float>
    private let memory: UnsafeMutableRawPointer

    /// No overflow: the elements are about as many as those of the file, which lies in memory.
    init(_ parts: [LinearTensors], inputs: Int, paddedOutputs: Int, outputScale: WeightsTensor?) {
        memory = .allocate(
            byteCount: (inputs + 1) * paddedOutputs * MemoryLayout<Float>.stride, alignment: 64)
        let elements = memory.bindMemory(to: Float.self, capacity: (inputs + 1) * paddedOutputs)
        let bias = elements + inputs * paddedOutputs
        bias.initialize(repeating: 0, count: paddedOutputs)
        var column = 0
        for part in parts {
            let scale = outputScale?.elements
            part.weight.withElements { weight in
                // Never nil: a weight has at least one element, its sizes are at least 1 (ModelConfiguration).
                guard let weight = weight.baseAddress else { return }
                nnf_pack_weight(
                    part.inputs, part.outputs, weight + part.weightOffset, part.weightStride, scale,
                    elements + inputs * column)
            }
            part.bias?.withElements { values in
                for output in 0..<part.outputs {
                    bias[column + output] = values[part.biasOffset + output] * (scale?[output] ?? 1)
                }
            }
            column += nnf_padded_columns(part.outputs)
        }
        panels = UnsafePointer(elements)
        self.bias = UnsafePointer(bias)
    }

    deinit { memory.deallocate() }
}

extension WeightsTensor {
    fileprivate var elements: [Float] { withElements { Array($0) } }
}
