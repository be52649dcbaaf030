import NNFGraph
import NNFOnnx
import XCTest

/// Rules of sequences and optional values.
final class SequenceRulesTests: XCTestCase {
    private let mixed = try? output("SequenceConstruct", [tensor("2,3"), tensor("4,3")])
    private let uniform = try? output("SplitToSequence", [tensor("6,5")])
    private let split = try? output("SplitToSequence", [tensor("7,5"), integers([3], [])])

    func testElements() throws {
        let rows: [any TableRow] = [
            ShapeCase("SequenceAt", [mixed, integers([1], [])], gives: "4,3"),
            ShapeCase("SequenceAt", [mixed, integers([-2], [])], gives: "2,3"),
            ShapeCase("SequenceAt", [mixed, tensor("", .int64)], gives: "?,3"),
            ShapeCase("SequenceAt", [uniform, tensor("", .int64)], gives: "1,5"),
            ShapeCase("SequenceAt", [split, integers([2], [])], gives: "1,5"),
            ShapeCase("SequenceAt", [tensor("2"), integers([0], [])], gives: nil),
            RefusalCase("SequenceAt", [mixed, integers([2], [])], naming: "sequence of 2"),
            RefusalCase("SequenceAt", [mixed, integers([.min], [])]),
            RefusalCase("SequenceAt", [mixed]),
        ]
        try rows.check()
    }

    func testLengths() throws {
        XCTAssertEqual(try output("SequenceLength", [mixed]).integers, [2])
        XCTAssertEqual(try output("SequenceLength", [uniform]).integers, [6])
        XCTAssertEqual(try output("SequenceLength", [split]).integers, [3])
        let open = try output("SplitToSequence", [tensor("N,5")])
        XCTAssertEqual(try output("SequenceLength", [open]).partialElements, shape("N"))
        let shorter = try output("SequenceErase", [mixed, integers([0], [])])
        XCTAssertEqual(shorter.sequence, InferredSequence(elementType: TensorType(.float, shape("4,3")), length: Dimension(1)))
        let longer = try output("SequenceInsert", [mixed, tensor("9"), integers([0], [])])
        XCTAssertEqual(try output("SequenceAt", [longer, integers([0], [])]).type.shape, shape("9"))
        XCTAssertEqual(try output("SequenceAt", [longer, integers([2], [])]).type.shape, shape("4,3"))
        let unsure = try output("SequenceInsert", [mixed, tensor("8,3"), tensor("", .int64)])
        XCTAssertEqual(unsure.sequence, InferredSequence(elementType: TensorType(.float, shape("?,3")), length: Dimension(3)))
        let rows: [any TableRow] = [
            RefusalCase("SequenceErase", [try output("SequenceEmpty", [])]),
            RefusalCase("SequenceErase", [mixed, integers([5], [])]),
            RefusalCase("SequenceInsert", [mixed, tensor("1"), integers([3], [])]),
            RefusalCase("SequenceInsert", [mixed, tensor("1"), integers([-3], [])]),
            RefusalCase("SequenceConstruct", [nil]),
        ]
        try rows.check()
    }

    func testJoining() throws {
        let zero: [String: AttributeValue] = ["axis": .int(0)]
        let rows: [any TableRow] = [
            ShapeCase("ConcatFromSequence", [mixed], zero, gives: "6,3"),
            ShapeCase("ConcatFromSequence", [uniform], zero, gives: "6,5"),
            ShapeCase("ConcatFromSequence", [uniform], ["axis": .int(-1)], gives: "1,30"),
            ShapeCase("ConcatFromSequence", [split], zero, gives: "7,5"),
            ShapeCase("ConcatFromSequence", [uniform], ["axis": .int(1), "new_axis": .int(1)], gives: "1,6,5"),
            RefusalCase("ConcatFromSequence", [mixed], ["axis": .int(1)]),
            RefusalCase("ConcatFromSequence", [uniform], ["axis": .int(2)]),
            RefusalCase("ConcatFromSequence", [uniform]),
        ]
        try rows.check()
    }

    func testSplitting() throws {
        func sequence(_ input: InferredValue, _ sizes: InferredValue?, _ attributes: [String: AttributeValue] = [:]) throws -> InferredSequence? {
            try output("SplitToSequence", [input, sizes], attributes).sequence
        }
        func type(_ text: String) -> TensorType { TensorType(.float, shape(text)) }
        XCTAssertEqual(
            try sequence(tensor("6,5"), nil, ["keepdims": .int(0), "axis": .int(1)]),
            InferredSequence(elementType: type("6"), length: Dimension(5)))
        XCTAssertEqual(
            try sequence(tensor("6,5"), integers([2, 4])),
            InferredSequence(elementType: type("?,5"), length: Dimension(2), elementTypes: [type("2,5"), type("4,5")]))
        XCTAssertEqual(
            try sequence(tensor("6,5"), tensor("3", .int64)), InferredSequence(elementType: type("?,5"), length: Dimension(3)))
        XCTAssertEqual(
            try sequence(tensor("N,5"), integers([2], [])), InferredSequence(elementType: type("?,5"), length: .unknown))
        XCTAssertEqual(
            try sequence(tensor("9223372036854775807"), integers([2], [])),
            InferredSequence(elementType: type("?"), length: Dimension(.max / 2 + 1)))
        XCTAssertEqual(
            try sequence(tensor("9223372036854775807"), integers([1], [])),
            InferredSequence(elementType: type("1"), length: Dimension(.max)))
        for sizes in [integers([0], []), integers([.min], []), integers([1, 2]), integers([.max, .max])] {
            XCTAssertThrowsError(try sequence(tensor("6,5"), sizes))
        }
    }

    func testLongSequencesKeepWhatIsCommon() throws {
        let types = (0..<65).map { tensor("\($0),3") }
        let sequence = try output("SequenceConstruct", types).sequence
        XCTAssertEqual(sequence, InferredSequence(elementType: TensorType(.float, shape("?,3")), length: Dimension(65)))
    }

    func testSequenceMap() throws {
        var node = OnnxNode(name: "subject", operatorType: "SequenceMap", inputs: [], outputs: ["mapped"])
        node.subgraphs["body"] = OnnxGraph()
        let outputs = try infer(node, [uniform, tensor("9")]) { (_: String, values: [InferredValue]) throws(Failure) in
            XCTAssertEqual(values.map(\.type.shape), [shape("1,5"), shape("9")])
            return [tensor("4")]
        }
        XCTAssertEqual(outputs.first?.sequence, InferredSequence(elementType: TensorType(.float, shape("4")), length: Dimension(6)))
    }

    func testOptionalValues() throws {
        XCTAssertEqual(try output("Optional", [tensor("2,3")]), tensor("2,3"))
        XCTAssertEqual(try output("OptionalGetElement", [mixed]), mixed)
        XCTAssertEqual(try output("OptionalHasElement", []).integers, [0])
        XCTAssertNil(try output("OptionalHasElement", [tensor("2")]).constant)
        XCTAssertThrowsError(try output("OptionalGetElement", [nil]))
    }
}
