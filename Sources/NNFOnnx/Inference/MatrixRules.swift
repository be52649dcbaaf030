internal import NNFGraph

/// Matrix products.
enum MatrixRules {
    static let table: [String: OperatorRule] = [
        "MatMul": { (context: inout OperatorContext) throws(Failure) in
            try multiply(&context, right: 1, resultType: context.elementType(firstKnownOf: 0...1))
        },
        "MatMulInteger": { (context: inout OperatorContext) throws(Failure) in
            try multiply(&context, right: 1, resultType: .int32)
        },
        // a, its scale, its zero point, b, its scale, its zero point, scale of y, zero point of y.
        "QLinearMatMul": { (context: inout OperatorContext) throws(Failure) in
            try multiply(&context, right: 3, resultType: context.elementType(firstKnownOf: [7, 0]))
        },
        "Gemm": { (context: inout OperatorContext) throws(Failure) in
            try general(&context, right: 1, addend: 2, resultType: context.elementType(firstKnownOf: 0...1))
        },
        "Einsum": einsum,
        "Det": determinant,
    ]

    static let microsoftTable: [String: OperatorRule] = [
        "FusedMatMul": fusedMultiply,
        "TransposeMatMul": fusedMultiply,
        "FusedGemm": { (context: inout OperatorContext) throws(Failure) in
            try general(&context, right: 1, addend: 2, resultType: context.elementType(firstKnownOf: 0...1))
        },
        // a, b, scale of a, scale of b, …
        "MatMulIntegerToFloat": { (context: inout OperatorContext) throws(Failure) in
            try multiply(&context, right: 1, resultType: context.elementType(firstKnownOf: 2...3))
        },
        // a, b, scale of b, …; a is quantised on the way.
        "DynamicQuantizeMatMul": { (context: inout OperatorContext) throws(Failure) in
            try multiply(&context, right: 1, resultType: context.elementType(0))
        },
        "MatMulNBits": packedMultiply,
        // a, its scale, its zero point, b, its scale, its zero point, c, scale of y, zero point of y.
        "QGemm": { (context: inout OperatorContext) throws(Failure) in
            let isQuantized = context.input(7) != nil
            try general(
                &context, right: 3, addend: 6,
                resultType: isQuantized ? context.elementType(firstKnownOf: [8, 0]) : .float)
        },
    ]

    // MARK: MatMul and its kin

    private static func multiply(
        _ context: inout OperatorContext, right: Int, resultType: ElementType
    ) throws(Failure) {
        let shape = try productShape(
            context, context.requiredShape(0), context.requiredShape(right))
        try context.setOutput(0, resultType, shape)
    }

    /// The shape of NumPy's `matmul`: the last two axes are matrices, those before are broadcast; a vector on the left is
    /// a row, one on the right a column, and the axis this adds is taken away again.
    private static func productShape(
        _ context: OperatorContext, _ left: [Dimension]?, _ right: [Dimension]?
    ) throws(Failure) -> [Dimension]? {
        for shape in [left, right] where shape?.isEmpty == true {
            throw context.invalid("a scalar cannot be multiplied as a matrix")
        }
        guard let left, let right, let inner = left.last,
            let rows = right.count == 1 ? right.first : right.dropLast().last
        else { return nil }
        _ = try context.unified(
            inner, rows, "columns of \(context.describe(left)) and rows of \(context.describe(right))")
        var result = try context.broadcast(Array(left.dropLast(2)), Array(right.dropLast(2)))
        if left.count > 1 { result += left.dropLast().suffix(1) }
        if right.count > 1 { result += right.suffix(1) }
        return result
    }

