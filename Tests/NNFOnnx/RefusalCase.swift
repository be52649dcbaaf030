import NNFGraph
import NNFOnnx
import XCTest

/// A row of a table of tests, of either outcome.
protocol TableRow {
    func check(file: StaticString) throws
}

extension ShapeCase: TableRow {}

extension [any TableRow] {
    func check(file: StaticString = #filePath) throws {
        for row in self { try row.check(file: file) }
    }
}

/// One row of a table: an operator on inputs that contradict its specification or exceed a limit.
struct RefusalCase: TableRow {
    let operatorType: String
    let inputs: [InferredValue?]
    let attributes: [String: AttributeValue]
    let operatorSet: Int
    let domain: String
    let outputCount: Int
    let code: Failure.Code
    /// What the message must say besides the node's name.
    let text: String
    let line: UInt

    init(
        _ operatorType: String, _ inputs: [InferredValue?], _ attributes: [String: AttributeValue] = [:],
        operatorSet: Int = 21, domain: String = "", outputs: Int = 1, code: Failure.Code = .invalidModel,
        naming text: String = "", line: UInt = #line
    ) {
        self.operatorType = operatorType
        self.inputs = inputs
        self.attributes = attributes
        self.operatorSet = operatorSet
        self.domain = domain
        outputCount = outputs
        self.code = code
        self.text = text
        self.line = line
    }

    func check(file: StaticString = #filePath) {
        let attempt = { () throws in
            try infer(
                operatorType, inputs, attributes, operatorSet: operatorSet, domain: domain, outputs: outputCount)
        }
        XCTAssertThrowsError(try attempt(), operatorType, file: file, line: line) { error in
            guard let failure = error as? Failure else {
                XCTFail("\(error)", file: file, line: line)
                return
            }
            XCTAssertEqual(failure.code, code, failure.message, file: file, line: line)
            for part in ["'subject' (\(operatorType))", text] where !part.isEmpty {
                XCTAssertTrue(
                    failure.message.contains(part), "no '\(part)' in: \(failure.message)", file: file, line: line)
            }
        }
    }
}

/// The only output that the rule of an operator infers.
func output(
    _ operatorType: String, _ inputs: [InferredValue?], _ attributes: [String: AttributeValue] = [:],
    operatorSet: Int = 21
) throws -> InferredValue {
    // Inferred outside `XCTUnwrap`, which reports what its argument throws even where a test expects it.
    let outputs = try infer(operatorType, inputs, attributes, operatorSet: operatorSet)
    return try XCTUnwrap(outputs.first)
}

/// What the rule of a node with tensors or bodies says of its outputs.
///
/// - Parameter body: infers the node's subgraphs.
func infer(
    _ node: OnnxNode, _ inputs: [InferredValue?], operatorSet: Int = 21,
    body: OperatorContext.SubgraphInference? = nil
) throws -> [InferredValue] {
    let rule = try XCTUnwrap(
        OperatorRules.rule(domain: node.domain, operatorType: node.operatorType), node.operatorType)
    var context = OperatorContext(
        node: node, operatorSet: operatorSet, inputs: inputs, subgraphInference: body)
    try rule(&context)
    return context.outputs
}

extension InferredValue {
    /// Elements of an integer constant.
    var integers: [Int64]? {
        guard case .integers(let elements)? = constant?.elements else { return nil }
        return elements
    }

    /// Elements of a floating-point constant.
    var reals: [Double]? {
        guard case .reals(let elements)? = constant?.elements else { return nil }
        return elements
    }
}
