internal import NNFGraph

/// Recurrent layers: input [S, B, I], weight [D, gates · H, I], recurrence [D, gates · H, H], with D directions.
enum RecurrentRules {
    static let table: [String: OperatorRule] = [
        "RNN": recur(gates: 1), "GRU": recur(gates: 3), "LSTM": recur(gates: 4),
    ]

    static let microsoftTable: [String: OperatorRule] = [
        // The weights are packed as [D, I, 4 · H] and [D, H, 4 · H].
        "DynamicQuantizeLSTM": recur(gates: nil)
    ]

    /// `gates` is `nil` where the layout of the weights says nothing of the hidden size.
    private static func recur(gates: Int?) -> OperatorRule {
        { (context: inout OperatorContext) throws(Failure) in try recur(&context, gates: gates) }
    }

    private static func recur(
        _ context: inout OperatorContext, gates: Int?
    ) throws(Failure) {
        let directions: Int
        switch try context.stringAttribute("direction", default: "forward") {
        case "forward", "reverse": directions = 1
        case "bidirectional": directions = 2
        case let other: throw context.invalid("attribute 'direction' is '\(other)'")
        }
        var hidden = Dimension.unknown
        if let size = try context.intAttribute("hidden_size") {
            guard size >= 1 else {
                throw context.invalid("attribute 'hidden_size' is \(size); it must be at least 1")
            }
            hidden = Dimension(size)
        }
        let input = try context.requiredShape(0, ranks: 3...3)
        let weight = try context.requiredShape(1, ranks: 3...3)
        let recurrence = try context.requiredShape(2, ranks: 3...3)
        for given in [weight, recurrence] {
            guard let given, let axis = given.first else { continue }
            _ = try context.unified(axis, Dimension(directions), "axis 0 of the weights and directions")
        }
        if let gates {
            if let inputSize = input?.last, let taken = weight?.last {
                _ = try context.unified(inputSize, taken, "the input's last axis and the weight's")
            }
            hidden = try context.unified(
                hidden, recurrence?.last ?? .unknown, "the hidden size and the recurrence's last axis")
            for given in [weight, recurrence] {
                guard let rows = given?.dropFirst().first else { continue }
                _ = try context.unified(
                    rows, hidden * Dimension(gates), "rows of the weights and \(gates) times the hidden size")
            }
        }
        // `layout` 1 puts the batch first.
        let batchFirst = try context.flagAttribute("layout", default: false)
        let (first, second) = (input?[0] ?? .unknown, input?[1] ?? .unknown)
        let (length, batch) = batchFirst ? (second, first) : (first, second)
        let count = Dimension(directions)
        let type = context.elementType(0)
        let state = batchFirst ? [batch, count, hidden] : [count, batch, hidden]
        try context.setOutput(
            0, type, batchFirst ? [batch, length, count, hidden] : [length, count, batch, hidden])
        // The last hidden state and, for LSTM, the last cell state.
        for index in 1...2 { try context.setOutput(index, type, state) }
    }
}
