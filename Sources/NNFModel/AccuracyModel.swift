import NNFCells
import NNFGraph
import NNFKernels

/// NN-Former for cells (Documentation/Accuracy.md): the mean of a few networks, each the encoder over cells and their tokens
/// and a linear head on the class token.
struct AccuracyModel: Sendable {
    /// Cells that go through the encoder at once: intermediate values stay in the cache, and do not grow with the number of
    /// cells, which share more rows the more of them go together.
    private static let blockCells = 256

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
        // 16-bit integers would move estimates by up to 5e-4 percentage points, five times what parity with training allows.
        let configuration = try EncoderConfiguration(metadata, features: CellSchema.layout, precision: .single)
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
                    encoder: try Encoder(configuration, prefix: prefix, &source),
                    head: try LinearLayer(
                        source.takeLinear("\(prefix)head", inputs: configuration.width, outputs: datasets.count),
                        precision: .single)))
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
        let memory = PredictionMemory()
        var estimates: [[Double]] = []
        for first in stride(from: 0, to: different.count, by: Self.blockCells) {
            let block = different[first..<min(first + Self.blockCells, different.count)]
            estimates += try estimate(Array(block), memory)
        }
        return numberOfCell.map { estimates[$0] }
    }

    private func estimate(_ cells: [Cell], _ memory: PredictionMemory) throws(Failure) -> [[Double]] {
        let encoding = GraphEncoding(of: cells)
        var sums = [[Double]](repeating: [Double](repeating: 0, count: datasets.count), count: cells.count)
        for member in members {
            memory.reset()
            var batch = try GraphBatch([encoding], memory: memory)
            let embeddings = try member.encoder.embeddings(of: &batch, memory: memory)
            let tokens = try memory.takeMatrix(rows: cells.count, columns: embeddings.columns)
            let outputs = try memory.takeMatrix(rows: cells.count, columns: member.head.paddedOutputs)
            // The class tokens come first, one a cell.
            batch.copyRows(of: embeddings, into: tokens)
            member.head.apply(to: tokens, into: outputs)
            for row in sums.indices {
                // In bounds: the matrix holds row · stride + column.
                let values = outputs.start + row * outputs.stride
                for column in datasets.indices { sums[row][column] += Double(values[column]) }
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
