import NNFGraph
import NNFOnnx
import XCTest

/// Rules with bodies: `If`, `Loop`, `Scan`, `SequenceMap`. The tests stand in for the engine that infers bodies.
final class ControlFlowRulesTests: XCTestCase {
    private func node(
        _ operatorType: String, outputs: Int, bodies: [String], _ attributes: [String: AttributeValue] = [:]
    ) -> OnnxNode {
        var node = OnnxNode(
            name: "subject", operatorType: operatorType, inputs: [], outputs: (0..<outputs).map { "output\($0)" },
            attributes: Attributes(attributes))
        for body in bodies { node.subgraphs[body] = OnnxGraph() }
        return node
    }

    private func assertFails(
        _ code: Failure.Code, line: UInt = #line, _ attempt: () throws -> [InferredValue]
    ) {
        XCTAssertThrowsError(try attempt(), line: line) { error in
            XCTAssertEqual((error as? Failure)?.code, code, "\(error)", line: line)
            XCTAssertTrue((error as? Failure)?.message.contains("'subject'") == true, "\(error)", line: line)
        }
    }

    private let truth = InferredValue(
        ConstantValue(elementType: .bool, extents: [], elements: .integers([1])))
    private let falsehood = InferredValue(
        ConstantValue(elementType: .bool, extents: [], elements: .integers([0])))
    private let open = tensor("", .bool)

    // MARK: If

    private func branches(
        _ then: [InferredValue], _ otherwise: [InferredValue]
    ) -> OperatorContext.SubgraphInference {
        { (name: String, _: [InferredValue]) throws(Failure) in name == "then_branch" ? then : otherwise }
    }

    private func inferIf(
        _ condition: InferredValue?, _ then: [InferredValue], _ otherwise: [InferredValue], outputs: Int = 1
    ) throws -> [InferredValue] {
        try infer(
            node("If", outputs: outputs, bodies: ["then_branch", "else_branch"]), [condition],
            body: branches(then, otherwise))
    }

    func testIf() throws {
        let (left, right) = (tensor("2,3,N"), tensor("2,4,N"))
        XCTAssertEqual(try inferIf(truth, [left], [right]), [left])
        XCTAssertEqual(try inferIf(falsehood, [left], [right]), [right])
        XCTAssertEqual(try inferIf(open, [left], [right]), [tensor("2,?,N")])
        XCTAssertEqual(try inferIf(open, [left], [tensor("2")]), [unranked()])
        XCTAssertEqual(try inferIf(open, [left], [tensor("2,3,N", .int64)]), [tensor("2,3,N", .undefined)])
        XCTAssertEqual(try inferIf(open, [integers([1, 2])], [integers([1, 2])]).first?.integers, [1, 2])
        let partly = try inferIf(open, [integers([1, 2])], [integers([1, 3])]).first
        XCTAssertNil(partly?.constant)
        XCTAssertEqual(partly?.partialElements, shape("1,?"))
        assertFails(.invalidModel) { try inferIf(nil, [left], [right]) }
        assertFails(.invalidModel) { try inferIf(open, [left], []) }
        assertFails(.invalidModel) { try inferIf(open, [left], [right], outputs: 2) }
        assertFails(.invalidModel) { try infer(node("If", outputs: 1, bodies: ["then_branch"]), [open]) }
    }

    // MARK: Loop

    private func inferLoop(
        _ inputs: [InferredValue?], outputs: Int,
        _ body: @escaping ([InferredValue]) -> [InferredValue]
    ) throws -> [InferredValue] {
        try infer(node("Loop", outputs: outputs, bodies: ["body"]), inputs) {
            (_: String, values: [InferredValue]) throws(Failure) in body(values)
        }
    }

