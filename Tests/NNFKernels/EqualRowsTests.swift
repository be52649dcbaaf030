import NNFKernels
import XCTest

final class EqualRowsTests: XCTestCase {
    /// A path of equal nodes: after one stage its two ends differ from the inside, after two their neighbours do too.
    func testDistinctRowsGrowWithTheReach() {
        let path = NodeLists(successors: [[1], [2], [3], [4], [5], [6], []])
        let (first, second) = path.refinedTwice()
        XCTAssertEqual(first.rows, [0, 1, 1, 1, 1, 1, 2])
        XCTAssertEqual(second.rows, [0, 1, 2, 2, 2, 3, 4])
        // Rows of the second stage continue rows of the first.
        XCTAssertEqual(second.own, [0, 1, 1, 1, 2])
    }

    /// A hub reads its five equal children once, counted five times.
    func testEqualEntriesAreCounted() {
        let star = NodeLists(successors: [[1, 2, 3, 4, 5], [], [], [], [], []])
        let (first, second) = star.refinedTwice()
        XCTAssertEqual(first.rows, [0, 1, 1, 1, 1, 1])
        XCTAssertEqual(second.lists[0], [1: 5])
        XCTAssertEqual(second.lists[1], [:])
    }

    func testColoursTellWordsApart() {
        let words: [[UInt32]] = [[], [0], [0, 0], [0, 0, 0], [1], [1, 0], [0, 1], [1, 2, 3], [3, 2, 1]]
        let colours = words.map { nnf_colour_of_words($0.count, $0) }
        XCTAssertEqual(Set(colours.map(\.low)).count, words.count)
        XCTAssertEqual(Set(colours.map(\.high)).count, words.count)
        XCTAssertTrue(zip(words, colours).allSatisfy { nnf_colour_of_words($0.count, $0).high == $1.high })
    }

    func testRowsOfAGraphAreCounted() {
        var places = [UInt32](repeating: 0, count: 10)
        var rows = [UInt32](repeating: 99, count: 6)
        var counts = [Float](repeating: -1, count: 6)
        XCTAssertEqual(nnf_count_rows(6, [7, 2, 7, 7, 9, 2], &places, &rows, &counts), 3)
        XCTAssertEqual(Array(rows[..<3]), [7, 2, 9])
        XCTAssertEqual(Array(counts[..<3]), [3, 2, 1])
        XCTAssertEqual(places, [UInt32](repeating: 0, count: 10))
    }

    /// All parts run, the caller's among them, and all have ended on return.
    func testPartsRunOnce() {
        for count in [0, 1, 2, 7] {
            var runs = [Int](repeating: 0, count: 8)
            runs.withUnsafeMutableBytes { bytes in
                guard let start = bytes.baseAddress else { return XCTFail("no memory") }
                nnf_run_parts(count, { $0.assumingMemoryBound(to: Int.self)[$1] += 1 }, start)
            }
            XCTAssertEqual(runs, (0..<8).map { $0 < count ? 1 : 0 })
        }
    }
}

/// What a stage knows of a graph's nodes.
private struct Refinement {
    /// By node.
    var rows: [UInt32]
    /// By row.
    var own: [UInt32]
    var colours: [nnf_colour]
    /// By row: rows of the stage before that its first node's successors have, and how often.
    var lists: [[UInt32: Float]]
}

private struct NodeLists {
    let offsets: [UInt32]
    let indices: [UInt32]
    var nodeCount: Int { offsets.count - 1 }

    init(successors: [[UInt32]]) {
        offsets = successors.reduce(into: [0]) { $0.append(($0.last ?? 0) + UInt32($1.count)) }
        indices = successors.flatMap { $0 }
    }

    private var transposed: NodeLists {
        NodeLists(
            successors: (0..<UInt32(nodeCount)).map { node in
                (0..<UInt32(nodeCount)).filter { other in
                    indices[Int(offsets[Int(other)])..<Int(offsets[Int(other) + 1])].contains(node)
                }
            })
    }

    /// From nodes of equal features.
    func refinedTwice() -> (Refinement, Refinement) {
        let start = Refinement(
            rows: [UInt32](repeating: 0, count: nodeCount), own: [], colours: [nnf_colour(low: 1, high: 2)], lists: [])
        let first = refined(start)
        return (first, refined(first))
    }

    private func refined(_ previous: Refinement) -> Refinement {
        // Room for as many elements as anything below could take; freed when the test process ends.
        func memory<Element>(_ value: Element) -> UnsafeMutablePointer<Element> {
            let start = UnsafeMutablePointer<Element>.allocate(capacity: 64)
            start.initialize(repeating: value, count: 64)
            return start
        }
        func copy(_ elements: [UInt32]) -> UnsafePointer<UInt32> {
            let start = memory(UInt32(99))
            start.update(from: elements, count: elements.count)
            return UnsafePointer(start)
        }
        func lists() -> nnf_stage_lists {
            nnf_stage_lists(offsets: memory(99), rows: memory(99), counts: memory(99))
        }
        var stage = nnf_stage(
            relation_count: 2, sees_itself: false, slot_count: 32, slots: memory(7), row_count: 9,
            colours: memory(nnf_colour()), own: memory(99), lists: (lists(), lists(), lists(), lists()))
        let relations = [self, transposed].map {
            nnf_node_lists(offsets: copy($0.offsets), indices: copy($0.indices))
        }
        let rows: UnsafeMutablePointer<UInt32> = memory(99)
        let places: UnsafeMutablePointer<UInt32> = memory(0)
        nnf_stage_reset(&stage)
        nnf_stage_add_nodes(&stage, nodeCount, relations, previous.colours, previous.rows, places, rows)
        XCTAssertTrue((0..<64).allSatisfy { places[$0] == 0 })
        return Refinement(
            rows: (0..<nodeCount).map { rows[$0] }, own: (0..<stage.row_count).map { stage.own[$0] },
            colours: (0..<stage.row_count).map { stage.colours[$0] },
            lists: (0..<stage.row_count).map { row in
                guard let offsets = stage.lists.0.offsets, let listed = stage.lists.0.rows,
                    let counts = stage.lists.0.counts
                else { return [:] }
                let entries = Int(offsets[row])..<Int(offsets[row + 1])
                return Dictionary(uniqueKeysWithValues: entries.map { (listed[$0], counts[$0]) })
            })
    }
}
