private import NNFKernels

/// The numerical features of one node. Quantities over several orders of magnitude enter as log₂(1 + x).
///
/// All are local: they depend on the node alone, so equal blocks look equal wherever they stand.
struct NodeMeasures {
    static let names: [String] =
        [
            "log2_macs", "log2_flops", "log2_activation_bytes_read", "log2_constant_bytes_read",
            "log2_bytes_written", "log2_flops_per_byte", "log2_parameters", "log2_output_elements",
            "log2_output_to_input_elements",
        ]
        + (0..<axes).map { "log2_output_axis_\($0)" }
        + (0..<axes).map { "log2_input_axis_\($0)" }
        + ["output_rank", "input_rank"]
        + ["kernel_height", "kernel_width", "stride_height", "stride_width"]
        + ["dilation_height", "dilation_width", "log2_groups", "is_depthwise"]
        + ["log2_input_channels_per_group", "log2_output_channels"]
        + alignments.map { "input_channel_utilisation_\($0)" }
        + alignments.map { "output_channel_utilisation_\($0)" }
        + alignments.map { "input_channels_multiple_of_\($0)" }
        + alignments.map { "output_channels_multiple_of_\($0)" }
        + ["log2_output_channels_per_group"]
        + blockSizes.map { "output_channels_per_group_multiple_of_\($0)" }
        + blockSizes.map { "output_axis_1_multiple_of_\($0)" }
        + ["log2_reduction_extent", "element_bits", "is_floating_point"]
        + ["activation_inputs", "constant_inputs", "outputs", "reads_graph_input"]

    /// Axes whose extents are features, from the first; a transformer's or a video network's fifth included.
    private static let axes = 5

    /// Vector widths and tile sizes that hardware rounds channels up to.
    private static let alignments: [UInt64] = [4, 8, 16, 32, 64]

    /// Sizes of the blocks of channels in layouts such as NCHW16c, which runtimes take only where channels fill them.
    private static let blockSizes: [UInt64] = [4, 8, 16]

    private(set) var values: [Float] = []

    /// GFLOPs, and megabytes read and written: read back from the features, so that equal features mean equal costs.
    var costs: [Float] {
        func amount(_ measure: Float) -> Double { nnf_exp(Double(measure) * Self.naturalLogarithmOf2) - 1 }
        // As `appendWork` orders them: FLOPs second, then the three kinds of traffic.
        return [
            Float(amount(values[1]) * 1e-9),
            Float((amount(values[2]) + amount(values[3]) + amount(values[4])) * 1e-6),
        ]
    }

    private static let naturalLogarithmOf2 = 0.693147180559945309417232121458

    init(of node: Node) {
        values.reserveCapacity(Self.names.count)
        let output = node.outputs.first ?? .unknown
        let activations = node.inputs.filter(\.isActivation)
        let input = activations.first?.type ?? .unknown
        appendWork(node, input: input, output: output)
        appendExtents(of: output)
        appendExtents(of: input)
        values.append(Float(output.shape?.count ?? 0))
        values.append(Float(input.shape?.count ?? 0))
        appendWindow(node)
        appendChannels(node, input: input, output: output)
        values.append(Float(output.elementType.sizeInBits))
        values.append(output.elementType.isFloatingPoint ? 1 : 0)
        values.append(Float(min(activations.count, 64)))
        values.append(Float(min(node.inputs.filter(\.isConstant).count, 64)))
        values.append(Float(min(node.outputs.count, 64)))
        values.append(node.inputs.contains(where: \.isGraphInput) ? 1 : 0)
    }

    private mutating func appendWork(_ node: Node, input: TensorType, output: TensorType) {
        let constantBytes = node.inputs.filter(\.isConstant)
            .reduce(UInt64(0)) { $0.saturatingAdd($1.type.bytes) }
        let read = node.cost.bytesRead
        let activationBytes = read > constantBytes ? read - constantBytes : 0
        let traffic = read.saturatingAdd(node.cost.bytesWritten)
        values.append(logarithm(node.cost.macs))
        values.append(logarithm(node.cost.flops))
        values.append(logarithm(activationBytes))
        values.append(logarithm(min(constantBytes, read)))
        values.append(logarithm(node.cost.bytesWritten))
        values.append(logarithm(node.cost.flops) - logarithm(traffic))
        values.append(logarithm(UInt64(max(node.parameterCount, 0))))
        values.append(logarithm(output.elements))
        values.append(logarithm(output.elements) - logarithm(input.elements))
    }

    private mutating func appendExtents(of type: TensorType) {
        for axis in 0..<Self.axes {
            let shape = type.shape ?? []
            values.append(logarithm(shape.indices.contains(axis) ? UInt64(shape[axis].extent ?? 0) : 0))
        }
    }