    func testLoopCarriesTypes() throws {
        // The body keeps the first value, doubles the second's rows, and collects a row.
        let outputs = try inferLoop([integers([5], []), truth, tensor("2,3"), tensor("4,3")], outputs: 3) { values in
            XCTAssertEqual(values.count, 4)
            XCTAssertEqual(values[0].type, TensorType(.int64, []))
            var grown = values[3].type.shape ?? []
            if grown.count == 2 { grown[0] = grown[0] * Dimension(2) }
            return [values[1], values[2], InferredValue(type: TensorType(.float, grown)), tensor("N,3")]
        }
        XCTAssertEqual(outputs.map(\.type.shape), [shape("2,3"), shape("?,3"), shape("5,N,3")])
    }

    func testLoopCounts() throws {
        func count(_ limit: InferredValue?, _ condition: InferredValue?, next: InferredValue? = nil) throws -> [Dimension]? {
            try inferLoop([limit, condition], outputs: 1) { [next ?? $0[1], tensor("7")] }.first?.type.shape
        }
        XCTAssertEqual(try count(integers([5], []), nil), shape("5,7"))
        XCTAssertEqual(try count(integers([5]), truth), shape("5,7"))
        XCTAssertEqual(try count(integers([5]), truth, next: open), shape("?,7"))
        XCTAssertEqual(try count(integers([5]), truth, next: falsehood), shape("?,7"))
        XCTAssertEqual(try count(integers([5]), open), shape("?,7"))
        XCTAssertEqual(try count(integers([5]), falsehood), shape("0,7"))
        XCTAssertEqual(try count(integers([-3]), nil), shape("0,7"))
        XCTAssertEqual(try count(integers([.min]), open), shape("0,7"))
        XCTAssertEqual(try count(InferredValue(holding: shape("N")[0]), nil), shape("N,7"))
        XCTAssertEqual(try count(nil, truth), shape("?,7"))
        XCTAssertEqual(try count(nil, nil), shape("?,7"))
        XCTAssertEqual(try count(integers([.max]), nil), [Dimension(.max), Dimension(7)])
    }

    func testLoopDropsWhatChanges() throws {
        // A counter is a constant before the first iteration and none after it.
        let counted = try inferLoop([tensor("", .int64), nil, integers([0], [])], outputs: 1) { values in
            [self.open, values[2].integers.map { integers([$0[0] + 1], []) } ?? tensor("", .int64)]
        }
        XCTAssertEqual(counted, [tensor("", .int64)])
        // Three values that go round: what the first two iterations have in common does not hold in the third.
        let rotated = try inferLoop(
            [tensor("", .int64), nil, tensor("1,2"), tensor("1,2"), tensor("1,2"), tensor("1,3")], outputs: 4
        ) { values in [self.open] + values.dropFirst(3) + [values[2]] }
        XCTAssertEqual(rotated.map(\.type.elementType), [.float, .float, .float, .float])
        XCTAssertEqual(rotated.map(\.type.shape).filter { $0 == shape("1,2") }, [], "each may have 3 columns some time")
        // No iteration at all hands the initial values through.
        let skipped = try inferLoop([integers([0]), nil, integers([9])], outputs: 1) { _ in [self.open, tensor("5")] }
        XCTAssertEqual(skipped.first?.integers, [9])
    }

    func testLoopGrowsASequence() throws {
        let empty = try output("SequenceEmpty", [])
        let outputs = try inferLoop([integers([4]), nil, empty], outputs: 1) { values in
            let inserted = try? output("SequenceInsert", [values[2], tensor("1,8")])
            return [self.open, inserted ?? .unknown]
        }
        XCTAssertEqual(outputs.first?.sequence, InferredSequence(elementType: TensorType(.float, shape("1,8")), length: .unknown))
    }

