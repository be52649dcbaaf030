/// Lists of nodes by node, as compressed rows: row i is `indices[offsets[i] ..< offsets[i + 1]]`, ascending.
package struct Adjacency: Equatable, Sendable {
    package private(set) var offsets: [UInt32] = [0]
    package private(set) var indices: [UInt32] = []

    package init() {}

    package var rowCount: Int { offsets.count - 1 }

    /// Row `row`, empty where there is none.
    package subscript(row: Int) -> ArraySlice<UInt32> {
        guard row >= 0, row < rowCount else { return [] }
        return indices[Int(offsets[row])..<Int(offsets[row + 1])]
    }

    /// Appends a row; duplicates in it are kept once. The caller keeps the total below `UInt32.max`.
    package mutating func appendRow(_ row: some Sequence<UInt32>) {
        var previous: UInt32?
        for index in row.sorted() where index != previous {
            indices.append(index)
            previous = index
        }
        offsets.append(UInt32(truncatingIfNeeded: indices.count))
    }

    /// Row i of the transpose holds every j whose row holds i. O(rows + entries).
    package func transposed() -> Adjacency {
        var rows = [[UInt32]](repeating: [], count: rowCount)
        for row in 0..<rowCount {
            for index in self[row] where rows.indices.contains(Int(index)) {
                rows[Int(index)].append(UInt32(truncatingIfNeeded: row))
            }
        }
        var result = Adjacency()
        for row in rows { result.appendRow(row) }
        return result
    }
}
