import NNFKernels
import NNFWeights

/// Layer normalisation with ε = 1e-5 (Ba, Kiros and Hinton 2016, arXiv 1607.06450).
struct LayerNormalization: Sendable {
    /// Both [width].
    let scale: WeightsTensor
    let shift: WeightsTensor

    /// x and y: rows × width or wider, of which the first `width` columns count; they may be the same.
    func apply(to x: Matrix, into y: Matrix) {
        scale.withElements { scale in
            shift.withElements { shift in
                guard let factors = scale.baseAddress, let summands = shift.baseAddress else { return }
                nnf_normalize(
                    Matrix.instructions, x.rows, scale.count, x.start, x.stride, factors, summands, 1e-5, y.start,
                    y.stride)
            }
        }
    }
}