    func testLoopRefusals() {
        assertFails(.invalidModel) { try inferLoop([integers([1])], outputs: 0) { _ in [self.open] } }
        assertFails(.invalidModel) { try inferLoop([integers([1]), nil, nil], outputs: 1) { $0 } }
        assertFails(.invalidModel) { try inferLoop([integers([1]), nil, tensor("1")], outputs: 1) { _ in [] } }
        assertFails(.invalidModel) { try inferLoop([integers([1]), nil], outputs: 2) { _ in [self.open, tensor("1")] } }
        assertFails(.invalidModel) { try infer(node("Loop", outputs: 1, bodies: []), [nil, nil]) }
        assertFails(.limitExceeded) {
            try inferLoop([integers([1]), nil], outputs: 1) { _ in
                [self.open, tensor(Array(repeating: "1", count: 64).joined(separator: ","))]
            }
        }
    }

    // MARK: Scan

    private func inferScan(
        _ inputs: [InferredValue?], outputs: Int, _ attributes: [String: AttributeValue], operatorSet: Int = 16,
        _ body: @escaping ([InferredValue]) -> [InferredValue]
    ) throws -> [InferredValue] {
        try infer(node("Scan", outputs: outputs, bodies: ["body"], attributes), inputs, operatorSet: operatorSet) {
            (_: String, values: [InferredValue]) throws(Failure) in body(values)
        }
    }

    func testScan() throws {
        let outputs = try inferScan([tensor("N,8"), tensor("T,N,4")], outputs: 2, ["num_scan_inputs": .int(1)]) { values in
            XCTAssertEqual(values.map(\.type.shape), [shape("N,8"), shape("N,4")])
            return [values[0], tensor("N,2")]
        }
        XCTAssertEqual(outputs.map(\.type.shape), [shape("N,8"), shape("T,N,2")])

        let axes: [String: AttributeValue] = [
            "num_scan_inputs": .int(2), "scan_input_axes": .ints([1, -1]), "scan_output_axes": .ints([-1]),
        ]
        let turned = try inferScan([tensor("3,9"), tensor("4,5,9")], outputs: 1, axes) { values in
            XCTAssertEqual(values.map(\.type.shape), [shape("3"), shape("4,5")])
            return [tensor("6,7")]
        }
        XCTAssertEqual(turned.map(\.type.shape), [shape("6,7,9")])
    }

    func testScanWithBatches() throws {
        let outputs = try inferScan(
            [nil, tensor("2,8"), tensor("2,T,4")], outputs: 2, ["num_scan_inputs": .int(1)], operatorSet: 8
        ) { values in
            XCTAssertEqual(values.map(\.type.shape), [shape("8"), shape("4")])
            return [values[0], tensor("3")]
        }
        XCTAssertEqual(outputs.map(\.type.shape), [shape("2,8"), shape("2,T,3")])
    }

    func testScanRefusals() {
        let one: [String: AttributeValue] = ["num_scan_inputs": .int(1)]
        for count in [Int64.min, -1, 0, 3, .max] {
            assertFails(.invalidModel) {
                try inferScan([tensor("1"), tensor("1")], outputs: 1, ["num_scan_inputs": .int(count)]) { $0 }
            }
        }
        assertFails(.invalidModel) { try inferScan([], outputs: 1, one, operatorSet: 8) { $0 } }
        assertFails(.invalidModel) { try inferScan([tensor("")], outputs: 1, one) { $0 } }
        assertFails(.invalidModel) { try inferScan([tensor("3")], outputs: 2, one) { $0 } }
        assertFails(.invalidModel) {
            try inferScan([tensor("3"), tensor("4")], outputs: 1, ["num_scan_inputs": .int(2)]) { $0 }
        }
        assertFails(.invalidModel) {
            try inferScan([tensor("3")], outputs: 1, ["num_scan_inputs": .int(1), "scan_input_axes": .ints([0, 1])]) { $0 }
        }
        assertFails(.invalidModel) {
            try inferScan([tensor("3")], outputs: 1, ["num_scan_inputs": .int(1), "scan_output_axes": .ints([5])]) { $0 }
        }
        assertFails(.invalidModel) { try inferScan([tensor("")], outputs: 1, one, operatorSet: 8) { $0 } }
    }
}
