/// A set of operators out of a numbered list, a bit each: unions over thousands of platforms and groups stay cheap.
struct OperatorSet: Sendable {
    private var words: [UInt64]

    /// The empty set of operators 0 ..< `count`.
    init(outOf count: Int) { words = [UInt64](repeating: 0, count: count / 64 + 1) }

    mutating func insert(_ number: Int) {
        guard words.indices.contains(number / 64) else { return }
        words[number / 64] |= 1 << UInt64(number % 64)
    }

    /// With a set out of the same list.
    mutating func formUnion(_ other: OperatorSet) {
        for (index, word) in zip(words.indices, other.words) { words[index] |= word }
    }

    func contains(_ number: Int) -> Bool {
        words.indices.contains(number / 64) && words[number / 64] >> UInt64(number % 64) & 1 == 1
    }
}
