/// The operators that features tell apart, each with a fixed number.
///
/// The order is part of the feature schema: new operators are appended, never inserted.
package enum OperatorVocabulary {
    /// Number of entries, the first of which stands for operators that are not listed.
    package static let count = names.count + 1

    /// 0 for an operator that is not listed.
    package static func index(of operatorName: String) -> Int { indices[operatorName] ?? 0 }

    package static func isKnown(_ operatorName: String) -> Bool { indices[operatorName] != nil }

    /// Name of entry `index`; `"unknown"` for 0 and for numbers out of range.
    package static func name(at index: Int) -> String {
        names.indices.contains(index - 1) ? names[index - 1] : "unknown"
    }

    private static let indices: [String: Int] = {
        var indices: [String: Int] = [:]
        for (position, name) in names.enumerated() { indices[name] = position + 1 }
        return indices
    }()

    private static let names: [String] = [
        "Abs", "Acos", "Acosh", "Add", "AffineGrid", "And", "ArgMax", "ArgMin", "Asin", "Asinh",
        "Atan", "Atanh", "Attention", "AveragePool", "BatchNormalization", "Bernoulli", "BitShift",
        "BitwiseAnd", "BitwiseNot", "BitwiseOr", "BitwiseXor", "BlackmanWindow", "Cast", "CastLike",
        "Ceil", "Celu", "CenterCropPad", "Clip", "Col2Im", "Compress", "Concat",
        "ConcatFromSequence", "Constant", "ConstantOfShape", "Conv", "ConvInteger", "ConvTranspose",
        "Cos", "Cosh", "CumSum", "DFT", "DeformConv", "DepthToSpace", "DequantizeLinear", "Det",
        "Div", "Dropout", "DynamicQuantizeLinear", "Einsum", "Elu", "Equal", "Erf", "Exp", "Expand",
        "EyeLike", "Flatten", "Floor", "GRU", "Gather", "GatherElements", "GatherND", "Gelu", "Gemm",
        "GlobalAveragePool", "GlobalLpPool", "GlobalMaxPool", "Greater", "GreaterOrEqual",
        "GridSample", "GroupNormalization", "HammingWindow", "HannWindow", "HardSigmoid",
        "HardSwish", "Hardmax", "Identity", "If", "InstanceNormalization", "IsInf", "IsNaN", "LRN",
        "LSTM", "LayerNormalization", "LeakyRelu", "Less", "LessOrEqual", "Log", "LogSoftmax",
        "Loop", "LpNormalization", "LpPool", "MatMul", "MatMulInteger", "Max", "MaxPool",
        "MaxRoiPool", "MaxUnpool", "Mean", "MeanVarianceNormalization", "MelWeightMatrix", "Min",
        "Mish", "Mod", "Mul", "Multinomial", "Neg", "NegativeLogLikelihoodLoss",
        "NonMaxSuppression", "NonZero", "Not", "OneHot", "Optional", "OptionalGetElement",
        "OptionalHasElement", "Or", "PRelu", "Pad", "Pow", "QLinearConv", "QLinearMatMul",
        "QuantizeLinear", "RMSNormalization", "RNN", "RandomNormal", "RandomNormalLike",
        "RandomUniform", "RandomUniformLike", "Range", "Reciprocal", "ReduceL1", "ReduceL2",
        "ReduceLogSum", "ReduceLogSumExp", "ReduceMax", "ReduceMean", "ReduceMin", "ReduceProd",
        "ReduceSum", "ReduceSumSquare", "RegexFullMatch", "Relu", "Reshape", "Resize",
        "ReverseSequence", "RoiAlign", "RotaryEmbedding", "Round", "STFT", "Scan", "Scatter",
        "ScatterElements", "ScatterND", "Selu", "SequenceAt", "SequenceConstruct", "SequenceEmpty",
        "SequenceErase", "SequenceInsert", "SequenceLength", "SequenceMap", "Shape", "Shrink",
        "Sigmoid", "Sign", "Sin", "Sinh", "Size", "Slice", "Softmax", "SoftmaxCrossEntropyLoss",
        "Softplus", "Softsign", "SpaceToDepth", "Split", "SplitToSequence", "Sqrt", "Squeeze",
        "StringConcat", "StringNormalizer", "StringSplit", "Sub", "Sum", "Swish", "Tan", "Tanh",
        "TensorScatter", "TfIdfVectorizer", "ThresholdedRelu", "Tile", "TopK", "Transpose", "Trilu",
        "Unique", "Unsqueeze", "Upsample", "Where", "Xor",
        "com.microsoft::Attention", "com.microsoft::BiasGelu",
        "com.microsoft::EmbedLayerNormalization", "com.microsoft::FastGelu",
        "com.microsoft::FusedConv", "com.microsoft::FusedMatMul", "com.microsoft::Gelu",
        "com.microsoft::MultiHeadAttention", "com.microsoft::QuickGelu",
        "com.microsoft::SkipLayerNormalization", "SimplifiedLayerNormalization",
        "com.microsoft::SkipSimplifiedLayerNormalization",
    ]
}