    private mutating func appendWindow(_ node: Node) {
        // A list may be as long as the file makes it, and as often as a function is called.
        func window(_ name: String) -> [Int] { node.attributes.lastInts(2, of: name) ?? [] }
        var kernel = window("kernel_shape")
        if kernel.isEmpty, OperatorCategory(of: node.operatorName) == .convolution {
            // Optional for convolutions: the weight's axes after the channels say the same.
            kernel = (node.weightShape ?? []).dropFirst(2).map { $0.extent ?? 0 }
        }
        let isWindowed = !kernel.isEmpty
        appendPair(kernel, absent: 0)
        appendPair(window("strides"), absent: isWindowed ? 1 : 0)
        appendPair(window("dilations"), absent: isWindowed ? 1 : 0)
    }

    /// Height and width; a window of one axis has height 1, of three axes its last two are taken.
    private mutating func appendPair(_ extents: [Int], absent: Int) {
        let height = extents.count >= 2 ? extents[extents.count - 2] : (extents.isEmpty ? absent : 1)
        let width = extents.last ?? absent
        values.append(Float(max(min(height, 1 << 16), 0)))
        values.append(Float(max(min(width, 1 << 16), 0)))
    }

    private mutating func appendChannels(_ node: Node, input: TensorType, output: TensorType) {
        let category = OperatorCategory(of: node.operatorName)
        let groups = UInt64(max(node.attributes.int("group") ?? 1, 1))
        var inputChannels: UInt64 = 0
        var outputChannels: UInt64 = 0
        var reduction: UInt64 = 0
        if category == .convolution {
            outputChannels = output.extent(axis: 1)
            inputChannels = input.extent(axis: 1) / groups
            reduction = node.weightElementsPerFirstAxis(input: node.weightPosition)
        } else {
            outputChannels = output.lastExtent
            inputChannels = input.lastExtent
            if category == .matrixProduct { reduction = node.cost.macs / max(output.elements, 1) }
        }
        values.append(category == .convolution ? logarithm(groups) : 0)
        values.append(category == .convolution && groups > 1 && inputChannels == 1 ? 1 : 0)
        values.append(logarithm(inputChannels))
        values.append(logarithm(outputChannels))
        Self.alignments.forEach { values.append(utilisation(inputChannels, alignedTo: $0)) }
        Self.alignments.forEach { values.append(utilisation(outputChannels, alignedTo: $0)) }
        // A cliff, where utilisation is a slope: kernels for whole blocks are taken or they are not.
        Self.alignments.forEach { values.append(isMultiple(inputChannels, of: $0)) }
        Self.alignments.forEach { values.append(isMultiple(outputChannels, of: $0)) }
        let groupOutputs = category == .convolution ? outputChannels / groups : 0
        values.append(logarithm(groupOutputs))
        Self.blockSizes.forEach { values.append(isMultiple(groupOutputs, of: $0)) }
        let blockable = output.extent(axis: 1)
        Self.blockSizes.forEach { values.append(isMultiple(blockable, of: $0)) }
        values.append(logarithm(reduction))
    }

    /// Share of the lanes that do useful work when `extent` is rounded up to a multiple of `alignment`.
    private func utilisation(_ extent: UInt64, alignedTo alignment: UInt64) -> Float {
        let groups = extent / alignment + (extent % alignment == 0 ? 0 : 1)
        return groups == 0 ? 0 : Float(extent) / Float(groups.saturatingMultiply(alignment))
    }

    /// 1 where `extent` is a positive multiple of `size`, else 0.
    private func isMultiple(_ extent: UInt64, of size: UInt64) -> Float {
        extent > 0 && extent % size == 0 ? 1 : 0
    }
}

/// log₂(1 + x).
func logarithm(_ value: UInt64) -> Float { nnf_log2f(1 + Float(value)) }

extension NodeInput {
    var isConstant: Bool { if case .constant = source { true } else { false } }
    var isGraphInput: Bool { if case .graphInput = source { true } else { false } }
    var isActivation: Bool {
        switch source {
        case .graphInput, .node: true
        case .constant, .absent: false
        }
    }
}

extension Node {
    /// Which input holds a convolution's weight.
    fileprivate var weightPosition: Int { operatorName == "QLinearConv" ? 3 : 1 }
    fileprivate var weightShape: [Dimension]? { inputShape(weightPosition) }
}

extension TensorType {
    fileprivate func extent(axis: Int) -> UInt64 {
        guard let shape, shape.indices.contains(axis) else { return 0 }
        return UInt64(shape[axis].extent ?? 0)
    }

    fileprivate var lastExtent: UInt64 { UInt64(shape?.last?.extent ?? 0) }
}
