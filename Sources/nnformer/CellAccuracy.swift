import CNNFormer

/// Cells of one search space, an open `nnformer_cell_list`.
final class CellList {
    fileprivate let handle: OpaquePointer?

    init(space: String) throws(LibraryError) {
        var handle: OpaquePointer?
        try LibraryError.check { nnformer_cell_list_create(&handle, space, $0) }
        self.handle = handle
    }

    deinit { nnformer_cell_list_destroy(handle) }

    var count: Int { nnformer_cell_list_count(handle) }

    /// Appends the cell that `line` describes: an architecture string of NAS-Bench-201, or a NAS-Bench-101 cell as
    /// `AdjacencyLine` has it.
    func add(_ line: String, space: CellSpaceOption) throws(LibraryError) {
        switch space {
        case .nasbench201:
            try LibraryError.check { nnformer_cell_list_add_architecture(handle, line, $0) }
        case .nasbench101:
            let cell = try AdjacencyLine(line)
            try LibraryError.check { error in
                withCStrings(cell.operations) { operations in
                    nnformer_cell_list_add_matrix(handle, cell.adjacency, operations.count, operations, error)
                }
            }
        }
    }
}

/// A cell of NAS-Bench-101 on one line: rows of its adjacency matrix, then its operations, `011,001,000
/// input,conv3x3-bn-relu,output`.
struct AdjacencyLine {
    let adjacency: [UInt8]
    let operations: [String]

    init(_ line: String) throws(LibraryError) {
        let parts = line.split(separator: " ")
        guard parts.count == 2 else {
            throw LibraryError(
                malformedInput: "'\(line)' is not rows and operations, as in '011,001,000 input,conv3x3-bn-relu,output'")
        }
        let names = parts[1].split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        let rows = parts[0].split(separator: ",", omittingEmptySubsequences: false)
        guard rows.count == names.count, rows.allSatisfy({ $0.utf8.count == names.count }) else {
            throw LibraryError(
                malformedInput: "'\(line)' has \(names.count) operations: its matrix needs \(names.count) rows of as many digits")
        }
        operations = names
        adjacency = rows.flatMap { $0.utf8 }.map { $0 &- UInt8(ascii: "0") }
    }
}

/// An open `nnformer_accuracy_predictor`.
final class AccuracyPredictor {
    private let handle: OpaquePointer?

    /// Opens a weights file, or the weights inside the library.
    init(weights: String?) throws(LibraryError) {
        var handle: OpaquePointer?
        try LibraryError.check { error in
            if let weights {
                nnformer_accuracy_predictor_open(&handle, weights, error)
            } else {
                nnformer_accuracy_predictor_create(&handle, error)
            }
        }
        self.handle = handle
    }

    deinit { nnformer_accuracy_predictor_destroy(handle) }

    /// The number of a dataset; the error names those that there are.
    func dataset(space: String, id: String) throws(LibraryError) -> Int {
        var index = 0
        try LibraryError.check { nnformer_accuracy_predictor_find_dataset(handle, space, id, &index, $0) }
        return index
    }

    /// Percent, by cell.
    func predict(_ cells: CellList, dataset: Int) throws(LibraryError) -> [Double] {
        var accuracyPercent = [Double](repeating: 0, count: cells.count)
        try LibraryError.check { error in
            nnformer_accuracy_predict(handle, cells.handle, dataset, &accuracyPercent, accuracyPercent.count, error)
        }
        return accuracyPercent
    }
}

/// Calls `body` with the strings as C has them, valid until it returns.
private func withCStrings<Result>(
    _ strings: [String], _ body: ([UnsafePointer<CChar>?]) -> Result
) -> Result {
    let bytes = strings.flatMap { Array($0.utf8CString) }
    return bytes.withUnsafeBufferPointer { buffer in
        var offset = 0
        let pointers = strings.map { string in
            defer { offset += string.utf8.count + 1 }
            return buffer.baseAddress.map { $0 + offset }
        }
        return body(pointers)
    }
}
