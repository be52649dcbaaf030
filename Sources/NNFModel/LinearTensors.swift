import NNFWeights

/// Weight and bias of y = x·weightᵀ + bias as the file holds them, or a part of that: some of the outputs, or what some
/// of the inputs contribute.
struct LinearTensors {
    let inputs: Int
    let outputs: Int
    /// [outputs of the whole, inputs of the whole] and [outputs of the whole].
    let weight: WeightsTensor
    let bias: WeightsTensor?
    /// Where this part begins in `weight` and in `bias`, and the distance between rows of `weight`.
    let weightOffset: Int
    let biasOffset: Int
    let weightStride: Int

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
    func outputs(_ range: Range<Int>) -> LinearTensors {
        LinearTensors(
            inputs: inputs, outputs: range.count, weight: weight, bias: bias,
            weightOffset: weightOffset + range.lowerBound * weightStride,
            biasOffset: biasOffset + range.lowerBound, weightStride: weightStride)
    }

    /// What these inputs contribute to all outputs, the bias with those from 0 on, so that parts add up to the whole.
    func inputs(_ range: Range<Int>) -> LinearTensors {
        LinearTensors(
            inputs: range.count, outputs: outputs, weight: weight, bias: range.lowerBound == 0 ? bias : nil,
            weightOffset: weightOffset + range.lowerBound, biasOffset: biasOffset, weightStride: weightStride)
    }
}
