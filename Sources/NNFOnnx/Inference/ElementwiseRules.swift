internal import NNFGraph

/// Element-wise operators that shape arithmetic computes with: besides the type, they infer the elements of constants.
enum ElementwiseRules {
    static let table: [String: OperatorRule] = [
        "Abs": unary(ElementFunctions.absolute),
        "Ceil": unary(ElementFunctions.ceiling),
        "Floor": unary(ElementFunctions.floor),
        "Neg": unary(ElementFunctions.negative),
        "Not": unary(ElementFunctions.not),
        "Reciprocal": unary(ElementFunctions.reciprocal),
        "Relu": unary(ElementFunctions.rectified),
        "Round": unary(ElementFunctions.round),
        "Sign": unary(ElementFunctions.sign),
        "Sqrt": unary(ElementFunctions.squareRoot),
        "Identity": identity,
        "Cast": cast,
        "CastLike": castLike,

        "Add": binary(ElementFunctions.add),
        "Sub": binary(ElementFunctions.subtract),
        "Mul": binary(ElementFunctions.multiply),
        "Div": binary(ElementFunctions.divide),
        "Mod": modulo,
        "Pow": binary(ElementFunctions.power),
        "BitShift": binary(nil),
        "BitwiseAnd": binary(nil),
        "BitwiseOr": binary(nil),
        "BitwiseXor": binary(nil),

        "Equal": binary(ElementFunctions.equal, resultType: .bool),
        "Greater": binary(ElementFunctions.greater, resultType: .bool),
        "GreaterOrEqual": binary(ElementFunctions.greaterOrEqual, resultType: .bool),
        "Less": binary(ElementFunctions.less, resultType: .bool),
        "LessOrEqual": binary(ElementFunctions.lessOrEqual, resultType: .bool),
        "And": binary(ElementFunctions.and, resultType: .bool),
        "Or": binary(ElementFunctions.or, resultType: .bool),
        "Xor": binary(ElementFunctions.xor, resultType: .bool),

        "Max": variadic(ElementFunctions.maximum),
        "Min": variadic(ElementFunctions.minimum),
        "Sum": variadic(ElementFunctions.add),
        "Mean": variadic(nil),

        "Clip": clip,
        "Where": selection,
    ]

    // MARK: One input

    private static func unary(_ function: @escaping UnaryElementFunction) -> OperatorRule {
        { (context: inout OperatorContext) throws(Failure) in
            let value = try context.requiredInput(0)
            let array = ElementArray(value)?.map(to: value.type.elementType, function)
            try context.setOutput(0, array, as: value.type)
        }
    }

    private static func identity(_ context: inout OperatorContext) throws(Failure) {
        try context.setOutput(0, context.requiredInput(0))
    }

    private static func cast(_ context: inout OperatorContext) throws(Failure) {
        guard let type = try castTarget(of: context) else {
            throw context.invalid("attribute 'to' is missing")
        }
        try cast(&context, to: type)
    }

    /// Before operator set 6, `to` was the name of the type.
    private static func castTarget(of context: OperatorContext) throws(Failure) -> ElementType? {
        guard case .string(let name)? = context.node.attributes["to"] else {
            return try context.elementTypeAttribute("to")
        }
        guard let type = namedTypes[name] else {
            throw context.invalid("attribute 'to' is '\(name)', which is no element type")
        }
        return type
    }

    private static let namedTypes: [String: ElementType] = [
        "FLOAT": .float, "UINT8": .uint8, "INT8": .int8, "UINT16": .uint16, "INT16": .int16,
        "INT32": .int32, "INT64": .int64, "STRING": .string, "BOOL": .bool, "FLOAT16": .float16,
        "DOUBLE": .double, "UINT32": .uint32, "UINT64": .uint64, "COMPLEX64": .complex64,
        "COMPLEX128": .complex128,
    ]

    private static func castLike(_ context: inout OperatorContext) throws(Failure) {
        try cast(&context, to: context.requiredInput(1).type.elementType)
    }

    private static func cast(
        _ context: inout OperatorContext, to type: ElementType
    ) throws(Failure) {
        let value = try context.requiredInput(0)
        let array = ElementArray(value)?.map(to: type, ElementFunctions.cast(to: type))
        try context.setOutput(0, array, as: TensorType(type, value.type.shape))
    }

    // MARK: Two inputs

    /// `function` is `nil` for operators that shape arithmetic does not use.
    private static func binary(
        _ function: BinaryElementFunction?, resultType: ElementType? = nil
    ) -> OperatorRule {
        { (context: inout OperatorContext) throws(Failure) in
            try binary(&context, function, resultType: resultType)
        }
    }

