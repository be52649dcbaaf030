internal import NNFGraph

/// Fused attention. B is the batch, S the queries, T the keys (those of the past included), N the heads.
enum AttentionRules {
    static let table: [String: OperatorRule] = [
        "Attention": attention,
        "RotaryEmbedding": ActivationRules.sameAsInput,
    ]

    static let microsoftTable: [String: OperatorRule] = [
        "Attention": projectedAttention,
        "MultiHeadAttention": multiHead,
        "GroupQueryAttention": groupQuery,
        "RotaryEmbedding": ActivationRules.sameAsInput,
    ]

    // MARK: ONNX, operator set 23

    /// One of query, key and value as [B, N, S, H], given so or as [B, S, N·H].
    private struct Operand {
        let batch: Dimension
        let heads: Dimension
        let length: Dimension
        let headSize: Dimension
        let isFlat: Bool

        /// `nil` when the rank is unknown.
        init?(_ context: OperatorContext, _ index: Int, heads stated: String) throws(Failure) {
            guard let shape = try context.requiredShape(index, ranks: 3...4) else { return nil }
            let heads = try context.positiveAttribute(stated)
            isFlat = shape.count == 3
            batch = shape[0]
            if isFlat {
                guard let heads else {
                    throw context.invalid("attribute '\(stated)' is needed for inputs of rank 3")
                }
                self.heads = Dimension(heads)
                length = shape[1]
                headSize = try context.split(shape[2], into: heads)
            } else {
                self.heads = try context.unified(
                    shape[1], heads.map { Dimension($0) } ?? .unknown,
                    "axis 1 of input \(index) and attribute '\(stated)'")
                length = shape[2]
                headSize = shape[3]
            }
        }
    }

    /// Inputs: query, key, value, mask, past key, past value. Outputs: result, present key, present value, scores.
    private static func attention(_ context: inout OperatorContext) throws(Failure) {
        let query = try Operand(context, 0, heads: "q_num_heads")
        let key = try Operand(context, 1, heads: "kv_num_heads")
        let value = try Operand(context, 2, heads: "kv_num_heads")
        if let query, let key {
            _ = try context.unified(query.headSize, key.headSize, "head sizes of query and key")
            if let a = query.heads.extent, let b = key.heads.extent, b == 0 || a % b != 0 {
                throw context.invalid("\(a) query heads cannot share \(b) key heads evenly")
            }
        }
        if let key, let value {
            _ = try context.unified(key.length, value.length, "lengths of key and value")
        }
        let type = context.elementType(0)
        if let query {
            let width = value?.headSize ?? .unknown
            try context.setOutput(
                0, type,
                query.isFlat
                    ? [query.batch, query.length, query.heads * width]
                    : [query.batch, query.heads, query.length, width])
        } else {
            try context.setOutput(0, type, nil)
        }
        var total = key?.length ?? .unknown
        if context.input(4) != nil {
            let past = try context.requiredShape(4, ranks: 4...4)
            total = total + (past?[2] ?? .unknown)
        }
        try context.setOutput(
            1, context.elementType(1), key.map { [$0.batch, $0.heads, total, $0.headSize] })
        try context.setOutput(
            2, context.elementType(2), value.map { [$0.batch, $0.heads, total, $0.headSize] })
        try context.setOutput(
            3, type, query.map { [$0.batch, $0.heads, $0.length, total] })
    }

    // MARK: ONNX Runtime

    /// Input [B, S, D], weight [D, width of query + key + value]. Outputs: [B, S, width of value], present [2, B, N, T, H].
    private static func projectedAttention(_ context: inout OperatorContext) throws(Failure) {
        let type = context.elementType(0)
        let heads = try context.requiredHeads("num_heads")
        let input = try context.requiredShape(0, ranks: 3...3)
        let weight = try context.requiredShape(1, ranks: 2...2)
        var width = Dimension.unknown
        if let sizes = try context.intsAttribute("qkv_hidden_sizes"), !sizes.isEmpty {
            guard sizes.count == 3, sizes.allSatisfy({ $0 >= 0 }), let last = sizes.last else {
                throw context.invalid("attribute 'qkv_hidden_sizes' must hold three extents")
            }
            width = Dimension(last)
        } else if let columns = weight?.last {
            width = try context.split(columns, into: 3)
        }
        let (batch, length) = (input?[0] ?? .unknown, input?[1] ?? .unknown)
        try context.setOutput(0, type, [batch, length, width])
        var total = length
        if context.input(4) != nil {
            let past = try context.requiredShape(4, ranks: 5...5)
            total = total + (past?[3] ?? .unknown)
        }
        try context.setOutput(
            1, type,
            [Dimension(2), batch, Dimension(heads), total, try context.split(width, into: heads)])
    }

