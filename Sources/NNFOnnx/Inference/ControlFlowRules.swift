internal import NNFGraph

/// Operators with bodies: `If`, `Loop`, `Scan`.
enum ControlFlowRules {
    static let table: [String: OperatorRule] = [
        "If": { context throws(Failure) in try branch(&context) },
        "Loop": { context throws(Failure) in try loop(&context) },
        "Scan": { context throws(Failure) in try scan(&context) },
    ]

    /// The outputs of the branch taken, where the condition is constant; else what both branches have in common.
    private static func branch(_ context: inout OperatorContext) throws(Failure) {
        _ = try context.requiredInput(0)
        let outputs: [InferredValue]
        if let condition = context.constantInteger(0) {
            outputs = try branchOutputs(condition != 0 ? "then_branch" : "else_branch", context)
        } else {
            let then = try branchOutputs("then_branch", context)
            let otherwise = try branchOutputs("else_branch", context)
            outputs = zip(then, otherwise).map { $0.merged(with: $1) }
        }
        for (index, value) in outputs.enumerated() { try context.setOutput(index, value) }
    }

    private static func branchOutputs(
        _ name: String, _ context: OperatorContext
    ) throws(Failure) -> [InferredValue] {
        let outputs = try context.inferSubgraph(named: name, inputs: [])
        guard outputs.count == context.outputs.count else {
            throw context.invalid(
                "it names \(context.outputs.count) outputs, but its '\(name)' has \(outputs.count)")
        }
        return outputs
    }

    /// Inputs: trip count, condition, initial values of what each iteration hands to the next. The body takes the
    /// iteration number, the condition and those values, and gives the condition, those values, and what is to be collected.
    private static func loop(_ context: inout OperatorContext) throws(Failure) {
        guard context.inputs.count >= 2 else {
            throw context.invalid("it has \(context.inputs.count) inputs; a trip count and a condition are due")
        }
        var initial: [InferredValue] = []
        for index in context.inputs.indices.dropFirst(2) { initial.append(try context.requiredInput(index)) }
        let iteration = InferredValue(type: TensorType(.int64, []))
        let condition = InferredValue(
            type: TensorType(.bool, []),
            constant: context.constantInteger(1).map {
                ConstantValue(elementType: .bool, extents: [], elements: .integers([$0 == 0 ? 0 : 1]))
            })
        let body = context
        let (carried, outputs) = try settled(initial, resultsBefore: 1, context) {
            values throws(Failure) in
            try body.inferSubgraph(named: "body", inputs: [iteration, condition] + values)
        }
        let trips = tripCount(context, nextCondition: outputs.first)
        let isSkipped = trips.extent == 0
        for (index, value) in carried.enumerated() {
            try context.setOutput(index, isSkipped ? initial[index] : value)
        }
        for (index, value) in outputs.dropFirst(1 + carried.count).enumerated() {
            let collected = value.type.shape.map { [trips] + $0 }
            try context.setOutput(carried.count + index, value.type.elementType, collected)
        }
    }

    /// How many iterations a `Loop` makes, where that does not depend on what they compute.
    ///
    /// - Parameter nextCondition: what the body says of going on when it is told that the condition held so far.
    private static func tripCount(
        _ context: OperatorContext, nextCondition: InferredValue?
    ) -> Dimension {
        let limit: Dimension =
            if let count = context.constantInteger(0) {
                Dimension(max(count, 0))
            } else {
                context.heldExtents(0)?.first ?? .unknown
            }
        guard context.input(1) != nil else { return limit }
        switch context.constantInteger(1) {
        case nil: return limit.extent == 0 ? limit : .unknown
        case 0: return Dimension(0)
        default: break
        }
        guard case .integers(let next)? = nextCondition?.constant?.elements, next == [1] else {
            return limit.extent == 0 ? limit : .unknown
        }
        return context.input(0) == nil ? .unknown : limit
    }

