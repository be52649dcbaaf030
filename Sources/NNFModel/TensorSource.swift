import NNFGraph
import NNFWeights

/// Hands out the tensors of a weights file to the layers of a model, each with the shape that the layer asks for, and
/// in the end makes sure that none is left over.
struct TensorSource {
    private let file: WeightsFile
    private var taken: Set<String> = []

    init(_ file: WeightsFile) { self.file = file }

    /// The tensor, when it has that shape and only finite elements. O(elements).
    mutating func take(_ name: String, shape: [Int]) throws(Failure) -> WeightsTensor {
        guard let tensor = file.tensor(named: name) else {
            throw Failure(.malformedInput, "the weights lack tensor '\(name)' of shape \(shape)")
        }
        guard tensor.shape == shape else {
            throw Failure(
                .malformedInput, "tensor '\(name)' of the weights has shape \(tensor.shape), not \(shape)")
        }
        let firstUnusable = tensor.withElements { elements in elements.firstIndex { !$0.isFinite } }
        if let firstUnusable {
            throw Failure(
                .malformedInput, "element \(firstUnusable) of tensor '\(name)' of the weights is not finite")
        }
        taken.insert(name)
        return tensor
    }

    /// A linear layer, `prefix.weight` [outputs, inputs] and, unless told otherwise, `prefix.bias` [outputs].
    mutating func takeLinear(
        _ prefix: String, inputs: Int, outputs: Int, hasBias: Bool = true
    ) throws(Failure) -> LinearTensors {
        LinearTensors(
            weight: try take("\(prefix).weight", shape: [outputs, inputs]),
            bias: hasBias ? try take("\(prefix).bias", shape: [outputs]) : nil,
            inputs: inputs, outputs: outputs)
    }

    /// A layer normalisation, `prefix.weight` and `prefix.bias`, both [width].
    mutating func takeNormalization(_ prefix: String, width: Int) throws(Failure) -> LayerNormalization {
        LayerNormalization(
            scale: try take("\(prefix).weight", shape: [width]),
            shift: try take("\(prefix).bias", shape: [width]))
    }

    /// A tensor that no layer has taken means that file and library disagree on what the model is.
    func requireAllTaken() throws(Failure) {
        if let name = file.tensorNames.first(where: { !taken.contains($0) }) {
            throw Failure(
                .malformedInput, "the weights hold tensor '\(name)', which a model of this configuration does not have")
        }
    }
}
