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

    /// Of the 15,625 cells of the space; 5,425 graphs are different as networks compute them.
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
        XCTAssertLessThan(different.count, 10_000)
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
