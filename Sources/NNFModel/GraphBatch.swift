import NNFGraph
import NNFKernels

/// Graphs that go through the encoder together, and the distinct rows of the stage that they have reached
/// (NNFKernels.h, "equal rows").
struct GraphBatch {
    let graphs: ArraySlice<GraphEncoding>
    /// Of all graphs.
    let nodeCount: Int
    /// Distinct rows of the present stage, each of `stage.own` and `stage.lists` in rows of the stage before.
    private(set) var stage: nnf_stage

    /// By node of all graphs, one graph after another: its row in the present stage, and in the one before.
    private var rows: UnsafeMutablePointer<UInt32>
    private var previousRows: UnsafeMutablePointer<UInt32>
    private var previousColours: UnsafeMutablePointer<nnf_colour>
    /// By distinct row of the present stage, two a row: GFLOPs and megabytes of the nodes that have it.
    private(set) var costs: UnsafeMutablePointer<Float>
    private var previousCosts: UnsafeMutablePointer<Float>
    /// [nodeCount], all 0 between calls of the kernels.
    private let places: UnsafeMutablePointer<UInt32>
    /// [nodeCount]
    private let countedRows: UnsafeMutablePointer<UInt32>
    private let counts: UnsafeMutablePointer<Float>

    /// Numbers the distinct rows of features. Throws when the graphs need too much memory together.
    init(_ graphs: ArraySlice<GraphEncoding>, memory: PredictionMemory) throws(Failure) {
        var nodeCount = 0
        var entryCounts = (0, 0, 0, 0)
        for graph in graphs {
            nodeCount += graph.nodeCount
            entryCounts.0 += graph.relations.successors.indices.count
            entryCounts.1 += graph.relations.predecessors.indices.count
            entryCounts.2 += graph.relations.coChildren.indices.count
            entryCounts.3 += graph.relations.coParents.indices.count
        }
        guard nodeCount + max(entryCounts.0, entryCounts.1, entryCounts.2, entryCounts.3) < Int(UInt32.max) else {
            throw Failure(.limitExceeded, "the graphs of one pass have more pairs of nodes than can be numbered")
        }
        func lists(_ entryCount: Int) throws(Failure) -> nnf_stage_lists {
            nnf_stage_lists(
                offsets: try memory.take(nodeCount + 1), rows: try memory.take(nodeCount + entryCount),
                counts: try memory.take(nodeCount + entryCount))
        }
        self.graphs = graphs
        self.nodeCount = nodeCount
        rows = try memory.take(nodeCount)
        previousRows = try memory.take(nodeCount)
        previousColours = try memory.take(nodeCount)
        costs = try memory.take(nodeCount, times: 2)
        previousCosts = try memory.take(nodeCount, times: 2)
        places = try memory.take(nodeCount)
        places.initialize(repeating: 0, count: nodeCount)
        countedRows = try memory.take(nodeCount)
        counts = try memory.take(nodeCount)
        var slotCount = 4
        while slotCount < 2 * nodeCount { slotCount *= 2 }
        stage = nnf_stage(
            relation_count: 0, sees_itself: false, slot_count: slotCount, slots: try memory.take(slotCount),
            row_count: 0, colours: try memory.take(nodeCount), own: try memory.take(nodeCount),
            lists: (
                try lists(entryCounts.0), try lists(entryCounts.1), try lists(entryCounts.2),
                try lists(entryCounts.3)
            ))
        numberFeatures()
    }

    private mutating func numberFeatures() {
        nnf_stage_reset(&stage)
        var first = 0
        for graph in graphs {
            let known = stage.row_count
            nnf_stage_add_colours(&stage, graph.nodeCount, graph.featureColours, graph.featureRows, rows + first)
            for row in known..<stage.row_count {
                // What was first seen at a node of this graph.
                let featureRow = Int(graph.featureRows[Int(stage.own[row])])
                costs[2 * row] = graph.featureCosts[2 * featureRow]
                costs[2 * row + 1] = graph.featureCosts[2 * featureRow + 1]
                // Counted from the first node of the batch.
                stage.own[row] += UInt32(truncatingIfNeeded: first)
            }
            first += graph.nodeCount
        }
    }

