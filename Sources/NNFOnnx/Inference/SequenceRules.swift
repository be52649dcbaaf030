internal import NNFGraph

/// Operators on sequences of tensors, and on optional values.
enum SequenceRules {
    static let table: [String: OperatorRule] = [
        "SequenceConstruct": { context throws(Failure) in try construct(&context) },
        "SequenceEmpty": { context throws(Failure) in try empty(&context) },
        "SequenceAt": { context throws(Failure) in try element(&context) },
        "SequenceInsert": { context throws(Failure) in try insert(&context) },
        "SequenceErase": { context throws(Failure) in try erase(&context) },
        "SequenceLength": { context throws(Failure) in try length(&context) },
        "SequenceMap": { context throws(Failure) in try map(&context) },
        "SplitToSequence": { context throws(Failure) in try split(&context) },
        "ConcatFromSequence": { context throws(Failure) in try concatenate(&context) },
        // An optional value is taken to be there: whether it is shows only when the network runs.
        "Optional": { context throws(Failure) in try context.setOutput(0, context.input(0) ?? .unknown) },
        "OptionalGetElement": { context throws(Failure) in try context.setOutput(0, context.requiredInput(0)) },
        "OptionalHasElement": { context throws(Failure) in try hasElement(&context) },
    ]

    private static func construct(_ context: inout OperatorContext) throws(Failure) {
        var types: [TensorType] = []
        for index in context.inputs.indices { types.append(try context.requiredInput(index).type) }
        try context.setSequence(InferredSequence(of: types))
    }

    private static func empty(_ context: inout OperatorContext) throws(Failure) {
        let elementType = try context.elementTypeAttribute("dtype") ?? .float
        try context.setSequence(
            InferredSequence(elementType: TensorType(elementType, nil), length: Dimension(0)))
    }

    private static func element(_ context: inout OperatorContext) throws(Failure) {
        let sequence = try context.requiredInput(0).sequence
        _ = try context.requiredInput(1)
        guard let sequence else { return }
        let position = try position(1, in: sequence.length, context)
        let types = sequence.elementTypes
        let type = position.flatMap { position in
            types.flatMap { $0.indices.contains(position) ? $0[position] : nil }
        }
        try context.setOutput(0, InferredValue(type: type ?? sequence.elementType))
    }

    /// The position that input `index` holds, negative ones counted from the end; `nil` while either is unknown.
    ///
    /// - Parameter count: number of valid positions.
    private static func position(
        _ index: Int, in count: Dimension, _ context: OperatorContext
    ) throws(Failure) -> Int? {
        guard let value = context.constantInteger(index), let count = count.extent else { return nil }
        guard value >= -count, value < count else {
            throw context.invalid("position \(value) is outside a sequence of \(count)")
        }
        return value < 0 ? value + count : value
    }

    private static func insert(_ context: inout OperatorContext) throws(Failure) {
        let sequence = try context.requiredInput(0).sequence
        let type = try context.requiredInput(1).type
        guard let sequence else { return }
        let length = sequence.length + Dimension(1)
        if var types = sequence.shortElementTypes {
            // A position one behind the last element is valid, but a negative one counts from the last element.
            let isNegative = context.constantInteger(2).map { $0 < 0 } ?? false
            let position = context.input(2) == nil
                ? types.count : try position(2, in: isNegative ? sequence.length : length, context)
            if let position, position <= types.count {
                types.insert(type, at: position)
                try context.setSequence(InferredSequence(of: types))
                return
            }
        }
        let common = sequence.length.extent == 0 ? type : sequence.elementType.merged(with: type)
        try context.setSequence(InferredSequence(elementType: common, length: length))
    }

    private static func erase(_ context: inout OperatorContext) throws(Failure) {
        guard let sequence = try context.requiredInput(0).sequence else { return }
        guard sequence.length.extent != 0 else { throw context.invalid("the sequence is empty") }
        let length = sequence.length - Dimension(1)
        if var types = sequence.shortElementTypes {
            let position = context.input(1) == nil
                ? types.count - 1 : try position(1, in: sequence.length, context)
            if let position, types.indices.contains(position) {
                types.remove(at: position)
                try context.setSequence(InferredSequence(of: types))
                return
            }
        }
        try context.setSequence(
            InferredSequence(elementType: sequence.elementType, length: length))
    }

    private static func length(_ context: inout OperatorContext) throws(Failure) {
        let sequence = try context.requiredInput(0).sequence
        try context.setOutput(0, InferredValue(holding: sequence?.length ?? .unknown))
    }

