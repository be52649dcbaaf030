internal import NNFGraph

/// Losses, which models saved in the middle of training contain: scores [N, C, D₁ … Dₖ], labels [N, D₁ … Dₖ].
enum LossRules {
    static let table: [String: OperatorRule] = [
        "NegativeLogLikelihoodLoss": loss, "SoftmaxCrossEntropyLoss": loss,
    ]

    /// Outputs: one loss for each label, or a scalar; and `SoftmaxCrossEntropyLoss`'s logarithms of probabilities.
    private static func loss(_ context: inout OperatorContext) throws(Failure) {
        let type = context.elementType(0)
        let scores = try context.requiredShape(0, ranks: 2...Limits.rank)
        let labels = try context.unified(
            scores.map { Array($0.prefix(1) + $0.dropFirst(2)) }, context.requiredShape(1),
            "shapes of labels and of scores without their classes")
        switch try context.stringAttribute("reduction", default: "mean") {
        case "none": try context.setOutput(0, type, labels)
        case "mean", "sum": try context.setOutput(0, type, [])
        case let other: throw context.invalid("attribute 'reduction' is '\(other)'")
        }
        try context.setOutput(1, type, scores)
    }
}
