internal import NNFGraph

/// Normalisations: the first output has the input's shape, further ones hold statistics.
enum NormalizationRules {
    static let table: [String: OperatorRule] = [
        "BatchNormalization": batch,
        "InstanceNormalization": perChannel,
        "GroupNormalization": group,
        "LayerNormalization": layer,
        "RMSNormalization": layer,
        // ONNX Runtime keeps this one in ONNX's own domain.
        "SimplifiedLayerNormalization": layer,
        "LRN": localResponse,
        "LpNormalization": alongAxis,
        "MeanVarianceNormalization": ActivationRules.sameAsInput,
    ]

    static let microsoftTable: [String: OperatorRule] = [
        "GroupNorm": ActivationRules.sameAsInput,
        "LayerNormalization": layer,
        "SimplifiedLayerNormalization": layer,
        "SkipLayerNormalization": skipLayer,
        "SkipSimplifiedLayerNormalization": skipLayer,
        "EmbedLayerNormalization": embedding,
    ]

    /// Input [N, C, …]; scale, bias, mean and variance [C]. Every further output of every version is a statistic [C].
    private static func batch(_ context: inout OperatorContext) throws(Failure) {
        let type = try context.requiredInput(0).type
        // Up to operator set 8, `spatial` = 0 keeps one statistic for each element of an image.
        guard try context.flagAttribute("spatial", default: true) else {
            return try context.setOutput(0, type.elementType, type.shape)
        }
        var statistic: [Dimension]?
        for index in 1...4 {
            statistic = try context.unified(
                statistic, context.requiredShape(index, ranks: 1...1), "scale, bias, mean and variance")
        }
        let channels = try type.shape.map { (shape) throws(Failure) in try self.channels(of: shape, context) }
        statistic = try context.unified(
            statistic, channels.map { [$0] }, "channels of the input and of its statistics")
        try context.setOutput(0, type.elementType, type.shape)
        for index in 1..<5 {
            try context.setOutput(index, context.elementType(firstKnownOf: [4, 0]), statistic)
        }
    }

    /// Axis 1, or a single channel where there is none.
    private static func channels(
        of shape: [Dimension], _ context: OperatorContext
    ) throws(Failure) -> Dimension {
        guard let first = shape.first else { throw context.invalid("input 0 has no axes") }
        return shape.dropFirst().first ?? (shape.count == 1 ? Dimension(1) : first)
    }

    /// `InstanceNormalization`: input [N, C, …], scale and bias [C].
    private static func perChannel(_ context: inout OperatorContext) throws(Failure) {
        let shape = try context.requiredShape(0, ranks: 3...Limits.rank)
        for index in 1...2 {
            guard let statistic = try context.requiredShape(index, ranks: 1...1)?.first,
                let channels = shape?.dropFirst().first
            else { continue }
            _ = try context.unified(
                channels, statistic, "channels of the input and elements of input \(index)")
        }
        try ActivationRules.sameAsInput(&context)
    }

    private static func group(_ context: inout OperatorContext) throws(Failure) {
        guard let groups = try context.intAttribute("num_groups") else {
            throw context.invalid("attribute 'num_groups' is missing")
        }
        guard groups >= 1 else {
            throw context.invalid("attribute 'num_groups' is \(groups); it must be at least 1")
        }
        if let shape = try context.requiredShape(0, ranks: 3...Limits.rank),
            let channels = shape.dropFirst().first?.extent, channels % groups != 0
        {
            throw context.invalid("\(channels) channels cannot be split into \(groups) groups")
        }
        try ActivationRules.sameAsInput(&context)
    }

    /// Normalises the axes from `axis` on; mean and inverse deviation keep them with extent 1.
    private static func layer(_ context: inout OperatorContext) throws(Failure) {
        let type = try context.requiredInput(0).type
        _ = try context.requiredInput(1)
        var statistic: [Dimension]?
        if let shape = type.shape {
            let axis = try context.normalizedAxis(
                context.intAttribute("axis", default: -1), rank: shape.count)
            statistic = shape.prefix(axis) + shape.dropFirst(axis).map { _ in Dimension(1) }
        }
        // RMSNormalization's output has the type of its scale.
        let followsScale = context.node.operatorType != "LayerNormalization"
        try context.setOutput(
            0, context.elementType(firstKnownOf: followsScale ? [1, 0] : [0, 1]), type.shape)
        let statisticType = try context.elementTypeAttribute("stash_type") ?? .float
        for index in 1...2 { try context.setOutput(index, statisticType, statistic) }
    }

    private static func localResponse(_ context: inout OperatorContext) throws(Failure) {
        guard let size = try context.intAttribute("size") else {
            throw context.invalid("attribute 'size' is missing")
        }
        guard size >= 1 else {
            throw context.invalid("attribute 'size' is \(size); it must be at least 1")
        }
        try ActivationRules.sameAsInput(&context)
    }

    private static func alongAxis(_ context: inout OperatorContext) throws(Failure) {
        if let shape = try context.requiredShape(0) {
            _ = try context.normalizedAxis(
                context.intAttribute("axis", default: -1), rank: shape.count)
        }
        try ActivationRules.sameAsInput(&context)
    }

    // MARK: ONNX Runtime

    /// Outputs: normalised sum, mean, inverse deviation, the sum itself.
    private static func skipLayer(_ context: inout OperatorContext) throws(Failure) {
        let type = try context.requiredInput(0).type
        _ = try context.requiredInput(1)
        try context.setOutput(0, type.elementType, type.shape)
        let statistic: [Dimension]? = type.shape.map { $0.dropLast() + $0.suffix(1).map { _ in Dimension(1) } }
        for index in 1...2 { try context.setOutput(index, .float, statistic) }
        try context.setOutput(3, type.elementType, type.shape)
    }

    /// Inputs: token numbers [B, S], segment numbers [B, S], table of words [V, H]. Outputs: [B, S, H], mask index [B], sum.
    private static func embedding(_ context: inout OperatorContext) throws(Failure) {
        let tokens = try context.requiredShape(0, ranks: 2...2)
        let width = try context.requiredShape(2, ranks: 2...2)?.last ?? .unknown
        let positions = tokens ?? [.unknown, .unknown]
        let type = context.elementType(2)
        try context.setOutput(0, type, positions + [width])
        try context.setOutput(1, .int32, Array(positions.prefix(1)))
        try context.setOutput(2, type, positions + [width])
    }
}