    /// The body takes one element of each sequence, tensors as they are, and gives one element of each result.
    private static func map(_ context: inout OperatorContext) throws(Failure) {
        let length = try context.requiredInput(0).sequence?.length ?? .unknown
        var elements: [InferredValue] = []
        for index in context.inputs.indices {
            let value = try context.requiredInput(index)
            elements.append(value.sequence.map { InferredValue(type: $0.elementType) } ?? value)
        }
        let results = try context.inferSubgraph(named: "body", inputs: elements)
        guard results.count == context.outputs.count else {
            throw context.invalid(
                "it names \(context.outputs.count) outputs, but its body has \(results.count)")
        }
        for (index, result) in results.enumerated() {
            try context.setSequence(
                InferredSequence(elementType: result.type, length: length), output: index)
        }
    }

    /// Parts of one extent (a scalar `split`, the last part may be smaller) or of given extents, or single positions.
    private static func split(_ context: inout OperatorContext) throws(Failure) {
        let input = try context.requiredInput(0)
        let sizes = try context.integers(input: 1)
        guard let shape = input.type.shape else {
            try context.setSequence(
                InferredSequence(elementType: TensorType(input.type.elementType, nil), length: .unknown))
            return
        }
        let axis = try context.normalizedAxis(
            try context.intAttribute("axis", default: 0), rank: shape.count)
        func part(_ extent: Dimension) -> TensorType {
            var extents = shape
            extents[axis] = extent
            return TensorType(input.type.elementType, extents)
        }
        switch sizes {
        case .absent:
            var single = part(Dimension(1))
            if try context.flagAttribute("keepdims", default: true) == false { single.shape?.remove(at: axis) }
            try context.setSequence(InferredSequence(elementType: single, length: shape[axis]))
        case .open(let count):
            let length = context.input(1)?.type.shape?.count == 1 ? count : nil
            try context.setSequence(
                InferredSequence(elementType: part(.unknown), length: length.map { Dimension($0) } ?? .unknown))
        case .known(let values):
            if context.input(1)?.type.shape?.isEmpty == true, let size = values.first {
                try context.setSequence(equalParts(of: shape[axis], size: size, context, part))
            } else {
                let extents = try SliceRules.checkedParts(values, of: shape[axis], context)
                try context.setSequence(InferredSequence(of: extents.map(part)))
            }
        }
    }

    private static func equalParts(
        of dimension: Dimension, size: Int, _ context: OperatorContext, _ part: (Dimension) -> TensorType
    ) throws(Failure) -> InferredSequence {
        guard size > 0 else { throw context.invalid("the parts have extent \(size)") }
        guard let extent = dimension.extent else {
            return InferredSequence(elementType: part(.unknown), length: .unknown)
        }
        let (wholeCount, rest) = extent.quotientAndRemainder(dividingBy: size)
        if rest == 0 {
            return InferredSequence(elementType: part(Dimension(size)), length: Dimension(wholeCount))
        }
        // A remainder means a size of at least 2, so that one more part cannot overflow.
        guard wholeCount < Limits.sequenceElements else {
            return InferredSequence(elementType: part(.unknown), length: Dimension(wholeCount + 1))
        }
        let whole = Array(repeating: part(Dimension(size)), count: wholeCount)
        return InferredSequence(of: whole + [part(Dimension(rest))])
    }

    /// Joins the elements along an axis they have, or stacks them along a new one.
    private static func concatenate(_ context: inout OperatorContext) throws(Failure) {
        guard let sequence = try context.requiredInput(0).sequence else { return }
        guard let axis = try context.intAttribute("axis") else {
            throw context.invalid("attribute 'axis' is missing")
        }
        let elementType = sequence.elementType.elementType
        guard var shape = sequence.elementType.shape else {
            try context.setOutput(0, elementType, nil)
            return
        }
        if try context.flagAttribute("new_axis", default: false) {
            shape.insert(sequence.length, at: try context.normalizedAxis(axis, rank: shape.count + 1))
        } else if let types = sequence.elementTypes {
            shape = try context.concatenated(types.map(\.shape), axis: axis) ?? shape
        } else {
            let position = try context.normalizedAxis(axis, rank: shape.count)
            shape[position] = shape[position] * sequence.length
        }
        try context.setOutput(0, elementType, shape)
    }

    private static func hasElement(_ context: inout OperatorContext) throws(Failure) {
        var result = InferredValue(type: TensorType(.bool, []))
        if context.input(0) == nil {
            result.constant = ConstantValue(elementType: .bool, extents: [], elements: .integers([0]))
        }
        try context.setOutput(0, result)
    }
}

extension OperatorContext {
    /// Sets the output at `index` to a sequence.
    mutating func setSequence(_ sequence: InferredSequence, output index: Int = 0) throws(Failure) {
        var value = InferredValue.unknown
        value.sequence = sequence
        try setOutput(index, value)
    }
}
