internal import NNFGraph

/// Operators between real and quantised numbers.
enum QuantizationRules {
    static let table: [String: OperatorRule] = [
        "QuantizeLinear": quantize,
        "DequantizeLinear": dequantize,
        "DynamicQuantizeLinear": dynamicallyQuantize,
    ]

    /// Quantised operators of ONNX Runtime; each input comes with its scale and its zero point.
    static let microsoftTable: [String: OperatorRule] = [
        "QuantizeLinear": quantize,
        "DequantizeLinear": dequantize,
        "QLinearAdd": combine, "QLinearMul": combine,
        "QLinearSigmoid": ActivationRules.sameAsInput,
        "QLinearLeakyRelu": ActivationRules.sameAsInput,
        "QLinearSoftmax": ActivationRules.sameAsInput,
        "QLinearGlobalAveragePool": globalPool,
    ]

    /// The type is the zero point's, else `output_dtype`, else uint8.
    private static func quantize(_ context: inout OperatorContext) throws(Failure) {
        try checkParameters(context)
        let shape = try context.requiredShape(0)
        var type = try context.elementTypeAttribute("output_dtype") ?? .uint8
        if let zeroPoint = context.input(2) { type = zeroPoint.type.elementType }
        try context.setOutput(0, type, shape)
    }

    /// The type is `output_dtype` where it is given, else the scale's.
    private static func dequantize(_ context: inout OperatorContext) throws(Failure) {
        try checkParameters(context)
        let shape = try context.requiredShape(0)
        let type = try context.elementTypeAttribute("output_dtype") ?? context.elementType(1)
        try context.setOutput(0, type, shape)
    }

    /// Scale and zero point are alike: scalars, one number an axis element, or blocks.
    private static func checkParameters(_ context: OperatorContext) throws(Failure) {
        let scale = try context.requiredShape(1)
        if let zeroPoint = context.input(2)?.type.elementCount,
            let count = context.input(1)?.type.elementCount, zeroPoint != count
        {
            throw context.invalid("there are \(count) scales, but \(zeroPoint) zero points")
        }
        if let shape = try context.requiredShape(0), let scale, scale.count == 1, scale != [Dimension(1)] {
            _ = try context.normalizedAxis(
                context.intAttribute("axis", default: 1), rank: shape.count)
        }
    }

    /// `DynamicQuantizeLinear`: quantised values, their scale and their zero point.
    private static func dynamicallyQuantize(_ context: inout OperatorContext) throws(Failure) {
        try context.setOutput(0, .uint8, context.requiredShape(0))
        try context.setOutput(1, .float, [])
        try context.setOutput(2, .uint8, [])
    }

    /// `QLinearAdd`, `QLinearMul`: a, its scale, its zero point, b, its scale, its zero point, those of the result.
    private static func combine(_ context: inout OperatorContext) throws(Failure) {
        let shape = try context.broadcast([context.requiredShape(0), context.requiredShape(3)])
        try context.setOutput(0, context.elementType(0), shape)
    }

    private static func globalPool(_ context: inout OperatorContext) throws(Failure) {
        let shape = try context.requiredShape(0, ranks: 3...Limits.rank)
        let hasChannelsLast = try context.flagAttribute("channels_last", default: false)
        let pooled = shape.map { shape in
            shape.enumerated().map { axis, extent in
                axis == 0 || axis == (hasChannelsLast ? shape.count - 1 : 1) ? extent : Dimension(1)
            }
        }
        try context.setOutput(0, context.elementType(0), pooled)
    }
}
