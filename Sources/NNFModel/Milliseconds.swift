import NNFKernels

/// Logarithms of milliseconds are clamped to this: from 10⁻¹³ to 3.3 million.
let logarithmRange = -30.0...15.0

/// exp(clamp(z)) milliseconds. NaN stays NaN.
func milliseconds(logarithm: Float) -> Double {
    nnf_exp(min(max(Double(logarithm), logarithmRange.lowerBound), logarithmRange.upperBound))
}

/// ln(x) for x > 0, with a relative precision of x of 10⁻⁷; -infinity for 0 and below.
func logarithm(_ x: Double) -> Double {
    guard x > 0 else { return -.infinity }
    // The exponent apart: float32 has no room for that of every double.
    return (Double(x.exponent) + Double(nnf_log2f(Float(x.significand)))) * 0.693_147_180_559_945_3
}

/// x to the power of y, for x > 0.
func power(_ x: Double, _ y: Double) -> Double { nnf_exp(y * logarithm(x)) }
