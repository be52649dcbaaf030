import NNFCells
import NNFGraph
import TestSupport
import XCTest

final class Nasbench101CellTests: XCTestCase {
    private let names = ["input", "conv3x3-bn-relu", "maxpool3x3", "conv1x1-bn-relu", "output"]

    /// rows: one string a vertex, a digit a column.
    private func cell(_ rows: [String], _ operations: [String]) throws -> Cell {
        try Cell(nasbench101: rows.joined().utf8.map { $0 &- 48 }, operations: operations)
    }

    private func assertRefused(
        _ rows: [String], _ operations: [String], mentioning words: String..., line: UInt = #line
    ) {
        XCTAssertThrowsError(try cell(rows, operations), line: line) { error in
            guard let failure = error as? Failure else { return XCTFail("\(error)", line: line) }
            XCTAssertEqual(failure.code, .malformedInput, line: line)
            for word in words { XCTAssertTrue(failure.message.contains(word), failure.message, line: line) }
        }
    }

    func testVerticesBecomeNodes() throws {
        let cell = try cell(["01100", "00010", "00011", "00001", "00000"], names)
        XCTAssertEqual(
            cell.nodes.map(\.operation),
            [
                .input, .nasbench101Convolution3x3, .nasbench101MaxPool3x3, .nasbench101Convolution1x1, .output,
            ])
        XCTAssertEqual(cell.nodes.map(\.sources), [[], [0], [0], [1, 2], [2, 3]])
        XCTAssertEqual(cell.depth, 3)
    }

    func testVerticesOffEveryPathAreDropped() throws {
        // Vertex 2 is fed by nothing, vertex 3 feeds nothing.
        let pruned = try cell(["01010", "00001", "00001", "00000", "00000"], names)
        XCTAssertEqual(pruned, try cell(["010", "001", "000"], ["input", "conv3x3-bn-relu", "output"]))
    }

    func testAnyOrderWithoutACycleWillDo() throws {
        let names = ["input", "maxpool3x3", "conv1x1-bn-relu", "output"]
        let backwards = try cell(["0010", "0001", "0100", "0000"], names)
        XCTAssertEqual(backwards.nodes.map(\.sources), [[], [0], [1], [2]])
        XCTAssertEqual(
            backwards, try cell(["0100", "0010", "0001", "0000"], ["input", "conv1x1-bn-relu", "maxpool3x3", "output"]))
    }

    func testWhatTheSpaceDoesNotHoldIsRefused() {
        assertRefused(["01000", "00100", "00010", "01001", "00000"], names, mentioning: "cyclic", "1, 2, 3")
        assertRefused(["11", "00"], ["input", "output"], mentioning: "cyclic")
        assertRefused(["00", "00"], ["input", "output"], mentioning: "not connected")
        assertRefused(["010", "000", "000"], ["input", "maxpool3x3", "output"], mentioning: "not connected")
        assertRefused(["010", "001", "000"], ["input", "conv5x5", "output"], mentioning: "'conv5x5'", "vertex 1", "maxpool3x3")
        assertRefused(["010", "001", "000"], ["output", "maxpool3x3", "output"], mentioning: "vertex 0")
        assertRefused(["010", "001", "000"], ["input", "maxpool3x3", "input"], mentioning: "vertex 2")
        assertRefused(["010", "001", "000"], ["input", "output"], mentioning: "9 entries", "2×2")
        assertRefused(["020", "001", "000"], ["input", "maxpool3x3", "output"], mentioning: "holds 2", "row 0, column 1")
        assertRefused([], [], mentioning: "0 vertices")
        assertRefused(["0"], ["input"], mentioning: "1 vertices")
        let eight = ["input"] + [String](repeating: "maxpool3x3", count: 6) + ["output"]
        assertRefused([String](repeating: "00000000", count: 8), eight, mentioning: "8 vertices", "2 to 7")
        let full = (0..<7).map { row in String((0..<7).map { $0 > row ? "1" : "0" }) }
        let seven = ["input"] + [String](repeating: "maxpool3x3", count: 5) + ["output"]
        assertRefused(full, seven, mentioning: "21 edges", "at most 9")
    }

    /// Whatever bytes come, there is a cell or an error.
    func testRandomMatrices() {
        var generator = SplitMix64(seed: 101)
        let all = names + ["", "none"]
        var accepted = 0
        for _ in 0..<20_000 {
            let count = Int.random(in: 0...8, using: &generator)
            let length = Bool.random(using: &generator) ? count * count : Int.random(in: 0...70, using: &generator)
            let limit: UInt8 = Bool.random(using: &generator) ? 1 : 255
            let matrix = (0..<length).map { _ in UInt8.random(in: 0...limit, using: &generator) & (limit == 1 ? UInt8.random(in: 0...1, using: &generator) : 255) }
            var operations = (0..<count).map { _ in all[Int.random(in: 1..<(Bool.random(using: &generator) ? 4 : 7), using: &generator)] }
            if count > 1, Bool.random(using: &generator) { (operations[0], operations[count - 1]) = ("input", "output") }
            guard let cell = try? Cell(nasbench101: matrix, operations: operations) else { continue }
            accepted += 1
            XCTAssertEqual(cell.nodes.first?.operation, .input)
            XCTAssertEqual(cell.nodes.last?.operation, .output)
            XCTAssertGreaterThan(cell.depth, 0)
        }
        XCTAssertGreaterThan(accepted, 20)
    }
}