    /// What values that each iteration hands to the next are throughout, and what the body gives for them.
    ///
    /// A body may change a value's extents from one iteration to the next. It is inferred with what the first two
    /// iterations have in common, and if that does not hold either, with no extents at all: at most three times.
    ///
    /// - Parameter resultsBefore: number of the body's outputs before those that are handed on.
    private static func settled(
        _ initial: [InferredValue], resultsBefore: Int, _ context: OperatorContext,
        _ body: ([InferredValue]) throws(Failure) -> [InferredValue]
    ) throws(Failure) -> (carried: [InferredValue], outputs: [InferredValue]) {
        func iterate(_ values: [InferredValue]) throws(Failure) -> (next: ArraySlice<InferredValue>, all: [InferredValue]) {
            let outputs = try body(values)
            guard outputs.count >= resultsBefore + values.count,
                outputs.count - resultsBefore >= context.outputs.count
            else {
                throw context.invalid(
                    "its body has \(outputs.count) outputs; it hands on \(values.count) values and names "
                        + "\(context.outputs.count) outputs")
            }
            return (outputs[resultsBefore..<(resultsBefore + values.count)], outputs)
        }
        var values = initial
        for _ in 0..<2 {
            let (next, outputs) = try iterate(values)
            let common = zip(values, next).map { $0.merged(with: $1) }
            if common == values { return (values, outputs) }
            values = common
        }
        let (next, outputs) = try iterate(values.map(\.withoutShape))
        return (zip(initial, next).map { $0.merged(with: $1) }, outputs)
    }

    /// Walks along one axis of each scanned input: the body takes state and slices, and gives state and what is stacked.
    ///
    /// In operator set 8 all tensors had a batch axis in front, which the body does not see, and lengths came first.
    private static func scan(_ context: inout OperatorContext) throws(Failure) {
        let batchRank = context.operatorSet < 9 ? 1 : 0
        let firstInput = batchRank
        guard let scannedCount = try context.intAttribute("num_scan_inputs"), scannedCount >= 1,
            scannedCount <= context.inputs.count - firstInput
        else {
            throw context.invalid("'num_scan_inputs' must count at least one and at most all of its inputs")
        }
        let stateCount = context.inputs.count - firstInput - scannedCount
        var batch = Dimension.unknown
        var initial: [InferredValue] = []
        for index in 0..<stateCount {
            let value = try context.requiredInput(firstInput + index)
            initial.append(try withoutBatch(value, rank: batchRank, &batch, context))
        }
        let inputAxes = try axes("scan_input_axes", count: scannedCount, default: 0, context)
        var length = Dimension.unknown
        var slices: [InferredValue] = []
        for (index, axis) in inputAxes.enumerated() {
            let value = try context.requiredInput(firstInput + stateCount + index)
            let scanned = try withoutBatch(value, rank: batchRank, &batch, context)
            guard var shape = scanned.type.shape else {
                slices.append(scanned.withoutShape)
                continue
            }
            let position = try context.normalizedAxis(axis, rank: shape.count)
            length = try context.unified(length, shape.remove(at: position), "lengths of the scanned axes")
            slices.append(InferredValue(type: TensorType(scanned.type.elementType, shape)))
        }
        let body = context
        let (carried, outputs) = try settled(initial, resultsBefore: 0, context) {
            [slices] values throws(Failure) in
            try body.inferSubgraph(named: "body", inputs: values + slices)
        }
        let leading = Array(repeating: batch, count: batchRank)
        for (index, value) in carried.enumerated() {
            try context.setOutput(
                index, batchRank == 0
                    ? value : InferredValue(
                        type: TensorType(value.type.elementType, value.type.shape.map { leading + $0 })))
        }
        let stacked = outputs.dropFirst(stateCount)
        let outputAxes = try axes("scan_output_axes", count: stacked.count, default: 0, context)
        for (index, (value, axis)) in zip(stacked, outputAxes).enumerated() {
            var shape = value.type.shape
            if let rank = shape?.count {
                shape?.insert(length, at: try context.normalizedAxis(axis, rank: rank + 1))
            }
            try context.setOutput(
                stateCount + index, value.type.elementType, shape.map { leading + $0 })
        }
    }

    /// `value` as the body of an old `Scan` sees it: without its first axis, which is the batch.
    private static func withoutBatch(
        _ value: InferredValue, rank: Int, _ batch: inout Dimension, _ context: OperatorContext
    ) throws(Failure) -> InferredValue {
        guard rank > 0, let shape = value.type.shape else { return value }
        guard let extent = shape.first else { throw context.invalid("an input lacks its batch axis") }
        batch = try context.unified(batch, extent, "batches of the inputs")
        return InferredValue(type: TensorType(value.type.elementType, Array(shape.dropFirst())))
    }

    private static func axes(
        _ name: String, count: Int, default axis: Int, _ context: OperatorContext
    ) throws(Failure) -> [Int] {
        let given = try context.intsAttribute(name) ?? Array(repeating: axis, count: count)
        guard given.count == count else {
            throw context.invalid("attribute '\(name)' has \(given.count) entries; it must have \(count)")
        }
        return given
    }
}
