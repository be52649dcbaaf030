/// The rule of every operator that this library infers, by domain and name.
package enum OperatorRules {
    /// The rule of an operator, `nil` when the library does not know it. `domain` `ai.onnx` is ONNX's own, as is `""`.
    package static func rule(domain: String, operatorType: String) -> OperatorRule? {
        switch domain {
        case "", "ai.onnx": standard[operatorType]
        case "com.microsoft": microsoft[operatorType]
        default: nil
        }
    }

    /// Operators of ONNX's own domain.
    private static let standard = merged(standardTables)

    /// Operators of ONNX Runtime's domain.
    private static let microsoft = merged(microsoftTables)

    package static let standardTables: [[String: OperatorRule]] = [
        ActivationRules.table,
        ElementwiseRules.table,
        ConvolutionRules.table,
        PoolingRules.table,
        NormalizationRules.table,
        MatrixRules.table,
        AttentionRules.table,
        RecurrentRules.table,
        ReductionRules.table,
        QuantizationRules.table,
        RandomRules.table,
        SignalRules.table,
        LossRules.table,
        ConstantRules.table,
        ShapeRules.table,
        ReshapeRules.table,
        SliceRules.table,
        ConcatenationRules.table,
        GatherRules.table,
        ScatterRules.table,
        SelectionRules.table,
        PaddingRules.table,
        ResizeRules.table,
        SpatialRules.table,
        RearrangementRules.table,
        TextRules.table,
        ControlFlowRules.table,
        SequenceRules.table,
    ]

    package static let microsoftTables: [[String: OperatorRule]] = [
        ActivationRules.microsoftTable,
        ConvolutionRules.microsoftTable,
        NormalizationRules.microsoftTable,
        MatrixRules.microsoftTable,
        AttentionRules.microsoftTable,
        RecurrentRules.microsoftTable,
        QuantizationRules.microsoftTable,
    ]

    private static func merged(_ tables: [[String: OperatorRule]]) -> [String: OperatorRule] {
        tables.reduce(into: [:]) { result, table in
            // Names are unique over all tables (a test checks it), so the order of merging is of no account.
            result.merge(table) { first, _ in first }
        }
    }
}
