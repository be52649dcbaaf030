import NNFGraph
import NNFKernels
import NNFWeights

/// What the encoder's products are computed in. Heads and the embedding of features always take float32.
package enum Precision: Sendable {
    /// float32.
    case single
    /// 16-bit integers where the processor multiplies them faster, float32 elsewhere.
    case quantized
    /// 8-bit integers where the processor multiplies them faster, as `quantized` elsewhere.
    case coarse

    /// The integers to multiply; nil for float32.
    fileprivate var integers: nnf_integers? {
        let wanted: [nnf_integers] =
            switch self {
            case .single: []
            case .quantized: [NNF_INTEGERS_16]
            case .coarse: [NNF_INTEGERS_8, NNF_INTEGERS_16]
            }
        return wanted.first { nnf_multiplies_quantized(Matrix.instructions, $0) }
    }
}

/// y = x·weightᵀ + bias with weights packed for the kernels when the model is opened.
struct LinearLayer: Sendable {
    private enum Weight {
        case single(PackedWeight)
        case quantized(QuantizedWeight)
    }

    let inputs: Int
    /// Columns that are written: outputs in whole panels, zero beyond them.
    let paddedOutputs: Int
    private let weight: Weight

    /// One layer of several with the same inputs: their outputs stand one after another, each padded by itself.
    /// With `outputScale`, [outputs] of each, the result is scaled: a residual's layer scale costs nothing then.
    init(_ parts: LinearTensors..., precision: Precision, outputScale: WeightsTensor? = nil) throws(Failure) {
        inputs = parts.first?.inputs ?? 0
        paddedOutputs = parts.reduce(0) { $0 + nnf_padded_columns($1.outputs) }
        let scale = outputScale.map { tensor in tensor.withElements { Array($0) } }
        if let integers = precision.integers {
            weight = .quantized(
                try QuantizedWeight(parts, integers, inputs: inputs, paddedOutputs: paddedOutputs, scale))
        } else {
            weight = .single(try PackedWeight(parts, inputs: inputs, paddedOutputs: paddedOutputs, scale))
        }
    }

    /// x: y.rows × inputs; y: rows × paddedOutputs. float32.
    func apply(to x: Matrix, into y: Matrix, adding: Bool = false, rectifying: Bool = false) {
        guard case .single(let weight) = weight else { return assertionFailure("a quantized layer needs memory") }
        multiply(x, weight, y, adding: adding, rectifying: rectifying)
    }

    /// The same in the layer's precision. `memory`, of as many rows as x, is for x as integers, and holds them already
    /// if `isQuantized`.
    func apply(to x: Matrix, _ memory: QuantizedRows, isQuantized: Bool = false, into y: Matrix, adding: Bool = false) {
        switch weight {
        case .single(let weight): multiply(x, weight, y, adding: adding, rectifying: false)
        case .quantized(let weight):
            if !isQuantized {
                nnf_quantize(
                    Matrix.instructions, weight.integers, y.rows, inputs, x.start, x.stride, memory.start,
                    memory.stride, memory.steps)
            }
            var product = nnf_quantized_product(
                integers: weight.integers, rows: y.rows, inputs: inputs, outputs: paddedOutputs, x: memory.start,
                x_stride: memory.stride, x_steps: memory.steps, panels: weight.panels.start,
                starts: weight.starts.start, weight_steps: weight.steps.start, bias: weight.bias.start, y: y.start,
                y_stride: y.stride, is_adding: adding)
            nnf_multiply_quantized(Matrix.instructions, &product)
        }
    }

    private func multiply(_ x: Matrix, _ weight: PackedWeight, _ y: Matrix, adding: Bool, rectifying: Bool) {
        assert(x.columns >= inputs && x.rows >= y.rows && y.columns >= paddedOutputs)
        var product = nnf_product(
            rows: y.rows, inputs: inputs, outputs: paddedOutputs, x: x.start, x_stride: x.stride,
            panels: weight.panels.start, bias: weight.bias.start, y: y.start, y_stride: y.stride, is_adding: adding,
            is_rectifying: rectifying)
        nnf_multiply(Matrix.instructions, &product)
    }
}

/// Memory for a matrix as integers of either size.
struct QuantizedRows {
    let start: UnsafeMutablePointer<UInt8>
    /// Bytes from the start of one row to the next.
    let stride: Int
    /// By row.
    let steps: UnsafeMutablePointer<Float>
}
