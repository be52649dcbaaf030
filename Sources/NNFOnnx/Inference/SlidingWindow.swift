internal import NNFGraph

/// A window that slides over the spatial axes of a tensor, as convolutions and poolings state it by their attributes.
///
/// All numbers come from the file. They are checked on construction (window, strides and dilations ≥ 1, padding ≥ 0) and
/// computed with so that an overflow is an error.
struct SlidingWindow {
    enum Padding {
        /// By the numbers of `pads`, zero where it is left out.
        case explicit(begin: [Int], end: [Int])
        /// So much that the output has ⌈input / stride⌉ elements (or input · stride, where the window is transposed).
        case same
    }

    /// Extents of the window; unknown ones come from a weight of unknown shape.
    let kernel: [Dimension]
    let strides: [Int]
    let dilations: [Int]
    let padding: Padding

    /// Reads `strides`, `dilations`, `pads` and `auto_pad` of the node.
    init(of context: OperatorContext, kernel: [Dimension]) throws(Failure) {
        let rank = kernel.count
        for extent in kernel where extent.extent == 0 {
            throw context.invalid("the window \(context.describe(kernel)) has no elements")
        }
        self.kernel = kernel
        strides = try Self.numbers("strides", of: context, count: rank, atLeast: 1, default: 1)
        dilations = try Self.numbers("dilations", of: context, count: rank, atLeast: 1, default: 1)
        switch try context.stringAttribute("auto_pad", default: "NOTSET") {
        case "NOTSET":
            let pads = try Self.numbers("pads", of: context, count: 2 * rank, atLeast: 0, default: 0)
            padding = .explicit(begin: Array(pads.prefix(rank)), end: Array(pads.dropFirst(rank)))
        case "VALID":
            let none = Array(repeating: 0, count: rank)
            padding = .explicit(begin: none, end: none)
        case "SAME_UPPER", "SAME_LOWER":
            padding = .same
        case let other:
            throw context.invalid("attribute 'auto_pad' is '\(other)', which the operator does not have")
        }
    }

    /// The attribute `kernel_shape` of a node with `rank` spatial axes, `nil` where it is left out.
    static func kernelShape(
        of context: OperatorContext, rank: Int
    ) throws(Failure) -> [Dimension]? {
        guard context.node.attributes["kernel_shape"] != nil else { return nil }
        return try numbers("kernel_shape", of: context, count: rank, atLeast: 1, default: 1)
            .map { Dimension($0) }
    }

    /// A list of `count` integers, each at least `minimum`; `value` in every place where the attribute is left out.
    static func numbers(
        _ name: String, of context: OperatorContext, count: Int, atLeast minimum: Int,
        default value: Int
    ) throws(Failure) -> [Int] {
        guard let numbers = try context.intsAttribute(name), !numbers.isEmpty || count == 0 else {
            return Array(repeating: value, count: count)
        }
        guard numbers.count == count else {
            throw context.invalid(
                "attribute '\(name)' has \(numbers.count) entries; the operator's shapes ask for \(count)")
        }
        for number in numbers where number < minimum {
            throw context.invalid(
                "attribute '\(name)' contains \(number); it must be at least \(minimum)")
        }
        return numbers
    }

    // MARK: Forward: convolution, pooling

    /// Extents that a window sliding over `input` gives. `roundsUp` is pooling's `ceil_mode`.
    func slid(
        over input: [Dimension], roundsUp: Bool, _ context: OperatorContext
    ) throws(Failure) -> [Dimension] {
        var result: [Dimension] = []
        for (axis, extent) in input.enumerated() {
            result.append(try slid(over: extent, axis: axis, roundsUp: roundsUp, context))
        }
        return result
    }

