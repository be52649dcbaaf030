import NNFKernels
import NNFWeights

/// Layer normalisation with ε = 1e-5 (Ba, Kiros and Hinton 2016, arXiv 1607.06450).
struct LayerNormalization: Sendable {
    /// Both [width].
    let scale: WeightsTensor
    let shift: WeightsTensor

    /// x and y: rows × width; they may be the same.
    func apply(to x: Matrix, into y: Matrix) {
        scale.withElements { scale in
            shift.withElements { shift in
                guard let scale = scale.baseAddress, let shift = shift.baseAddress else { return }
                nnf_layer_norm(x.rows, x.columns, x.start, x.stride, scale, shift, 1e-5, y.start, y.stride)
            }
        }
    }
}

/// A residual connection with layer scale: state ← state + scale ⊙ update (Touvron et al. 2021, arXiv 2103.17239).
struct ScaledResidual: Sendable {
    /// [width].
    let scale: WeightsTensor

    func add(_ update: Matrix, to state: Matrix) {
        scale.withElements { scale in
            guard let scale = scale.baseAddress else { return }
            nnf_add_scaled(
                state.rows, state.columns, update.start, update.stride, scale, state.start, state.stride)
        }
    }
}
