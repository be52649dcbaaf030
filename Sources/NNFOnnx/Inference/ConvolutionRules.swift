internal import NNFGraph

/// Convolutions: input [N, C, D₁ … Dₖ], weight [M, C / group, K₁ … Kₖ] (transposed: [C, M / group, K₁ … Kₖ]).
enum ConvolutionRules {
    static let table: [String: OperatorRule] = [
        "Conv": { (context: inout OperatorContext) throws(Failure) in
            try convolve(&context, weight: 1, bias: 2, resultType: context.elementType(firstKnownOf: 0...1))
        },
        "ConvInteger": { (context: inout OperatorContext) throws(Failure) in
            try convolve(&context, weight: 1, bias: nil, resultType: .int32)
        },
        // x, its scale, its zero point, w, its scale, its zero point, scale of y, zero point of y, bias.
        "QLinearConv": { (context: inout OperatorContext) throws(Failure) in
            try convolve(&context, weight: 3, bias: 8, resultType: context.elementType(firstKnownOf: [7, 0]))
        },
        // x, w, offset, bias, mask.
        "DeformConv": { (context: inout OperatorContext) throws(Failure) in
            try convolve(&context, weight: 1, bias: 3, resultType: context.elementType(firstKnownOf: 0...1))
        },
        "ConvTranspose": transposed,
    ]

    static let microsoftTable: [String: OperatorRule] = [
        // x, w, bias, addend: an activation and an addition are part of it; neither changes the shape.
        "FusedConv": { (context: inout OperatorContext) throws(Failure) in
            try convolve(&context, weight: 1, bias: 2, resultType: context.elementType(firstKnownOf: 0...1))
        }
    ]

    private static func convolve(
        _ context: inout OperatorContext, weight: Int, bias: Int?, resultType: ElementType
    ) throws(Failure) {
        guard let operands = try Operands(context, weight: weight) else {
            return try context.setOutput(0, resultType, nil)
        }
        let group = operands.group
        let weightShape = operands.weight
        let perGroup = weightShape.count > 1 ? weightShape[1] : .unknown
        _ = try context.unified(
            operands.channels, perGroup * Dimension(group),
            "channels of the input and those the weight takes (times \(group) groups)")
        var channels = weightShape.first ?? .unknown
        if let extent = channels.extent, extent % group != 0 {
            throw context.invalid("\(extent) output channels cannot be split into \(group) groups")
        }
        channels = try unified(channels, withBias: bias, context)
        let window = try operands.window(context)
        let spatial = try window.slid(over: operands.spatial, roundsUp: false, context)
        try context.setOutput(0, resultType, [operands.batch, channels] + spatial)
    }

    private static func transposed(_ context: inout OperatorContext) throws(Failure) {
        let resultType = context.elementType(firstKnownOf: 0...1)
        guard let operands = try Operands(context, weight: 1) else {
            return try context.setOutput(0, resultType, nil)
        }
        let rank = operands.spatial.count
        let weightShape = operands.weight
        _ = try context.unified(
            operands.channels, weightShape.first ?? .unknown, "channels of the input and of the weight")
        if let extent = operands.channels.extent, extent % operands.group != 0 {
            throw context.invalid(
                "\(extent) input channels cannot be split into \(operands.group) groups")
        }
        var channels = (weightShape.count > 1 ? weightShape[1] : .unknown) * Dimension(operands.group)
        channels = try unified(channels, withBias: 2, context)
        let window = try operands.window(context)
        let extra = try SlidingWindow.numbers(
            "output_padding", of: context, count: rank, atLeast: 0, default: 0)
        let spatial: [Dimension]
        if let stated = try context.intsAttribute("output_shape"), !stated.isEmpty {
            // Some exporters state batch and channels too.
            guard stated.count == rank || stated.count == rank + 2, stated.allSatisfy({ $0 >= 0 })
            else {
                throw context.invalid(
                    "attribute 'output_shape' must hold \(rank) extents that are not negative")
            }
            spatial = stated.suffix(rank).map { Dimension($0) }
        } else {
            spatial = try window.spread(from: operands.spatial, extra: extra, context)
        }
        try context.setOutput(0, resultType, [operands.batch, channels] + spatial)
    }

    /// The number of output channels, which the bias, if given, must have as its only extent.
    private static func unified(
        _ channels: Dimension, withBias index: Int?, _ context: OperatorContext
    ) throws(Failure) -> Dimension {
        guard let index, context.input(index) != nil,
            let shape = try context.requiredShape(index, ranks: 1...1), let count = shape.first
        else { return channels }
        return try context.unified(channels, count, "output channels and elements of the bias")
    }

    /// What forward and transposed convolution read alike.
    private struct Operands {
        let batch: Dimension
        let channels: Dimension
        let spatial: [Dimension]
        /// All extents of the weight; unknown ones where only the input's rank is known.
        let weight: [Dimension]
        let group: Int

        /// `nil` when the rank is unknown.
        init?(_ context: OperatorContext, weight index: Int) throws(Failure) {
            group = try context.intAttribute("group", default: 1)
            guard group >= 1 else {
                throw context.invalid("attribute 'group' is \(group); it must be at least 1")
            }
            let input = try context.requiredShape(0, ranks: 3...Limits.rank)
            let weight = try context.requiredShape(index, ranks: 3...Limits.rank)
            guard let rank = (input ?? weight)?.count else { return nil }
            let unknown = Array(repeating: Dimension.unknown, count: rank)
            let axes = input ?? unknown
            self.weight = weight ?? unknown
            guard axes.count == self.weight.count else {
                throw context.invalid(
                    "input of shape \(context.describe(axes)) and weight of shape \(context.describe(weight)) must have one rank"
                )
            }
            batch = axes.first ?? .unknown
            channels = axes.count > 1 ? axes[1] : .unknown
            spatial = Array(axes.dropFirst(2))
        }

        func window(_ context: OperatorContext) throws(Failure) -> SlidingWindow {
            var kernel = Array(weight.dropFirst(2))
            if let stated = try SlidingWindow.kernelShape(of: context, rank: kernel.count) {
                kernel =
                    try context.unified(kernel, stated, "the weight and attribute 'kernel_shape'")
                    ?? kernel
            }
            return try SlidingWindow(of: context, kernel: kernel)
        }
    }
}