    private func slid(
        over input: Dimension, axis: Int, roundsUp: Bool, _ context: OperatorContext
    ) throws(Failure) -> Dimension {
        guard let axisWindow = self.axis(axis) else { return .unknown }
        let stride = axisWindow.stride
        guard let (begin, end) = axisWindow.padding else {
            if stride == 1 { return input }
            return input.extent.map { Dimension($0 / stride + ($0 % stride == 0 ? 0 : 1)) } ?? .unknown
        }
        guard let reach = try axisWindow.reach(context) else { return .unknown }
        let padding = try context.sum(begin, end)
        // A window that the padding makes up for keeps the extent, whatever it is.
        if stride == 1, try context.sum(padding, 1) == reach { return input }
        guard let extent = input.extent else { return .unknown }
        let padded = try context.sum(extent, padding)
        guard padded >= reach else {
            if extent == 0 { return Dimension(0) }
            throw context.invalid(
                "the window spans \(reach) elements of axis \(axis + 2), but the padded input has only \(padded)")
        }
        let free = padded - reach
        var steps = free / stride
        if roundsUp, free % stride != 0 {
            // The last, incomplete step counts only when its window starts before the padding at the end, as in ONNX's
            // own inference and in PyTorch.
            let start = try context.sum(context.product(steps, stride), stride)
            if start < (try context.sum(extent, begin)) { steps += 1 }  // stride > 1 here, so steps < Int.max.
        }
        return Dimension(try context.sum(steps, 1))
    }

    // MARK: Backward: transposed convolution, unpooling

    /// Extents that spreading `input` gives, each enlarged by `extra` at its end.
    func spread(
        from input: [Dimension], extra: [Int], _ context: OperatorContext
    ) throws(Failure) -> [Dimension] {
        var result: [Dimension] = []
        for (axis, (extent, extra)) in zip(input, extra).enumerated() {
            result.append(try spread(from: extent, axis: axis, extra: extra, context))
        }
        return result
    }

    private func spread(
        from input: Dimension, axis: Int, extra: Int, _ context: OperatorContext
    ) throws(Failure) -> Dimension {
        guard let axisWindow = self.axis(axis) else { return .unknown }
        let stride = axisWindow.stride
        guard let (begin, end) = axisWindow.padding else {
            if stride == 1 { return input }
            return try input.extent.map { (extent) throws(Failure) in
                Dimension(try context.product(extent, stride))
            } ?? .unknown
        }
        guard let reach = try axisWindow.reach(context) else { return .unknown }
        let padding = try context.sum(begin, end)
        let grown = try context.sum(reach, extra)
        if stride == 1, try context.sum(padding, 1) == grown { return input }
        guard let extent = input.extent else { return .unknown }
        if extent == 0 { return Dimension(0) }
        let full = try context.sum(context.product(extent - 1, stride), grown)
        guard full >= padding else {
            throw context.invalid(
                "the padding of axis \(axis + 2) takes away \(padding) of only \(full) elements")
        }
        return Dimension(full - padding)
    }

    // MARK: One axis

    private struct Axis {
        let kernel: Dimension
        let stride: Int
        let dilation: Int
        /// `nil` for `Padding.same`.
        let padding: (begin: Int, end: Int)?

        /// Input elements from the first to the last under the window; `nil` while the window is unknown.
        func reach(_ context: OperatorContext) throws(Failure) -> Int? {
            guard let extent = kernel.extent else { return nil }
            return try context.sum(context.product(extent - 1, dilation), 1)  // extent ≥ 1
        }
    }

    private func axis(_ axis: Int) -> Axis? {
        guard kernel.indices.contains(axis), strides.indices.contains(axis),
            dilations.indices.contains(axis)
        else { return nil }
        var pads: (begin: Int, end: Int)?
        if case .explicit(let begin, let end) = padding {
            guard begin.indices.contains(axis), end.indices.contains(axis) else { return nil }
            pads = (begin[axis], end[axis])
        }
        return Axis(
            kernel: kernel[axis], stride: strides[axis], dilation: dilations[axis], padding: pads)
    }
}

extension OperatorContext {
    /// The sum of two numbers from the file; an overflow is an error.
    func sum(_ left: Int, _ right: Int) throws(Failure) -> Int {
        let (sum, overflow) = left.addingReportingOverflow(right)
        guard !overflow else { throw invalid("\(left) + \(right) is no extent that a tensor can have") }
        return sum
    }

    /// The product of two numbers from the file; an overflow is an error.
    func product(_ left: Int, _ right: Int) throws(Failure) -> Int {
        let (product, overflow) = left.multipliedReportingOverflow(by: right)
        guard !overflow else { throw invalid("\(left) · \(right) is no extent that a tensor can have") }
        return product
    }
}
