extension CostModel {
    /// Primitive operations for each element written (read, for reductions and normalisations), spelled out as the
    /// operator's definition in the ONNX specification computes it. Operators that are missing compute nothing.
    static let primitivesPerElement: [String: UInt64] = {
        let lists: [(UInt64, [String])] = [
            (1, [
                "Abs", "Acos", "Acosh", "Add", "And", "ArgMax", "ArgMin", "Asin", "Asinh", "Atan",
                "Atanh", "BitShift", "BitwiseAnd", "BitwiseNot", "BitwiseOr", "BitwiseXor", "Ceil",
                "Cos", "Cosh", "CumSum", "Div", "Equal", "Erf", "Exp", "Floor",
                "GlobalAveragePool", "GlobalMaxPool", "Greater", "GreaterOrEqual", "IsInf", "IsNaN",
                "Less", "LessOrEqual", "Log", "Mod", "Mul", "Neg", "Not", "Or", "Pow", "Reciprocal",
                "ReduceMax", "ReduceMean", "ReduceMin", "ReduceProd", "ReduceSum", "Relu", "Round",
                "Sign", "Sin", "Sinh", "Sqrt", "Sub", "Tan", "Tanh", "TopK", "Where", "Xor",
            ]),
            (2, [
                "BatchNormalization", "Clip", "DequantizeLinear", "GlobalLpPool", "LeakyRelu",
                "PRelu", "ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp",
                "ReduceSumSquare", "Softsign", "ThresholdedRelu", "Hardmax",
            ]),
            (3, ["Elu", "QuantizeLinear", "Shrink", "Softplus", "LpNormalization"]),
            (4, ["Celu", "HardSigmoid", "Selu", "Sigmoid", "RMSNormalization",
                "SimplifiedLayerNormalization"]),
            (5, ["DynamicQuantizeLinear", "HardSwish", "Softmax", "Swish", "com.microsoft::QuickGelu",
                "com.microsoft::SkipSimplifiedLayerNormalization"]),
            (6, ["Gelu", "LogSoftmax", "Mish", "RotaryEmbedding", "com.microsoft::Gelu"]),
            (7, [
                "GroupNormalization", "InstanceNormalization", "LayerNormalization", "LRN",
                "MeanVarianceNormalization", "Resize", "Upsample", "com.microsoft::BiasGelu",
            ]),
            (8, ["com.microsoft::FastGelu", "com.microsoft::SkipLayerNormalization", "GridSample",
                "RoiAlign", "com.microsoft::EmbedLayerNormalization"]),
        ]
        var counts: [String: UInt64] = [:]
        for (count, names) in lists {
            for name in names { counts[name] = count }
        }
        return counts
    }()
}
