import NNFKernels

/// Logarithms of milliseconds are clamped to this: from 10⁻¹³ to 3.3 million.
let logarithmRange = -30.0...15.0

/// exp(clamp(z)) milliseconds. NaN stays NaN.
func milliseconds(logarithm: Float) -> Double {
    nnf_exp(min(max(Double(logarithm), logarithmRange.lowerBound), logarithmRange.upperBound))
}