    /// `FusedMatMul`: `transA` swaps the last two axes of a, `transBatchA` first moves the first of the batch axes to the
    /// place before the last axis; the same for b. Neither has an effect on vectors.
    private static func fusedMultiply(_ context: inout OperatorContext) throws(Failure) {
        var shapes: [[Dimension]?] = []
        for (index, side) in ["A", "B"].enumerated() {
            var shape = try context.requiredShape(index)
            if try context.flagAttribute("transBatch\(side)", default: false), let given = shape,
                given.count > 2
            {
                shape = given.dropFirst().dropLast() + given.prefix(1) + given.suffix(1)
            }
            if try context.flagAttribute("trans\(side)", default: false), let given = shape,
                given.count > 1
            {
                shape = given.dropLast(2) + given.suffix(2).reversed()
            }
            shapes.append(shape)
        }
        let shape = try productShape(context, shapes.first ?? nil, shapes.last ?? nil)
        try context.setOutput(0, context.elementType(firstKnownOf: 0...1), shape)
    }

    /// `MatMulNBits`: a [… , K] by a packed matrix of K rows and N columns, stated by attributes.
    private static func packedMultiply(_ context: inout OperatorContext) throws(Failure) {
        guard let rows = try context.intAttribute("K"), let columns = try context.intAttribute("N"),
            rows >= 1, columns >= 1
        else { throw context.invalid("attributes 'K' and 'N' must be given and at least 1") }
        let shape = try context.requiredShape(0, ranks: 1...Limits.rank)
        if let inner = shape?.last {
            _ = try context.unified(inner, Dimension(rows), "columns of input 0 and attribute 'K'")
        }
        try context.setOutput(
            0, context.elementType(0), shape.map { $0.dropLast() + [Dimension(columns)] })
    }

    // MARK: Gemm

    private static func general(
        _ context: inout OperatorContext, right: Int, addend: Int, resultType: ElementType
    ) throws(Failure) {
        let a = try matrix(context, 0, transposed: "transA")
        let b = try matrix(context, right, transposed: "transB")
        _ = try context.unified(a.columns, b.rows, "columns of the left and rows of the right matrix")
        let shape = [a.rows, b.columns]
        // Before operator set 7 an addend was broadcast only on request, by a rule that is hard to tell from today's.
        if context.input(addend) != nil, let added = try context.requiredShape(addend) {
            let sum = try context.broadcast(shape, added)
            guard sum.count == 2 else {
                throw context.invalid(
                    "input \(addend) of shape \(context.describe(added)) has more than two axes")
            }
            for (product, total) in zip(shape, sum) {
                _ = try context.unified(
                    product, total,
                    "the product \(context.describe(shape)) and its sum with input \(addend)")
            }
        }
        try context.setOutput(0, resultType, shape)
    }

    private static func matrix(
        _ context: OperatorContext, _ index: Int, transposed name: String
    ) throws(Failure) -> (rows: Dimension, columns: Dimension) {
        let isTransposed = try context.flagAttribute(name, default: false)
        guard let shape = try context.requiredShape(index, ranks: 1...Limits.rank),
            let first = shape.first
        else { return (.unknown, .unknown) }
        // Before operator set 7 the left side was flattened from its second axis on.
        let flattens = context.operatorSet < 7 && index == 0 && context.node.domain.isEmpty
        guard shape.count == 2 || flattens else {
            throw context.invalid(
                "input \(index) of shape \(context.describe(shape)) is no matrix")
        }
        let rest = shape.product(of: 1..<shape.count)
        return isTransposed ? (rest, first) : (first, rest)
    }

    // MARK: Others

    private static func einsum(_ context: inout OperatorContext) throws(Failure) {
        let text = try context.stringAttribute("equation", default: "")
        let equation = try EinsumEquation(text, context)
        var shapes: [[Dimension]?] = []
        for index in context.inputs.indices { shapes.append(try context.requiredShape(index)) }
        try context.setOutput(
            0, context.elementType(firstKnownOf: context.inputs.indices),
            equation.resultShape(of: shapes, context))
    }

    /// `Det`: [… , M, M] → […].
    private static func determinant(_ context: inout OperatorContext) throws(Failure) {
        let shape = try context.requiredShape(0, ranks: 2...Limits.rank)
        if let rows = shape?.dropLast().last, let columns = shape?.last {
            _ = try context.unified(rows, columns, "rows and columns of a square matrix")
        }
        try context.setOutput(0, context.elementType(0), shape.map { Array($0.dropLast(2)) })
    }
}
