internal import NNFGraph

/// Operators that make tensors from nothing but their attributes and shape vectors.
enum ConstantRules {
    static let table: [String: OperatorRule] = [
        "Constant": { context throws(Failure) in try constant(&context) },
        "ConstantOfShape": { context throws(Failure) in try constantOfShape(&context) },
        "Range": { context throws(Failure) in try range(&context) },
        "OneHot": { context throws(Failure) in try oneHot(&context) },
    ]

    /// One of several attributes holds the value; `value` (a tensor) is the only one before operator set 12.
    private static func constant(_ context: inout OperatorContext) throws(Failure) {
        if let tensor = context.node.tensors["value"] ?? context.node.tensors["sparse_value"] {
            try context.setOutput(0, value(of: tensor, in: context))
            return
        }
        let attributes = context.node.attributes
        for name in ["value_int", "value_ints", "value_float", "value_floats", "value_string", "value_strings"] {
            guard let attribute = attributes[name] else { continue }
            try context.setOutput(0, value(of: attribute))
            return
        }
        throw context.invalid("none of its attributes holds a value")
    }

    private static func value(
        of tensor: OnnxTensor, in context: OperatorContext
    ) throws(Failure) -> InferredValue {
        do {
            return try InferredValue(tensor)
        } catch {
            throw Failure(error.code, "\(context.nodeDescription): \(error.message)")
        }
    }

    private static func value(of attribute: AttributeValue) -> InferredValue {
        switch attribute {
        case .int(let number): value(.int64, .integers([number]), isScalar: true)
        case .ints(let numbers): value(.int64, .integers(numbers), isScalar: false)
        case .float(let number): value(.float, .reals([Double(number)]), isScalar: true)
        case .floats(let numbers): value(.float, .reals(numbers.map { Double($0) }), isScalar: false)
        case .string: InferredValue(type: TensorType(.string, []))
        case .strings(let texts): InferredValue(type: TensorType(.string, [Dimension(texts.count)]))
        }
    }

    private static func value(
        _ elementType: ElementType, _ elements: ConstantElements, isScalar: Bool
    ) -> InferredValue {
        let extents = isScalar ? [] : [elements.count]
        let constant = ConstantValue(elementType: elementType, extents: extents, elements: elements)
        return elements.count <= Limits.constantElements
            ? InferredValue(constant)
            : InferredValue(type: TensorType(elementType, extents.map { Dimension($0) }))
    }

    private static func constantOfShape(_ context: inout OperatorContext) throws(Failure) {
        let shape = try context.shapeArgument(0)
        let filling: InferredValue =
            if let tensor = context.node.tensors["value"] {
                try value(of: tensor, in: context)
            } else {
                InferredValue(ConstantValue(elementType: .float, extents: [], elements: .reals([0])))
            }
        if let count = filling.type.elementCount, count != 1 {
            throw context.invalid("attribute 'value' has \(count) elements; it must have one")
        }
        var result = InferredValue(type: TensorType(filling.type.elementType, shape))
        if let extents = shape?.knownExtents, let count = ConstantValue.elementCount(of: extents) {
            result.constant = filling.constant?.picked(
                at: Array(repeating: 0, count: count), extents: extents)
        }
        try context.setOutput(0, result)
    }

    /// `start`, `limit` and `delta` are scalars; the result holds max(⌈(limit − start) / delta⌉, 0) numbers.
    private static func range(_ context: inout OperatorContext) throws(Failure) {
        let elementType = context.elementType(firstKnownOf: 0..<3)
        for index in 0..<3 { _ = try context.requiredInput(index) }
        if let start = context.constantInteger(0), let limit = context.constantInteger(1),
            let delta = context.constantInteger(2)
        {
            try context.setOutput(0, integers(from: start, to: limit, by: delta, elementType, context))
            return
        }
        if let start = context.constantReals(0)?.first, let limit = context.constantReals(1)?.first,
            let delta = context.constantReals(2)?.first
        {
            try context.setOutput(0, reals(from: start, to: limit, by: delta, elementType, context))
            return
        }
        // The form in which exporters count positions: 0, 1, … up to an open extent.
        let countsUp = context.constantInteger(0) == 0 && context.constantInteger(2) == 1
        let count = countsUp ? context.heldExtents(1)?.first : nil
        try context.setOutput(0, elementType, [count ?? .unknown])
    }