/// What an operator mostly does, so that a rare operator shares something with common ones.
package enum OperatorCategory: Int, CaseIterable, Sendable {
    case other, convolution, matrixProduct, recurrent, attention, pooling, normalization, reduction
    case activation, arithmetic, comparison, movement, view, quantization, controlFlow

    package init(of operatorName: String) { self = Self.members[operatorName] ?? .other }

    private static let members: [String: OperatorCategory] = {
        let lists: [(OperatorCategory, [String])] = [
            (.convolution, ["Conv", "ConvInteger", "ConvTranspose", "DeformConv", "QLinearConv",
                "com.microsoft::FusedConv"]),
            (.matrixProduct, ["Einsum", "Gemm", "MatMul", "MatMulInteger", "QLinearMatMul",
                "com.microsoft::FusedMatMul"]),
            (.recurrent, ["GRU", "LSTM", "RNN"]),
            (.attention, ["Attention", "RotaryEmbedding", "com.microsoft::Attention",
                "com.microsoft::MultiHeadAttention"]),
            (.pooling, ["AveragePool", "GlobalAveragePool", "GlobalLpPool", "GlobalMaxPool", "LpPool",
                "MaxPool", "MaxRoiPool", "MaxUnpool", "RoiAlign"]),
            (.normalization, ["BatchNormalization", "GroupNormalization", "InstanceNormalization",
                "LRN", "LayerNormalization", "LogSoftmax", "LpNormalization",
                "MeanVarianceNormalization", "RMSNormalization", "SimplifiedLayerNormalization",
                "Softmax", "Hardmax", "com.microsoft::EmbedLayerNormalization",
                "com.microsoft::SkipLayerNormalization",
                "com.microsoft::SkipSimplifiedLayerNormalization"]),
            (.reduction, ["ArgMax", "ArgMin", "CumSum", "ReduceL1", "ReduceL2", "ReduceLogSum",
                "ReduceLogSumExp", "ReduceMax", "ReduceMean", "ReduceMin", "ReduceProd",
                "ReduceSum", "ReduceSumSquare", "TopK"]),
            (.activation, ["Celu", "Clip", "Elu", "Erf", "Exp", "Gelu", "HardSigmoid", "HardSwish",
                "LeakyRelu", "Log", "Mish", "PRelu", "Relu", "Selu", "Shrink", "Sigmoid",
                "Softplus", "Softsign", "Swish", "Tanh", "ThresholdedRelu",
                "com.microsoft::BiasGelu", "com.microsoft::FastGelu", "com.microsoft::Gelu",
                "com.microsoft::QuickGelu"]),
            (.arithmetic, ["Abs", "Acos", "Acosh", "Add", "Asin", "Asinh", "Atan", "Atanh",
                "BitShift", "BitwiseAnd", "BitwiseNot", "BitwiseOr", "BitwiseXor", "Ceil", "Cos",
                "Cosh", "Div", "Floor", "Max", "Mean", "Min", "Mod", "Mul", "Neg", "Pow",
                "Reciprocal", "Round", "Sign", "Sin", "Sinh", "Sqrt", "Sub", "Sum", "Tan"]),
            (.comparison, ["And", "Equal", "Greater", "GreaterOrEqual", "IsInf", "IsNaN", "Less",
                "LessOrEqual", "Not", "Or", "Where", "Xor"]),
            (.movement, ["CenterCropPad", "Col2Im", "Compress", "Concat", "ConstantOfShape",
                "DepthToSpace", "Expand", "Gather", "GatherElements", "GatherND", "GridSample",
                "NonZero", "OneHot", "Pad", "Range", "Resize", "ReverseSequence", "Scatter",
                "ScatterElements", "ScatterND", "Slice", "SpaceToDepth", "Split", "TensorScatter",
                "Tile", "Transpose", "Trilu", "Unique", "Upsample"]),
            (.view, ["Cast", "CastLike", "Dropout", "Flatten", "Identity", "Reshape", "Shape",
                "Size", "Squeeze", "Unsqueeze"]),
            (.quantization, ["DequantizeLinear", "DynamicQuantizeLinear", "QuantizeLinear"]),
            (.controlFlow, ["If", "Loop", "Scan", "SequenceMap"]),
        ]
        var members: [String: OperatorCategory] = [:]
        for (category, names) in lists {
            for name in names { members[name] = category }
        }
        return members
    }()
}
