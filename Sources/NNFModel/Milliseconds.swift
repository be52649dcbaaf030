import NNFKernels

/// exp(clamp(z, −30, 15)) milliseconds: from 10⁻¹³ to 3.3 million. NaN stays NaN.
func milliseconds(logarithm: Float) -> Double {
    nnf_exp(min(max(Double(logarithm), -30), 15))
}