    /// Inputs: query [B, S, D] (or all three packed as [B, S, N, 3, H]), key and value [B, T, D] or [B, N, T, H] (or both
    /// packed as [B, T, N, 2, H]), bias, masks, past key and value. Outputs: [B, S, D], present key and value.
    private static func multiHead(_ context: inout OperatorContext) throws(Failure) {
        let type = context.elementType(0)
        let heads = try context.requiredHeads("num_heads")
        guard let query = try context.requiredShape(0) else {
            for index in 0..<3 { try context.setOutput(index, type, nil) }
            return
        }
        guard query.count == 3 || query.count == 5 else {
            throw context.invalid("input 0 of shape \(context.describe(query)) must have rank 3 or 5")
        }
        let isPacked = query.count == 5
        let queryWidth = isPacked ? query[2] * query[4] : query[2]
        let key = context.input(1)?.type.shape
        let value = context.input(2)?.type.shape
        var (width, length) = (Dimension.unknown, Dimension.unknown)
        if isPacked {
            (width, length) = (queryWidth, query[1])
        } else if context.input(2) == nil, key?.count == 5 {
            (width, length) = (queryWidth, key?[1] ?? .unknown)
        } else if let value, value.count == 3 {
            (width, length) = (value[2], value[1])
        } else if let value, value.count == 4 {
            (width, length) = (value[1] * value[3], value[2])
        }
        try context.setOutput(0, type, [query[0], query[1], width])
        if context.input(6) != nil {
            let past = try context.requiredShape(6, ranks: 4...4)
            length = length + (past?[2] ?? .unknown)
        }
        for (index, width) in [(1, queryWidth), (2, width)] {
            try context.setOutput(
                index, type,
                [query[0], Dimension(heads), length, try context.split(width, into: heads)])
        }
    }

    /// Query [B, S, D], or with key and value packed behind it. The length of the present depends on values.
    private static func groupQuery(_ context: inout OperatorContext) throws(Failure) {
        let type = context.elementType(0)
        let heads = try context.requiredHeads("num_heads")
        let sharedHeads = try context.requiredHeads("kv_num_heads")
        let query = try context.requiredShape(0, ranks: 3...3)
        var headSize = Dimension.unknown
        if let width = query?.last {
            let packed = try context.sum(heads, context.product(sharedHeads, 2))
            headSize = try context.split(width, into: context.input(1) == nil ? packed : heads)
        }
        let (batch, length) = (query?[0] ?? .unknown, query?[1] ?? .unknown)
        try context.setOutput(0, type, [batch, length, headSize * Dimension(heads)])
        for index in 1...2 {
            try context.setOutput(index, type, [batch, Dimension(sharedHeads), .unknown, headSize])
        }
    }
}

extension OperatorContext {
    /// An integer attribute that must be at least 1 when it is given.
    fileprivate func positiveAttribute(_ name: String) throws(Failure) -> Int? {
        guard let number = try intAttribute(name) else { return nil }
        guard number >= 1 else {
            throw invalid("attribute '\(name)' is \(number); it must be at least 1")
        }
        return number
    }

    fileprivate func requiredHeads(_ name: String) throws(Failure) -> Int {
        guard let heads = try positiveAttribute(name) else {
            throw invalid("attribute '\(name)' is missing")
        }
        return heads
    }

    /// The extent of each of `count` ≥ 1 equal parts of an axis.
    fileprivate func split(_ extent: Dimension, into count: Int) throws(Failure) -> Dimension {
        guard let number = extent.extent else { return extent / Dimension(count) }
        guard number % count == 0 else {
            throw invalid("\(number) elements cannot be split into \(count) equal parts")
        }
        return Dimension(number / count)
    }
}
