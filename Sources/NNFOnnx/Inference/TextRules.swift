internal import NNFGraph

/// Operators on strings.
enum TextRules {
    static let table: [String: OperatorRule] = [
        "StringNormalizer": { context throws(Failure) in try normalize(&context) },
        "StringConcat": { context throws(Failure) in try concatenate(&context) },
        "StringSplit": { context throws(Failure) in try split(&context) },
        "RegexFullMatch": { context throws(Failure) in try match(&context) },
        "TfIdfVectorizer": { context throws(Failure) in try countNGrams(&context) },
    ]

    /// [C] or [1, C] strings, of which stop words are dropped.
    private static func normalize(_ context: inout OperatorContext) throws(Failure) {
        let shape = try context.requiredShape(0, ranks: 1...2)
        if let shape, shape.count == 2 {
            _ = try context.unified(shape[0], Dimension(1), "the first of two axes and 1")
        }
        let keepsAll = try stopWords(context).isEmpty
        guard var shape else {
            try context.setOutput(0, .string, nil)
            return
        }
        if !keepsAll { shape[shape.count - 1] = .unknown }
        try context.setOutput(0, .string, shape)
    }

    private static func stopWords(_ context: OperatorContext) throws(Failure) -> [String] {
        switch context.node.attributes["stopwords"] {
        case nil: return []
        case .strings(let words): return words
        default: throw context.invalid("attribute 'stopwords' must be a list of strings")
        }
    }

    private static func concatenate(_ context: inout OperatorContext) throws(Failure) {
        let shapes = [try context.requiredShape(0), try context.requiredShape(1)]
        try context.setOutput(0, .string, context.broadcast(shapes))
    }

    /// Parts of each string on a new last axis, and how many each has.
    private static func split(_ context: inout OperatorContext) throws(Failure) {
        let shape = try context.requiredShape(0)
        try context.setOutput(0, .string, shape.map { $0 + [.unknown] })
        try context.setOutput(1, .int64, shape)
    }

    private static func match(_ context: inout OperatorContext) throws(Failure) {
        try context.setOutput(0, .bool, context.requiredShape(0))
    }

    /// Counts of n-grams: [C] → [n], [N, C] → [N, n], where n is one more than the greatest of `ngram_indexes`.
    private static func countNGrams(_ context: inout OperatorContext) throws(Failure) {
        let shape = try context.requiredShape(0, ranks: 1...2)
        let places = try context.intsAttribute("ngram_indexes") ?? []
        guard let last = places.max(), !places.contains(where: { $0 < 0 }), last < Int.max else {
            throw context.invalid("attribute 'ngram_indexes' must hold places that are not negative")
        }
        try context.setOutput(0, .float, shape.map { $0.dropLast() + [Dimension(last + 1)] })
    }
}