    private static func integers(
        from start: Int, to limit: Int, by delta: Int, _ elementType: ElementType,
        _ context: OperatorContext
    ) throws(Failure) -> InferredValue {
        guard delta != 0 else { throw context.invalid("the step of the range is zero") }
        let span = delta > 0 ? limit.subtractingReportingOverflow(start) : start.subtractingReportingOverflow(limit)
        guard !span.overflow else {
            throw context.invalid("the range from \(start) to \(limit) is too large")
        }
        guard span.partialValue > 0 else {
            return InferredValue(ConstantValue(elementType: elementType, extents: [0], elements: .integers([])))
        }
        let (whole, rest) = UInt(span.partialValue).quotientAndRemainder(dividingBy: delta.magnitude)
        guard let count = Int(exactly: whole + (rest > 0 ? 1 : 0)) else {
            throw context.invalid("the range from \(start) to \(limit) is too large")
        }
        guard count <= Limits.constantElements else {
            return InferredValue(type: TensorType(elementType, [Dimension(count)]))
        }
        // Every element lies between start and limit: nothing wraps.
        let elements = (0..<count).map { Int64(start &+ $0 &* delta) }
        return InferredValue(
            ConstantValue(elementType: elementType, extents: [count], elements: .integers(elements)))
    }

    private static func reals(
        from start: Double, to limit: Double, by delta: Double, _ elementType: ElementType,
        _ context: OperatorContext
    ) throws(Failure) -> InferredValue {
        let exactCount = ((limit - start) / delta).rounded(.up)
        guard delta != 0, let count = Int(exactly: max(exactCount, 0)) else {
            throw context.invalid("the range from \(start) to \(limit) by \(delta) has no length")
        }
        var result = InferredValue(type: TensorType(elementType, [Dimension(count)]))
        if count <= Limits.constantElements {
            let elements = (0..<count).map { start + Double($0) * delta }
            result.constant = ConstantValue(
                elementType: elementType, extents: [count], elements: .reals(elements))
        }
        return result
    }

    /// `indices` (any shape), `depth` (one number), `values` (off, on): an axis of `depth` is inserted at `axis`.
    private static func oneHot(_ context: inout OperatorContext) throws(Failure) {
        let indices = try context.requiredShape(0)
        _ = try context.requiredInput(1)
        _ = try context.requiredInput(2)
        // An exporter may write the depth as a floating-point number; the fraction does not count.
        let realDepth = context.constantReals(1)?.first.flatMap { Int(exactly: $0.rounded(.towardZero)) }
        let depth = realDepth ?? context.constantInteger(1)
        if let depth, depth < 1 { throw context.invalid("the depth is \(depth); it must be positive") }
        let depthExtent = depth.map { Dimension($0) } ?? context.heldExtents(1)?.first ?? .unknown
        guard let indices else {
            try context.setOutput(0, context.elementType(2), nil)
            return
        }
        let axis = try context.normalizedAxis(
            try context.intAttribute("axis", default: -1), rank: indices.count + 1)
        var shape = indices
        shape.insert(depthExtent, at: axis)
        var result = InferredValue(type: TensorType(context.elementType(2), shape))
        if let extents = shape.knownExtents, let depth, let hot = context.constantIntegers(0) {
            result.constant = encoded(
                hot, depth: depth, trailing: extents.dropFirst(axis + 1), extents: extents,
                values: context.input(2)?.constant)
        }
        try context.setOutput(0, result)
    }

    /// - Parameter trailing: extents behind the inserted axis; their product is the distance of two positions on it.
    private static func encoded(
        _ hot: [Int], depth: Int, trailing: ArraySlice<Int>, extents: [Int], values: ConstantValue?
    ) -> ConstantValue? {
        guard let count = ConstantValue.elementCount(of: extents), count > 0,
            let inner = ConstantValue.elementCount(of: Array(trailing)), inner > 0,
            let values, values.elements.count == 2
        else { return nil }
        var picks: [Int] = []
        picks.reserveCapacity(count)
        for position in 0..<count {
            let (block, place) = (position / (inner * depth), position % inner)  // Both factors are ≤ count.
            let category = position / inner % depth
            guard hot.indices.contains(block * inner + place) else { return nil }
            let index = hot[block * inner + place]
            // A negative index counts from the end; one out of range gives "off" everywhere.
            picks.append(index == category || (index < 0 && index &+ depth == category) ? 1 : 0)
        }
        return values.picked(at: picks, extents: extents)
    }
}
