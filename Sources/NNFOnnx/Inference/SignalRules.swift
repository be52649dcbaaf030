internal import NNFGraph

/// Spectra and what belongs to them. The last axis of a signal holds real numbers (1) or real and imaginary parts (2).
enum SignalRules {
    static let table: [String: OperatorRule] = [
        "DFT": fourierTransform,
        "STFT": shortTimeFourierTransform,
        "MelWeightMatrix": melWeights,
        "BlackmanWindow": window, "HammingWindow": window, "HannWindow": window,
    ]

    /// Inputs: signal, length of the transform, and since operator set 20 the axis, an attribute before.
    private static func fourierTransform(_ context: inout OperatorContext) throws(Failure) {
        let type = context.elementType(0)
        let isInverse = try context.flagAttribute("inverse", default: false)
        let isOneSided = try context.flagAttribute("onesided", default: false)
        guard var shape = try context.requiredShape(0, ranks: 2...Limits.rank) else {
            return try context.setOutput(0, type, nil)
        }
        try checkParts(shape, context)
        var axis: Int? = try context.intAttribute("axis", default: context.operatorSet < 20 ? 1 : -2)
        if context.input(2) != nil { axis = context.constantInteger(2) }
        // A one-sided inverse gives real numbers, everything else complex ones.
        let parts = isInverse && isOneSided ? 1 : 2
        guard let stated = axis else {
            let unknown = shape.dropLast().map { _ in Dimension.unknown }
            return try context.setOutput(0, type, unknown + [Dimension(parts)])
        }
        let position = try context.normalizedAxis(stated, rank: shape.count)
        guard position < shape.count - 1 else {
            throw context.invalid("axis \(stated) is that of real and imaginary parts")
        }
        var length = shape[position]
        if context.input(1) != nil {
            length = try statedLength(1, context)
        } else if isInverse && isOneSided {
            // n / 2 + 1 bins stand for an even number n of samples.
            length = try length.extent.map { (bins) throws(Failure) in
                Dimension(try context.product(max(bins, 1) - 1, 2))
            } ?? .unknown
        }
        shape[position] = isOneSided && !isInverse ? bins(of: length) : length
        shape[shape.count - 1] = Dimension(parts)
        try context.setOutput(0, type, shape)
    }

    /// Inputs: signal [B, samples, 1 or 2], step between frames, window [length], length of a frame.
    /// Output: [B, frames, bins, 2].
    private static func shortTimeFourierTransform(
        _ context: inout OperatorContext
    ) throws(Failure) {
        let shape = try context.requiredShape(0, ranks: 3...3)
        if let shape { try checkParts(shape, context) }
        _ = try context.requiredInput(1)
        var length = Dimension.unknown
        if context.input(3) != nil { length = try statedLength(3, context) }
        if context.input(2) != nil, let window = try context.requiredShape(2, ranks: 1...1)?.first {
            length = try context.unified(length, window, "lengths of window and frame")
        }
        var frames = Dimension.unknown
        if let step = context.constantInteger(1) {
            guard step >= 1 else { throw context.invalid("the step is \(step); it must be at least 1") }
            if let samples = shape?[1].extent, let frame = length.extent {
                guard samples >= frame else {
                    throw context.invalid("a frame has \(frame) samples, but the signal only \(samples)")
                }
                frames = Dimension((samples - frame) / step) + Dimension(1)
            }
        }
        let isOneSided = try context.flagAttribute("onesided", default: true)
        try context.setOutput(
            0, context.elementType(0),
            [shape?.first ?? .unknown, frames, isOneSided ? bins(of: length) : length, Dimension(2)])
    }

    /// Inputs: number of mel bands, length of the transform, sample rate, frequency bounds. Output: [bins, bands].
    private static func melWeights(_ context: inout OperatorContext) throws(Failure) {
        let bands = try statedLength(0, context)
        let length = try statedLength(1, context)
        try context.setOutput(
            0, context.elementTypeAttribute("output_datatype") ?? .float, [bins(of: length), bands])
    }

    private static func window(_ context: inout OperatorContext) throws(Failure) {
        try context.setOutput(
            0, context.elementTypeAttribute("output_datatype") ?? .float, [statedLength(0, context)])
    }

    /// Distinct bins of the spectrum of `length` real samples: length / 2 + 1.
    private static func bins(of length: Dimension) -> Dimension {
        length.extent == nil ? .unknown : length / Dimension(2) + Dimension(1)
    }

    /// The number that a scalar input holds.
    private static func statedLength(
        _ index: Int, _ context: OperatorContext
    ) throws(Failure) -> Dimension {
        let input = try context.requiredInput(index)
        if let count = input.type.elementCount, count != 1 {
            throw context.invalid("input \(index) must hold one element, not \(count)")
        }
        if let number = context.constantInteger(index), number < 0 {
            throw context.invalid("input \(index) is \(number); it must not be negative")
        }
        return context.heldExtents(index)?.first ?? .unknown
    }

    private static func checkParts(
        _ shape: [Dimension], _ context: OperatorContext
    ) throws(Failure) {
        guard let parts = shape.last?.extent, parts != 1, parts != 2 else { return }
        throw context.invalid("the last axis of the signal has \(parts) elements; it must have 1 or 2")
    }
}
