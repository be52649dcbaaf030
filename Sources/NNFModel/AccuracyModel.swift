import NNFCells
import NNFGraph
import NNFKernels

/// NN-Former for cells (Documentation/Accuracy.md): the mean of a few networks, each the encoder over cells and their tokens
/// and a linear head on the class token.
struct AccuracyModel: Sendable {
    /// Cells that go through the encoder at once: intermediate values stay in the cache, and do not grow with the number of cells.
    private static let blockCells = 64

    private static let maximumMembers = 64

    let space: CellSpace
    let datasets: [CellDataset]
    private let members: [Member]

    private struct Member: Sendable {
        let encoder: Encoder
        let head: LinearLayer
    }

    init(_ metadata: MetadataObject, _ source: inout TensorSource) throws(Failure) {
        guard let space = CellSpace(rawValue: try metadata.string("space")) else {
            throw metadata.unusable("space", CellSpace.allCases.map { "'\($0.rawValue)'" }.joined(separator: " or "))
        }
        self.space = space
        let sizes = try EncoderSizes(metadata, featureCount: CellSchema.featureCount)
        var datasets: [CellDataset] = []
        for entry in try metadata.objects("datasets", atMost: ModelConfiguration.maximumEntries) {
            let dataset = try CellDataset(entry, space: space)
            guard !dataset.id.isEmpty, !datasets.contains(where: { $0.id == dataset.id }) else {
                throw entry.unusable("id", "a text that no other dataset of the space has")
            }
            datasets.append(dataset)
        }
        guard !datasets.isEmpty else { throw metadata.unusable("datasets", "at least one dataset") }
        self.datasets = datasets
        var members: [Member] = []
        for number in 0..<(try metadata.integer("members", in: 1...Self.maximumMembers)) {
            let prefix = "\(space.rawValue).\(number)."
            members.append(
                Member(
                    encoder: try Encoder(sizes, prefix: prefix, &source),
                    head: try source.takeLinear("\(prefix)head", inputs: sizes.width, outputs: datasets.count)))
        }
        self.members = members
    }

    /// Percent, by cell and dataset. Cells that are equal are computed once. O(different cells).
    func predict(_ cells: [Cell]) throws(Failure) -> [[Double]] {
        var numbers: [Cell: Int] = [:]
        var different: [Cell] = []
        let numberOfCell = cells.map { cell in
            if let number = numbers[cell] { return number }
            numbers[cell] = different.count
            different.append(cell)
            return different.count - 1
        }
        var estimates: [[Double]] = []
        for first in stride(from: 0, to: different.count, by: Self.blockCells) {
            estimates += try estimateBlock(Array(different[first..<min(first + Self.blockCells, different.count)]))
        }
        return numberOfCell.map { estimates[$0] }
    }

    private func estimateBlock(_ cells: [Cell]) throws(Failure) -> [[Double]] {
        let encoding = GraphEncoding(of: cells)
        var sums = [[Double]](repeating: [Double](repeating: 0, count: datasets.count), count: cells.count)
        for member in members {
            try member.encoder.withEmbeddings(of: encoding) { embeddings throws(Failure) in
                try Matrix.withZeros(rows: cells.count, columns: datasets.count) { outputs in
                    // The class tokens come first, one a cell.
                    member.head.apply(to: embeddings.rows(0..<cells.count), into: outputs)
                    for row in sums.indices {
                        // In bounds: the matrix holds row · stride + column.
                        let values = outputs.start + row * outputs.stride
                        for column in datasets.indices { sums[row][column] += Double(values[column]) }
                    }
                }
            }
        }
        guard sums.allSatisfy({ $0.allSatisfy(\.isFinite) }) else {
            throw Failure(.invalidModel, "an estimate is not a finite number: the weights are out of range")
        }
        return sums.map { sums in
            zip(datasets, sums).map { dataset, sum in dataset.scale.percent(sum / Double(members.count)) }
        }
    }
}
