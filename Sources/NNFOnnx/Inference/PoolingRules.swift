internal import NNFGraph

/// Poolings: input [N, C, D₁ … Dₖ].
enum PoolingRules {
    static let table: [String: OperatorRule] = [
        "AveragePool": pool, "LpPool": pool, "MaxPool": pool,
        "GlobalAveragePool": globalPool, "GlobalLpPool": globalPool, "GlobalMaxPool": globalPool,
        "MaxUnpool": unpool,
        "MaxRoiPool": maxRegionPool, "RoiAlign": alignedRegionPool,
    ]

    private static func pool(_ context: inout OperatorContext) throws(Failure) {
        let type = context.elementType(0)
        guard let shape = try context.requiredShape(0, ranks: 3...Limits.rank) else {
            try context.setOutput(0, type, nil)
            return try context.setOutput(1, .int64, nil)
        }
        let spatial = Array(shape.dropFirst(2))
        let window = try window(of: context, rank: spatial.count)
        let roundsUp = try context.flagAttribute("ceil_mode", default: false)
        let pooled = try Array(shape.prefix(2)) + window.slid(over: spatial, roundsUp: roundsUp, context)
        try context.setOutput(0, type, pooled)
        try context.setOutput(1, .int64, pooled)  // MaxPool's indices.
    }

    private static func globalPool(_ context: inout OperatorContext) throws(Failure) {
        let shape = try context.requiredShape(0, ranks: 2...Limits.rank)
        try context.setOutput(
            0, context.elementType(0),
            shape.map { $0.prefix(2) + $0.dropFirst(2).map { _ in Dimension(1) } })
    }

    /// `MaxUnpool`: the output's shape may be given, which lets it exceed what the window gives.
    private static func unpool(_ context: inout OperatorContext) throws(Failure) {
        let type = context.elementType(0)
        let shape = try context.unified(
            context.requiredShape(0, ranks: 3...Limits.rank),
            context.requiredShape(1), "shapes of values and indices")
        if context.input(2) != nil {
            let stated = context.heldExtents(2)
            if let shape, let stated, stated.count != shape.count {
                throw context.invalid(
                    "input 2 states \(stated.count) extents for a tensor of rank \(shape.count)")
            }
            return try context.setOutput(
                0, type, stated ?? shape.map { $0.map { _ in Dimension.unknown } })
        }
        guard let shape else { return try context.setOutput(0, type, nil) }
        let spatial = Array(shape.dropFirst(2))
        let window = try window(of: context, rank: spatial.count)
        let none = Array(repeating: 0, count: spatial.count)
        try context.setOutput(
            0, type,
            Array(shape.prefix(2)) + window.spread(from: spatial, extra: none, context))
    }

    private static func window(
        of context: OperatorContext, rank: Int
    ) throws(Failure) -> SlidingWindow {
        guard let kernel = try SlidingWindow.kernelShape(of: context, rank: rank) else {
            throw context.invalid("attribute 'kernel_shape' is missing")
        }
        return try SlidingWindow(of: context, kernel: kernel)
    }

    // MARK: Regions of interest

    /// `MaxRoiPool`: regions [R, 5].
    private static func maxRegionPool(_ context: inout OperatorContext) throws(Failure) {
        guard context.node.attributes["pooled_shape"] != nil else {
            throw context.invalid("attribute 'pooled_shape' is missing")
        }
        let pooled = try SlidingWindow.numbers(
            "pooled_shape", of: context, count: 2, atLeast: 1, default: 1)
        try setRegions(&context, pooled)
    }

    /// `RoiAlign`: regions [R, 4], the image of each [R].
    private static func alignedRegionPool(_ context: inout OperatorContext) throws(Failure) {
        var pooled: [Int] = []
        for name in ["output_height", "output_width"] {
            let extent = try context.intAttribute(name, default: 1)
            guard extent >= 1 else {
                throw context.invalid("attribute '\(name)' is \(extent); it must be at least 1")
            }
            pooled.append(extent)
        }
        try setRegions(&context, pooled)
    }

    private static func setRegions(
        _ context: inout OperatorContext, _ pooled: [Int]
    ) throws(Failure) {
        let image = try context.requiredShape(0, ranks: 4...4)
        var regions = try context.requiredShape(1, ranks: 2...2)?.first ?? .unknown
        if context.input(2) != nil {
            let images = try context.requiredShape(2, ranks: 1...1)?.first ?? .unknown
            regions = try context.unified(regions, images, "numbers of regions and of their images")
        }
        let channels = image?.dropFirst().first ?? .unknown
        try context.setOutput(
            0, context.elementType(0), [regions, channels] + pooled.map { Dimension($0) })
    }
}
