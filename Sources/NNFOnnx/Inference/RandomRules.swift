internal import NNFGraph

/// Random numbers, and `EyeLike`, which takes its shape and type in the same way.
enum RandomRules {
    static let table: [String: OperatorRule] = [
        "RandomNormal": stated, "RandomUniform": stated,
        "RandomNormalLike": likeInput, "RandomUniformLike": likeInput,
        "Bernoulli": likeInput,
        "EyeLike": { (context: inout OperatorContext) throws(Failure) in
            _ = try context.requiredShape(0, ranks: 2...2)
            try likeInput(&context)
        },
        "Multinomial": draw,
    ]

    private static func stated(_ context: inout OperatorContext) throws(Failure) {
        guard let extents = try context.intsAttribute("shape") else {
            throw context.invalid("attribute 'shape' is missing")
        }
        guard extents.allSatisfy({ $0 >= 0 }) else {
            throw context.invalid("attribute 'shape' has a negative extent")
        }
        try context.setOutput(
            0, context.elementTypeAttribute("dtype") ?? .float, extents.map { Dimension($0) })
    }

    private static func likeInput(_ context: inout OperatorContext) throws(Failure) {
        let type = try context.requiredInput(0).type
        try context.setOutput(
            0, context.elementTypeAttribute("dtype") ?? type.elementType, type.shape)
    }

    /// `Multinomial`: [B, classes] → [B, samples].
    private static func draw(_ context: inout OperatorContext) throws(Failure) {
        let batch = try context.requiredShape(0, ranks: 2...2)?.first ?? .unknown
        let count = try context.intAttribute("sample_size", default: 1)
        guard count >= 0 else {
            throw context.invalid("attribute 'sample_size' is \(count); it must not be negative")
        }
        try context.setOutput(
            0, context.elementTypeAttribute("dtype") ?? .int32, [batch, Dimension(count)])
    }
}
