import NNFGraph

/// The inputs of a model with every extent fixed, by the file or by the caller.
///
/// An axis that the file names (`dim_param`) has one extent wherever the name occurs. Extents below 1 in the file stand for
/// open axes: exporters write 0 and -1 for "any".
struct InputBinding {
    private(set) var types: [TensorType] = []
    /// Extents of the file's named axes.
    private(set) var parameterExtents: [String: Int] = [:]
    /// The first extent of the file that the caller has replaced by another, in words; `nil` when there is none.
    private(set) var replacement: String?

    /// - Throws: `openAxis` for an axis that nobody fixes; `notFound` for a shape of an input that does not exist;
    ///   `invalidArgument` for extents that are not positive or contradict each other.
    init(_ inputs: [OnnxValue], options: ImportOptions) throws(Failure) {
        if let batchSize = options.batchSize, batchSize < 1 {
            throw Failure(.invalidArgument, "the batch size is \(batchSize), it has to be at least 1")
        }
        let given = try Self.matched(options.inputShapes, to: inputs)
        var axesOfInputs: [[Axis]?] = []
        for (position, input) in inputs.enumerated() {
            let axes = try Self.axes(
                of: input, given: given[position], batchSize: options.batchSize)
            for (number, axis) in (axes ?? []).enumerated() {
                try note(axis, number: number, of: input)
            }
            axesOfInputs.append(axes)
        }
        for (input, axes) in zip(inputs, axesOfInputs) {
            types.append(TensorType(input.elementType, try shape(of: input, axes: axes)))
        }
    }

    private struct Axis {
        let declared: OnnxAxis
        var extent: Int?
    }

    // MARK: What the caller gives

    /// The shape given for each input, by position.
    private static func matched(
        _ shapes: [InputShape], to inputs: [OnnxValue]
    ) throws(Failure) -> [Int: [Int64]] {
        var given: [Int: [Int64]] = [:]
        for shape in shapes {
            let position: Int
            if let name = shape.name {
                guard let found = inputs.firstIndex(where: { $0.name == name }) else {
                    throw Failure(.notFound, "the model has no input '\(name)'; \(listing(inputs))")
                }
                position = found
            } else {
                guard inputs.count == 1 else {
                    throw Failure(
                        .invalidArgument,
                        "an input shape without a name needs a model with one input; \(listing(inputs))")
                }
                position = 0
            }
            let name = inputs[position].name
            if let bad = shape.extents.first(where: { $0 < 1 && $0 != -1 }) {
                throw Failure(
                    .invalidArgument,
                    "the shape given for input '\(name)' holds \(bad): extents are at least 1, or -1 for what the file has")
            }
            guard shape.extents.count <= Limits.rank else {
                throw Failure(
                    .limitExceeded, "the shape given for input '\(name)' has more than \(Limits.rank) axes")
            }
            guard given.updateValue(shape.extents, forKey: position) == nil else {
                throw Failure(.invalidArgument, "the shape of input '\(name)' is given twice")
            }
        }
        return given
    }

    private static func listing(_ inputs: [OnnxValue]) -> String {
        if inputs.isEmpty { return "it has none" }
        let names = inputs.prefix(8).map { "'\($0.name)'" }.joined(separator: ", ")
        return "its inputs are \(names)" + (inputs.count > 8 ? " and \(inputs.count - 8) more" : "")
    }

    /// Axes with the extents that file and caller give them; `nil` where the rank is unknown.
    private static func axes(
        of input: OnnxValue, given: [Int64]?, batchSize: Int64?
    ) throws(Failure) -> [Axis]? {
        guard let declared = input.axes ?? given.map({ $0.map { _ in .unspecified } }) else { return nil }
        guard declared.count <= Limits.rank else {
            throw Failure(.limitExceeded, "input '\(input.name)' has more than \(Limits.rank) axes")
        }
        if let given, given.count != declared.count {
            throw Failure(
                .invalidArgument,
                "input '\(input.name)' has \(declared.count) axes, the shape given for it \(given.count)")
        }
        var axes: [Axis] = declared.map { axis in
            guard case .extent(let extent) = axis, extent > 0 else { return Axis(declared: axis) }
            return Axis(declared: axis, extent: Int(exactly: extent))
        }
        for (number, extent) in (given ?? []).enumerated() where extent != -1 {
            axes[number].extent = Int(exactly: extent)
        }
        if let batchSize, !axes.isEmpty {
            if let extent = given?.first, extent != -1, extent != batchSize {
                throw Failure(
                    .invalidArgument,
                    "the batch size is \(batchSize), but the shape given for input '\(input.name)' begins with \(extent)")
            }
            axes[0].extent = Int(exactly: batchSize)
        }
        return axes
    }

    /// Keeps what an axis says of named axes, and whether the caller has replaced what the file states.
    private mutating func note(
        _ axis: Axis, number: Int, of input: OnnxValue
    ) throws(Failure) {
        guard let extent = axis.extent else { return }
        switch axis.declared {
        case .extent(let stated) where stated > 0 && stated != Int64(extent):
            if replacement == nil {
                replacement = "axis \(number) of input '\(input.name)' is \(stated) there, \(extent) was asked for"
            }
        case .parameter(let name):
            if let other = parameterExtents[name], other != extent {
                throw Failure(
                    .invalidArgument,
                    "axis '\(name)' of the model is given as \(other) and, at input '\(input.name)' axis \(number), as \(extent)")
            }
            parameterExtents[name] = extent
        default:
            break
        }
    }

    // MARK: What has to be known

    private func shape(of input: OnnxValue, axes: [Axis]?) throws(Failure) -> [Dimension]? {
        guard let axes else {
            // Sequences, maps and optionals have no shape.
            if input.elementType == .undefined { return nil }
            throw Failure(
                .openAxis,
                "input '\(input.name)' has no shape in the file: give its extents")
        }
        let extents = axes.map { axis in
            if case .parameter(let name) = axis.declared { axis.extent ?? parameterExtents[name] } else { axis.extent }
        }
        guard let open = extents.firstIndex(of: nil) else { return extents.map { Dimension($0 ?? -1) } }
        var name = ""
        if case .parameter(let parameter) = axes[open].declared, !parameter.isEmpty {
            name = " ('\(parameter)')"
        }
        let pattern = zip(axes, extents).enumerated().map { number, axis in
            if let extent = axis.1 { return "\(extent)" }
            if number == 0 { return "N" }
            if case .parameter(let parameter) = axis.0.declared, !parameter.isEmpty { return parameter }
            return "?"
        }
        throw Failure(
            .openAxis,
            "input '\(input.name)' axis \(open)\(name) is open in \(pattern.joined(separator: "x")): "
                + "give its extent\(open == 0 ? ", or a batch size" : "")")
    }
}