    /// Copies the features of rows `range` of the first stage: where they are 1, `onesPerRow` a row, and `measures`. All
    /// graphs have features of one layout.
    func copyFeatures(of range: Range<Int>, ones: UnsafeMutablePointer<UInt32>, measures: Matrix) {
        var row = range.lowerBound
        var first = 0
        // Rows are numbered in the order in which their nodes come.
        for graph in graphs {
            let end = first + graph.nodeCount
            let (onesPerRow, measureCount) = (graph.features.onesPerRow, graph.features.measureCount)
            graph.featureMeasures.withUnsafeBufferPointer { source in
                guard let source = source.baseAddress else { return }
                while row < range.upperBound, Int(stage.own[row]) < end {
                    let known = Int(graph.featureRows[Int(stage.own[row]) - first])
                    let target = row - range.lowerBound
                    for one in 0..<onesPerRow {
                        ones[onesPerRow * target + one] = graph.featureOnes[onesPerRow * known + one]
                    }
                    (measures.start + target * measures.stride)
                        .update(from: source + known * measureCount, count: measureCount)
                    row += 1
                }
            }
            if row == range.upperBound { return }
            first = end
        }
    }

    /// Goes on to the stage whose rows depend on a node's own row and on those that the first `relationCount` relations
    /// show of it, with `seesItself` the node among them.
    mutating func advance(relationCount: Int, seesItself: Bool) {
        swap(&rows, &previousRows)
        swap(&costs, &previousCosts)
        let reachedColours = stage.colours
        stage.colours = previousColours
        previousColours = reachedColours
        stage.relation_count = relationCount
        stage.sees_itself = seesItself
        nnf_stage_reset(&stage)
        var first = 0
        for graph in graphs {
            graph.relations.withNodeLists { lists in
                nnf_stage_add_nodes(
                    &stage, graph.nodeCount, lists, previousColours, previousRows + first, places, rows + first)
            }
            first += graph.nodeCount
        }
        for row in 0..<stage.row_count {
            costs[2 * row] = previousCosts[2 * Int(stage.own[row])]
            costs[2 * row + 1] = previousCosts[2 * Int(stage.own[row]) + 1]
        }
    }

    /// Copies the rows of `matrix`, which has one for each distinct row, that the first nodes of the batch have, one for
    /// each row of `copies`.
    func copyRows(of matrix: Matrix, into copies: Matrix) {
        assert(copies.rows <= nodeCount && copies.columns >= matrix.columns)
        nnf_gather(
            copies.rows, matrix.columns, matrix.start, matrix.stride, rows, copies.start, copies.stride)
    }

    /// Calls `body` for each graph with the distinct rows of its nodes and how often each appears.
    func forEachGraph(
        _ body: (_ position: Int, GraphEncoding, CountedRows) throws(Failure) -> Void
    ) throws(Failure) {
        var first = 0
        for (position, graph) in graphs.enumerated() {
            let count = nnf_count_rows(graph.nodeCount, rows + first, places, countedRows, counts)
            try body(position, graph, CountedRows(count: count, rows: countedRows, counts: counts))
            first += graph.nodeCount
        }
    }
}

/// Rows that a graph's nodes have, and how many nodes have each.
struct CountedRows {
    let count: Int
    let rows: UnsafePointer<UInt32>
    let counts: UnsafePointer<Float>

    /// Adds the rows of `matrix` to `sums`, each as often as it counts; `columns` of them.
    func addRows(of matrix: Matrix, columns: Int, to sums: UnsafeMutablePointer<Double>) {
        nnf_add_counted_rows(
            Matrix.instructions, count, columns, rows, counts, matrix.start, matrix.stride, sums)
    }
}

extension Relations {
    /// Calls `body` with the four relations in the kernels' order, valid until it returns.
    fileprivate func withNodeLists(_ body: (UnsafePointer<nnf_node_lists>) -> Void) {
        successors.withNodeLists { successors in
            predecessors.withNodeLists { predecessors in
                coChildren.withNodeLists { coChildren in
                    coParents.withNodeLists { coParents in
                        let all = (successors, predecessors, coChildren, coParents)
                        withUnsafeBytes(of: all) { bytes in
                            // Four structures in a row: that is how a tuple of one type lies in memory.
                            guard let start = bytes.baseAddress else { return }
                            body(start.assumingMemoryBound(to: nnf_node_lists.self))
                        }
                    }
                }
            }
        }
    }
}

extension Adjacency {
    fileprivate func withNodeLists(_ body: (nnf_node_lists) -> Void) {
        offsets.withUnsafeBufferPointer { offsets in
            indices.withUnsafeBufferPointer { indices in
                // `offsets` is never empty. Without indices no list has an entry that would be read.
                guard let offsets = offsets.baseAddress else { return }
                body(nnf_node_lists(offsets: offsets, indices: indices.baseAddress ?? offsets))
            }
        }
    }
}
