import NNFKernels
import NNFWeights

/// y = x·weightᵀ + bias, or a part of that: some of the outputs, or what some of the inputs contribute.
struct LinearLayer: Sendable {
    let inputs: Int
    let outputs: Int
    private let weight: WeightsTensor
    private let bias: WeightsTensor?
    /// Where this part begins in `weight` and in `bias`, and the distance between rows of `weight`.
    private let weightOffset: Int
    private let biasOffset: Int
    private let weightStride: Int

    /// weight: [outputs, inputs]; bias: [outputs].
    init(weight: WeightsTensor, bias: WeightsTensor?, inputs: Int, outputs: Int) {
        self.init(
            inputs: inputs, outputs: outputs, weight: weight, bias: bias, weightOffset: 0, biasOffset: 0,
            weightStride: inputs)
    }

    private init(
        inputs: Int, outputs: Int, weight: WeightsTensor, bias: WeightsTensor?, weightOffset: Int,
        biasOffset: Int, weightStride: Int
    ) {
        self.inputs = inputs
        self.outputs = outputs
        self.weight = weight
        self.bias = bias
        self.weightOffset = weightOffset
        self.biasOffset = biasOffset
        self.weightStride = weightStride
    }

    /// The layer that computes these outputs alone; `range` lies within 0 ..< `outputs`.
    func outputs(_ range: Range<Int>) -> LinearLayer {
        LinearLayer(
            inputs: inputs, outputs: range.count, weight: weight, bias: bias,
            weightOffset: weightOffset + range.lowerBound * weightStride,
            biasOffset: biasOffset + range.lowerBound, weightStride: weightStride)
    }

    /// What these inputs contribute to all outputs, the bias with those from 0 on, so that parts add up to the whole.
    func inputs(_ range: Range<Int>) -> LinearLayer {
        LinearLayer(
            inputs: range.count, outputs: outputs, weight: weight, bias: range.lowerBound == 0 ? bias : nil,
            weightOffset: weightOffset + range.lowerBound, biasOffset: biasOffset, weightStride: weightStride)
    }

    /// x: rows × inputs, y: rows × outputs. With `adding`, adds to what y holds.
    func apply(to x: Matrix, into y: Matrix, adding: Bool = false) {
        assert(x.columns == inputs && x.rows == y.rows)
        apply(to: x.start, stride: x.stride, into: y, adding: adding)
    }

    /// x: as many rows of `inputs` elements as y has, `stride` elements apart.
    func apply(to x: UnsafePointer<Float>, stride: Int, into y: Matrix, adding: Bool = false) {
        assert(y.columns == outputs)
        weight.withElements { weight in
            // Never nil: a weight has at least one element, its sizes are at least 1 (ModelConfiguration).
            guard let weight = weight.baseAddress else { return }
            func multiply(_ bias: UnsafePointer<Float>?) {
                nnf_linear(
                    y.rows, inputs, outputs, x, stride, weight + weightOffset, weightStride, bias, y.start,
                    y.stride, adding)
            }
            if let bias {
                bias.withElements { multiply($0.baseAddress.map { $0 + biasOffset }) }
            } else {
                multiply(nil)
            }
        }
    }
}
