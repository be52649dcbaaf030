internal import NNFGraph

/// Operators whose output has the shape of their first input, element-wise or along an axis of it.
enum ActivationRules {
    static let table: [String: OperatorRule] = [
        "Acos": sameAsInput, "Acosh": sameAsInput, "Asin": sameAsInput, "Asinh": sameAsInput,
        "Atan": sameAsInput, "Atanh": sameAsInput, "Cos": sameAsInput, "Cosh": sameAsInput,
        "Sin": sameAsInput, "Sinh": sameAsInput, "Tan": sameAsInput, "Tanh": sameAsInput,
        "Exp": sameAsInput, "Log": sameAsInput, "Erf": sameAsInput, "BitwiseNot": sameAsInput,
        "Celu": sameAsInput, "Elu": sameAsInput, "Gelu": sameAsInput, "HardSigmoid": sameAsInput,
        "HardSwish": sameAsInput, "LeakyRelu": sameAsInput, "Mish": sameAsInput,
        "Selu": sameAsInput, "Shrink": sameAsInput, "Sigmoid": sameAsInput,
        "Softplus": sameAsInput, "Softsign": sameAsInput, "Swish": sameAsInput,
        "ThresholdedRelu": sameAsInput,
        // Withdrawn after operator set 9, still in converted models.
        "Affine": sameAsInput, "ImageScaler": sameAsInput, "ParametricSoftplus": sameAsInput,
        "ScaledTanh": sameAsInput,

        "IsInf": truthOfInput, "IsNaN": truthOfInput,
        "PRelu": parametric,
        "Softmax": alongAxis, "LogSoftmax": alongAxis, "Hardmax": alongAxis,
        "CumSum": cumulative, "CumProd": cumulative,
        "Dropout": dropout,
    ]

    /// Activations of ONNX Runtime's domain.
    static let microsoftTable: [String: OperatorRule] = [
        "BiasDropout": dropout, "BiasGelu": sameAsInput, "BiasSoftmax": sameAsInput,
        "FastGelu": sameAsInput, "Gelu": sameAsInput, "Inverse": sameAsInput,
        "QuickGelu": sameAsInput, "BiasAdd": sameAsInput,
    ]

    static func sameAsInput(_ context: inout OperatorContext) throws(Failure) {
        let type = try context.requiredInput(0).type
        try context.setOutput(0, type.elementType, type.shape)
    }

    private static func truthOfInput(_ context: inout OperatorContext) throws(Failure) {
        try context.setOutput(0, .bool, context.requiredShape(0))
    }

    /// `PRelu`: the slope is broadcast to the input alone; before operator set 7 it was one number or one a channel.
    private static func parametric(_ context: inout OperatorContext) throws(Failure) {
        if let shape = try context.requiredShape(0), let slope = try context.requiredShape(1),
            context.operatorSet >= 7
        {
            let common = try context.broadcast(shape, slope)
            guard common.count == shape.count else {
                throw context.invalid(
                    "slope of shape \(context.describe(slope)) has more axes than the input, \(context.describe(shape))"
                )
            }
            for (axis, (a, b)) in zip(shape, common).enumerated() {
                _ = try context.unified(a, b, "axis \(axis) of the input and of the broadcast slope")
            }
        }
        try sameAsInput(&context)
    }

    /// `Softmax` and its kin. Before operator set 13, `axis` (default 1) splits the input into a matrix and may therefore
    /// equal the rank; since then it is the axis itself (default -1).
    private static func alongAxis(_ context: inout OperatorContext) throws(Failure) {
        if let shape = try context.requiredShape(0) {
            let splits = context.operatorSet < 13
            let axis = try context.intAttribute("axis", default: splits ? 1 : -1)
            if !(splits && axis == shape.count) {
                _ = try context.normalizedAxis(axis, rank: max(shape.count, 1))
            }
        }
        try sameAsInput(&context)
    }

    private static func cumulative(_ context: inout OperatorContext) throws(Failure) {
        _ = try context.requiredInput(1)
        if let shape = try context.requiredShape(0), let axis = context.constantInteger(1) {
            _ = try context.normalizedAxis(axis, rank: shape.count)
        }
        try sameAsInput(&context)
    }

    /// The mask is boolean since operator set 10 and of the input's type before.
    private static func dropout(_ context: inout OperatorContext) throws(Failure) {
        let value = try context.requiredInput(0)
        // Since operator set 12 an input says whether the network is being trained; else the elements pass unchanged.
        let drops = context.input(2) != nil && context.constantInteger(2) != 0
        try context.setOutput(0, drops ? InferredValue(type: value.type) : value)
        let hasBooleanMask = context.operatorSet >= 10 || context.node.domain == "com.microsoft"
        try context.setOutput(
            1, hasBooleanMask ? .bool : value.type.elementType, value.type.shape)
    }
}
