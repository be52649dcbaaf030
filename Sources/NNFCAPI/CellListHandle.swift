import NNFCells
import NNFGraph

/// What an `nnformer_cell_list` stands for. Not `Sendable`: one thread at a time, as the header says.
final class CellListHandle {
    /// Memory follows the cells at about a kilobyte each.
    static let maximumCount = 1 << 20

    let space: CellSpace
    private(set) var cells: [Cell] = []
    private var known: GraphEncoding?

    init(_ space: CellSpace) { self.space = space }

    /// Appends the cell that `make` returns, if the list is of that space and has room.
    func append(from space: CellSpace, _ make: () throws(Failure) -> Cell) throws(Failure) {
        guard space == self.space else {
            throw Failure(
                .invalidArgument,
                "the list holds cells of \(self.space.rawValue), the cell is given in the form of \(space.rawValue)")
        }
        guard cells.count < Self.maximumCount else {
            throw Failure(.limitExceeded, "a list has at most \(Self.maximumCount) cells")
        }
        cells.append(try make())
        known = nil
    }

    /// Of all cells; worked out once, until another cell comes.
    var encoding: GraphEncoding {
        if let known { return known }
        let encoding = GraphEncoding(of: cells)
        known = encoding
        return encoding
    }
}
