import NNFCells
import NNFGraph
import XCTest

final class CellEncodingTests: XCTestCase {
    /// Two cells: rows 0 and 1 are the class tokens, 2 and 3 the depth tokens, 4 to 6 the first cell, 7 to 10 the second.
    private func encoding() throws -> GraphEncoding {
        GraphEncoding(of: [
            try Cell(nasbench201: "|none~0|+|none~0|none~1|+|nor_conv_3x3~0|none~1|none~2|"),
            try Cell(nasbench201: "|nor_conv_1x1~0|+|none~0|none~1|+|avg_pool_3x3~0|skip_connect~1|none~2|"),
        ])
    }

    private func lists(_ adjacency: Adjacency) -> [[UInt32]] { (0..<adjacency.rowCount).map { Array(adjacency[$0]) } }

    func testTokensSeeTheirOwnCellAndEachOther() throws {
        let relations = try encoding().relations
        for relation in [relations.successors, relations.predecessors, relations.coChildren, relations.coParents] {
            XCTAssertEqual(Array(lists(relation)[..<4]), [[2, 4, 5, 6], [3, 7, 8, 9, 10], [0, 4, 5, 6], [1, 7, 8, 9, 10]])
        }
    }

    func testNodesSeeNeighboursAndSiblings() throws {
        let relations = try encoding().relations
        XCTAssertEqual(Array(lists(relations.successors)[4...]), [[5], [6], [], [8, 9], [10], [10], []])
        XCTAssertEqual(Array(lists(relations.predecessors)[4...]), [[], [4], [5], [], [7], [7], [8, 9]])
        XCTAssertEqual(Array(lists(relations.coChildren)[4...]), [[], [], [], [], [9], [8], []])
        XCTAssertEqual(Array(lists(relations.coParents)[4...]), [[], [], [], [], [9], [8], []])
    }

    func testFeaturesSayOperationDepthAndRepetition() throws {
        let width = CellSchema.featureCount
        let features = try encoding().nodeFeatures
        let hot = (0..<11).map { row in (0..<width).filter { features[row * width + $0] != 0 } }
        // Eight operations, the class token, depths 0 to 7, repeated sources.
        XCTAssertEqual(hot, [[8], [8], [11], [11], [0], [3], [1], [0], [2], [4], [1]])
        let twice = GraphEncoding(of: [
            try Cell(nasbench201: "|skip_connect~0|+|none~0|none~1|+|skip_connect~0|skip_connect~1|none~2|")
        ])
        XCTAssertEqual(twice.nodeFeatures.suffix(width).last, 1)
    }

    func testNoCellsAreNoNodes() {
        XCTAssertEqual(GraphEncoding(of: []).nodeCount, 0)
    }
}
