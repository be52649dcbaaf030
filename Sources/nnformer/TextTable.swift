/// A table for people: columns aligned, numbers to the right.
struct TextTable {
    enum Alignment { case left, right }

    /// Longer cells lose their middle.
    private static let widestCell = 48

    private var rows: [[String]]
    private let alignments: [Alignment]

    init(_ columns: [(title: String, alignment: Alignment)]) {
        rows = [columns.map(\.title)]
        alignments = columns.map(\.alignment)
    }

    mutating func append(_ cells: [String]) {
        rows.append(cells.map { Self.shortened(OneLine.text($0)) })
    }

    /// All lines, each ending in a line break.
    var text: String {
        let widths = alignments.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { cells in
            let padded = zip(cells, zip(widths, alignments)).map { cell, layout in
                let padding = String(repeating: " ", count: layout.0 - cell.count)
                return layout.1 == .left ? cell + padding : padding + cell
            }
            var line = padded.joined(separator: "  ")
            while line.last == " " { line.removeLast() }
            return line + "\n"
        }.joined()
    }

    private static func shortened(_ cell: String) -> String {
        guard cell.count > widestCell else { return cell }
        let half = (widestCell - 1) / 2
        return cell.prefix(widestCell - 1 - half) + "…" + cell.suffix(half)
    }
}
