internal import NNFGraph

/// `Resize` and its predecessor `Upsample`.
enum ResizeRules {
    static let table: [String: OperatorRule] = [
        "Resize": { context throws(Failure) in try resize(&context) },
        "Upsample": { context throws(Failure) in try upsample(&context) },
    ]

    /// Scales are an input; since operator set 11 sizes may be given instead, since 18 for some axes only.
    private static func resize(_ context: inout OperatorContext) throws(Failure) {
        let scalesIndex = context.operatorSet < 11 ? 1 : 2
        let input = try context.requiredInput(0)
        guard let shape = input.type.shape else {
            try context.setOutput(0, input.type.elementType, nil)
            return
        }
        let axes = try context.intsAttribute("axes").map { axes throws(Failure) in
            try context.normalizedAxes(axes, rank: shape.count)
        } ?? Array(shape.indices)
        let result: [Dimension] =
            if context.operatorSet >= 11, isGiven(context.input(3)) {
                try resized(shape, axes: axes, sizes: context.shapeArgument(3), context)
            } else if isGiven(context.input(scalesIndex)) {
                try scaled(
                    shape, axes: axes, scales: context.constantReals(scalesIndex),
                    cropping: cropping(axes: axes, rank: shape.count, context), context)
            } else {
                throw context.invalid("neither scales nor sizes are given")
            }
        try context.setOutput(0, input.type.elementType, result)
    }

    /// An empty tensor stands for an operand that is not given: operator set 11 had no other way.
    private static func isGiven(_ value: InferredValue?) -> Bool {
        guard let value else { return false }
        return value.type.shape != [Dimension(0)]
    }

    /// Scales are attributes before operator set 9, an input in 9.
    private static func upsample(_ context: inout OperatorContext) throws(Failure) {
        let input = try context.requiredInput(0)
        guard let shape = input.type.shape else {
            try context.setOutput(0, input.type.elementType, nil)
            return
        }
        let scales: [Double]?
        if context.operatorSet >= 9 {
            _ = try context.requiredInput(1)
            scales = context.constantReals(1)
        } else if context.operatorSet >= 7 {
            guard case .floats(let values)? = context.node.attributes["scales"] else {
                throw context.invalid("attribute 'scales' must be a list of floating-point numbers")
            }
            scales = values.map { Double($0) }
        } else {
            let height = try context.floatAttribute("height_scale", default: 1)
            let width = try context.floatAttribute("width_scale", default: 1)
            scales = [1, 1, Double(height), Double(width)]
        }
        try context.setOutput(
            0, input.type.elementType,
            scaled(shape, axes: Array(shape.indices), scales: scales, cropping: nil, context))
    }

    /// What part of each axis is kept before scaling: `tf_crop_and_resize` reads it from the region of interest.
    ///
    /// `nil` where nothing is cropped, one fraction an entry of `axes` otherwise (`nil` in it while unknown).
    private static func cropping(
        axes: [Int], rank: Int, _ context: OperatorContext
    ) throws(Failure) -> [Float?]? {
        guard context.operatorSet >= 11,
            try context.stringAttribute("coordinate_transformation_mode", default: "half_pixel")
                == "tf_crop_and_resize"
        else { return nil }
        // Starts of all axes, then ends.
        guard let region = context.constantReals(1) else { return axes.map { _ in nil } }
        guard region.count == 2 * axes.count else {
            throw context.invalid("the region of interest has \(region.count) entries; it must have two an axis")
        }
        return zip(region, region.dropFirst(axes.count)).map { Float($1) - Float($0) }
    }

    /// Each extent becomes ⌊extent · scale⌋, computed in single precision as runtimes do.
    private static func scaled(
        _ shape: [Dimension], axes: [Int], scales: [Double]?, cropping: [Float?]?,
        _ context: OperatorContext
    ) throws(Failure) -> [Dimension] {
        var result = shape
        if let scales, scales.count != axes.count {
            throw context.invalid("\(scales.count) scales are given for \(axes.count) axes")
        }
        for (entry, axis) in axes.enumerated() {
            guard let scale = scales?[entry] else {
                result[axis] = .unknown
                continue
            }
            guard scale > 0, scale.isFinite else {
                throw context.invalid("the scale of axis \(axis) is \(scale); it must be positive")
            }
            let kept = cropping.map { $0[entry] } ?? 1
            if scale == 1, kept == 1 { continue }
            guard let extent = shape[axis].extent, let kept else {
                result[axis] = .unknown
                continue
            }
            guard let product = Int(exactly: (Float(extent) * kept * Float(scale)).rounded(.down)),
                product >= 0
            else {
                throw context.invalid("axis \(axis) of extent \(extent) cannot be scaled by \(scale)")
            }
            result[axis] = Dimension(product)
        }
        return result
    }

    /// Each extent becomes the size given, or keeps the aspect ratio within the sizes or around them.
    private static func resized(
        _ shape: [Dimension], axes: [Int], sizes: [Dimension]?, _ context: OperatorContext
    ) throws(Failure) -> [Dimension] {
        var result = shape
        guard let sizes else {
            for axis in axes { result[axis] = .unknown }
            return result
        }
        guard sizes.count == axes.count else {
            throw context.invalid("\(sizes.count) sizes are given for \(axes.count) axes")
        }
        let policy = try context.stringAttribute("keep_aspect_ratio_policy", default: "stretch")
        guard ["stretch", "not_larger", "not_smaller"].contains(policy) else {
            throw context.invalid("'keep_aspect_ratio_policy' is '\(policy)'")
        }
        if policy == "stretch" {
            for (axis, size) in zip(axes, sizes) { result[axis] = size }
            return result
        }
        let extents = axes.map { shape[$0].extent }
        let ratios = zip(sizes, extents).map { size, extent -> Double? in
            guard let size = size.extent, let extent, extent > 0 else { return nil }
            return Double(size) / Double(extent)
        }
        let known = ratios.compactMap { $0 }
        let scale = known.count == axes.count ? (policy == "not_larger" ? known.min() : known.max()) : nil
        for (axis, extent) in zip(axes, extents) {
            guard let scale, let extent else {
                result[axis] = .unknown
                continue
            }
            // Half rounds up, as the specification has it.
            guard let size = Int(exactly: (Double(extent) * scale + 0.5).rounded(.down)) else {
                throw context.invalid("axis \(axis) of extent \(extent) cannot be scaled by \(scale)")
            }
            result[axis] = Dimension(size)
        }
        return result
    }
}