    private static func binary(
        _ context: inout OperatorContext, _ function: BinaryElementFunction?, resultType: ElementType?
    ) throws(Failure) {
        let left = try context.requiredInput(0)
        let right = try context.requiredInput(1)
        // `Pow` has the type of its base; everywhere else both are alike.
        let elementType = resultType ?? context.elementType(firstKnownOf: 0...1)
        if context.operatorSet < 7 {
            return try context.setOutput(0, elementType, alignedShape(context, left, right))
        }
        let shape = try context.broadcast([left.type.shape, right.type.shape])
        var array: ElementArray?
        if let function, let a = ElementArray(left), let b = ElementArray(right) {
            array = a.combined(with: b, to: elementType, function)
        }
        try context.setOutput(0, array, as: TensorType(elementType, shape))
    }

    /// Before operator set 7 the right side is aligned with a run of axes of the left one, from `axis` on, and only when
    /// `broadcast` is set; the result has the left side's shape.
    private static func alignedShape(
        _ context: OperatorContext, _ left: InferredValue, _ right: InferredValue
    ) throws(Failure) -> [Dimension]? {
        guard let leftShape = left.type.shape else { return nil }
        guard let rightShape = right.type.shape else { return leftShape }
        guard try context.flagAttribute("broadcast", default: false) else {
            return try context.unified(leftShape, rightShape, "shapes of both inputs")
        }
        guard rightShape.count <= leftShape.count else {
            throw context.invalid(
                "input 1 of shape \(context.describe(rightShape)) has more axes than input 0")
        }
        var start = leftShape.count - rightShape.count
        if let axis = try context.intAttribute("axis") {
            start = try context.normalizedAxis(axis, rank: max(leftShape.count, 1))
        }
        let run = leftShape.dropFirst(start).prefix(rightShape.count)
        guard run.count == rightShape.count else {
            throw context.invalid(
                "input 1 of shape \(context.describe(rightShape)) does not fit at axis \(start)")
        }
        for (a, b) in zip(run, rightShape) where b.extent != 1 {
            _ = try context.unified(a, b, "aligned axes of both inputs")
        }
        return leftShape
    }

    private static func modulo(_ context: inout OperatorContext) throws(Failure) {
        let isC = try context.flagAttribute("fmod", default: false)
        try binary(
            &context, isC ? ElementFunctions.remainder : ElementFunctions.modulo, resultType: nil)
    }

    // MARK: Any number of inputs

    /// `function` folds the inputs; `nil` where the result is no fold.
    private static func variadic(_ function: BinaryElementFunction?) -> OperatorRule {
        { (context: inout OperatorContext) throws(Failure) in
            var array = try ElementArray(context.requiredInput(0))
            var shapes: [[Dimension]?] = []
            for index in context.inputs.indices {
                let value = try context.requiredInput(index)
                shapes.append(value.type.shape)
                guard index > 0, let left = array else { continue }
                guard let function, let right = ElementArray(value) else {
                    array = nil
                    continue
                }
                array = left.combined(with: right, to: left.elementType, function)
            }
            let elementType = context.elementType(firstKnownOf: context.inputs.indices)
            let shape = try context.broadcast(shapes)
            try context.setOutput(0, array, as: TensorType(elementType, shape))
        }
    }

    /// The bounds are attributes before operator set 11 and optional inputs since.
    private static func clip(_ context: inout OperatorContext) throws(Failure) {
        let value = try context.requiredInput(0)
        var array = ElementArray(value)
        if context.operatorSet < 11 {
            array = nil  // Floating-point only then: nothing that shape arithmetic uses.
        }
        for (index, function) in [(1, ElementFunctions.maximum), (2, ElementFunctions.minimum)] {
            guard let bound = context.input(index) else { continue }
            if let count = bound.type.elementCount, count != 1 {
                throw context.invalid("input \(index) must hold one element, not \(count)")
            }
            guard let left = array, let right = ElementArray(bound)?.reshaped(to: []) else {
                array = nil
                continue
            }
            array = left.combined(with: right, to: left.elementType, function)
        }
        try context.setOutput(0, array, as: value.type)
    }

    /// `Where`.
    private static func selection(_ context: inout OperatorContext) throws(Failure) {
        let condition = try context.requiredInput(0)
        let left = try context.requiredInput(1)
        let right = try context.requiredInput(2)
        let shape = try context.broadcast([
            condition.type.shape, left.type.shape, right.type.shape,
        ])
        var array: ElementArray?
        if let flags = ElementArray(condition), let a = ElementArray(left),
            let b = ElementArray(right)
        {
            array = flags.selecting(a, b)
        }
        let elementType = context.elementType(firstKnownOf: 1...2)
        try context.setOutput(0, array, as: TensorType(elementType, shape))
    }
}

extension OperatorContext {
    /// Sets an output to `type` with what `array` knows of its elements.
    mutating func setOutput(
        _ index: Int, _ array: ElementArray?, as type: TensorType
    ) throws(Failure) {
        try setOutput(index, array?.inferred(as: type) ?? InferredValue(type: type))
    }
}
