/// Names like one that was not found, for messages.
enum NearestNames {
    /// Longer names are compared by their beginning, which bounds the cost whatever a caller passes in.
    private static let comparedLength = 128

    /// The `count` of `candidates` with the smallest edit distance to `name`, nearest first, ties in their given order.
    /// O(candidates × comparedLength²).
    static func nearest(to name: String, among candidates: [String], count: Int) -> [String] {
        let name = Array(name.utf8.prefix(comparedLength))
        return
            candidates.enumerated()
            .map {
                (
                    order: $0.offset, name: $0.element,
                    distance: distance(name, Array($0.element.utf8.prefix(comparedLength)))
                )
            }
            .sorted { ($0.distance, $0.order) < ($1.distance, $1.order) }
            .prefix(count)
            .map(\.name)
    }

    /// Levenshtein's distance: the fewest insertions, deletions and replacements of bytes that turn one into the other.
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var previous = Array(0...right.count)
        for (row, leftByte) in left.enumerated() {
            var current = [row + 1]
            for (column, rightByte) in right.enumerated() {
                current.append(
                    min(
                        previous[column + 1] + 1, current[column] + 1,
                        previous[column] + (leftByte == rightByte ? 0 : 1)))
            }
            previous = current
        }
        return previous[right.count]
    }
}
