import NNFCells
import NNFGraph
import XCTest

final class Nasbench201CellTests: XCTestCase {
    private func cell(_ architecture: String) throws -> Cell { try Cell(nasbench201: architecture) }

    private func assertRefused(_ architecture: String, mentioning words: String..., line: UInt = #line) {
        XCTAssertThrowsError(try cell(architecture), line: line) { error in
            guard let failure = error as? Failure else { return XCTFail("\(error)", line: line) }
            XCTAssertEqual(failure.code, .malformedInput, line: line)
            for word in words { XCTAssertTrue(failure.message.contains(word), failure.message, line: line) }
        }
    }

    func testOperationsBecomeNodesAndIdentitiesEdges() throws {
        let cell = try cell("|nor_conv_3x3~0|+|avg_pool_3x3~0|nor_conv_1x1~1|+|skip_connect~0|none~1|skip_connect~2|")
        XCTAssertEqual(
            cell.nodes.map(\.operation),
            [.input, .nasbench201Convolution3x3, .nasbench201AveragePool3x3, .nasbench201Convolution1x1, .output])
        XCTAssertEqual(cell.nodes.map(\.sources), [[], [0], [0], [1], [0, 2, 3]])
        XCTAssertEqual(cell.depth, 3)
    }

    func testDeadEdgesLeaveNoTrace() throws {
        // Node 1 is read by nobody; node 2 is fed by nothing.
        let bare = try cell("|none~0|+|none~0|none~1|+|nor_conv_3x3~0|none~1|none~2|")
        XCTAssertEqual(try cell("|nor_conv_1x1~0|+|none~0|none~1|+|nor_conv_3x3~0|none~1|none~2|"), bare)
        XCTAssertEqual(try cell("|none~0|+|none~0|avg_pool_3x3~1|+|nor_conv_3x3~0|skip_connect~1|nor_conv_1x1~2|"), bare)
        XCTAssertEqual(bare.nodes.count, 3)
    }

    func testASumReadTwiceCountsTwice() throws {
        let cell = try cell("|skip_connect~0|+|none~0|none~1|+|skip_connect~0|skip_connect~1|none~2|")
        XCTAssertEqual(cell.nodes.map(\.sources), [[], [0, 0]])
    }

    func testACellWithoutAPathBelongsToTheSpace() throws {
        let cell = try cell("|none~0|+|none~0|none~1|+|none~0|none~1|none~2|")
        XCTAssertEqual(cell.nodes.map(\.operation), [.input, .output])
        XCTAssertEqual(cell.depth, 0)
    }

    /// Of the 15,625 cells of the space 6,812 are written differently, and 5,425 compute different things.
    func testEveryCellOfTheSpaceIsRead() throws {
        let names = ["none", "skip_connect", "avg_pool_3x3", "nor_conv_1x1", "nor_conv_3x3"]
        var different: Set<Cell> = []
        for code in 0..<15_625 {
            var rest = code
            let operations = (0..<6).map { _ in
                defer { rest /= 5 }
                return names[rest % 5]
            }
            let o = operations
            let cell = try cell("|\(o[0])~0|+|\(o[1])~0|\(o[2])~1|+|\(o[3])~0|\(o[4])~1|\(o[5])~2|")
            XCTAssertLessThanOrEqual(cell.nodes.count, 8)
            for (node, content) in cell.nodes.enumerated() {
                XCTAssertTrue(content.sources.allSatisfy { $0 < node })
            }
            different.insert(cell)
        }
        XCTAssertEqual(different.count, 6_812)
        let numberings = (0...6).map { permutations(of: Array(1..<$0 + 1)) }
        XCTAssertEqual(Set(different.map { leastForm(of: $0, numberings[$0.nodes.count - 2]) }).count, 5_425)
    }

    /// Operation and sources of each node under one numbering: of those in which operations ascend, the one that makes the least
    /// list. The same for cells that are equal but for the order of their nodes.
    private func leastForm(of cell: Cell, _ numberings: [[Int]]) -> [Int] {
        let operations: [CellOperation] = [
            .nasbench201AveragePool3x3, .nasbench201Convolution1x1, .nasbench201Convolution3x3,
        ]
        let kinds = cell.nodes.map { operations.firstIndex(of: $0.operation) ?? -1 }
        let ascending = numberings.filter { inner in zip(inner, inner.dropFirst()).allSatisfy { kinds[$0] <= kinds[$1] } }
        return ascending.map { inner in
            // The node at each place, and the place of each node.
            let order = [0] + inner + [cell.nodes.count - 1]
            var places = order
            for (place, node) in order.enumerated() { places[node] = place }
            return order.flatMap { node in [-2, kinds[node]] + cell.nodes[node].sources.map { places[$0] }.sorted() }
        }.min { $0.lexicographicallyPrecedes($1) } ?? []
    }

    private func permutations(of elements: [Int]) -> [[Int]] {
        guard !elements.isEmpty else { return [[]] }
        return elements.flatMap { first in permutations(of: elements.filter { $0 != first }).map { [first] + $0 } }
    }

    func testOtherTextIsRefusedWhereItDiffers() {
        assertRefused("", mentioning: "1 nodes, not 3")
        assertRefused("|nor_conv_3x3~0|+|none~0|none~1|", mentioning: "2 nodes, not 3")
        assertRefused("|none~0|+|none~0|+|none~0|none~1|none~2|", mentioning: "node 2", "2 operations")
        assertRefused("none~0+|none~0|none~1|+|none~0|none~1|none~2|", mentioning: "node 1")
        assertRefused("|none~1|+|none~0|none~1|+|none~0|none~1|none~2|", mentioning: "0→1", "~0")
        assertRefused("|none~0|+|none~0|conv_5x5~1|+|none~0|none~1|none~2|", mentioning: "'conv_5x5'", "1→2", "nor_conv_3x3")
        assertRefused("|~0|+|none~0|none~1|+|none~0|none~1|none~2|", mentioning: "unknown operation ''")
        assertRefused(String(repeating: "|", count: 1 << 20), mentioning: "…")
        assertRefused(String(repeating: "+", count: 1 << 20), mentioning: "nodes, not 3")
    }

    func testEveryTruncationIsRefused() throws {
        let whole = "|nor_conv_3x3~0|+|none~0|none~1|+|skip_connect~0|none~1|none~2|"
        _ = try cell(whole)
        for length in 0..<whole.utf8.count { assertRefused(String(whole.prefix(length))) }
    }
}
