import NNFGraph
import NNFOnnx
import XCTest

/// Extents as tests write them: numbers, `?` for unknown, other words for symbols (`"N"` is one symbol everywhere).
func shape(_ text: String) -> [Dimension] {
    text.split(separator: ",").map { part in
        let word = part.trimmingCharacters(in: .whitespaces)
        if let extent = Int(word) { return Dimension(extent) }
        return word == "?" ? .unknown : .symbol(word.utf8.reduce(0) { ($0 &* 31 &+ Int32($1)) & .max })
    }
}

/// A value of a known type, of which no element is known.
func tensor(_ extents: String, _ type: ElementType = .float) -> InferredValue {
    InferredValue(type: TensorType(type, shape(extents)))
}

/// A value of which not even the rank is known.
func unranked(_ type: ElementType = .float) -> InferredValue {
    InferredValue(type: TensorType(type, nil))
}

/// An integer constant; a vector unless `extents` are given.
func integers(
    _ elements: [Int64], _ extents: [Int]? = nil, _ type: ElementType = .int64
) -> InferredValue {
    let extents = extents ?? [elements.count]
    return InferredValue(
        type: TensorType(type, extents.map { Dimension($0) }),
        constant: ConstantValue(elementType: type, extents: extents, elements: .integers(elements)))
}

/// A floating-point constant; a vector unless `extents` are given.
func reals(
    _ elements: [Double], _ extents: [Int]? = nil, _ type: ElementType = .float
) -> InferredValue {
    let extents = extents ?? [elements.count]
    return InferredValue(
        type: TensorType(type, extents.map { Dimension($0) }),
        constant: ConstantValue(elementType: type, extents: extents, elements: .reals(elements)))
}

/// A shape vector, some of whose elements are symbols.
func extents(_ text: String) -> InferredValue {
    let held = shape(text)
    return InferredValue(
        type: TensorType(.int64, [Dimension(held.count)]), partialElements: held)
}

/// What the rule of one operator says of its outputs.
func infer(
    _ operatorType: String, _ inputs: [InferredValue?],
    _ attributes: [String: AttributeValue] = [:], operatorSet: Int = 21, domain: String = "",
    outputs: Int = 1
) throws -> [InferredValue] {
    let node = OnnxNode(
        name: "subject", operatorType: operatorType, domain: domain,
        inputs: inputs.indices.map { inputs[$0] == nil ? "" : "input\($0)" },
        outputs: (0..<outputs).map { "output\($0)" }, attributes: Attributes(attributes))
    return try infer(node, inputs, operatorSet: operatorSet)
}

/// One row of a table: an operator on inputs, and the shape of its first output (`nil`: rank unknown).
struct ShapeCase {
    let operatorType: String
    let inputs: [InferredValue?]
    let attributes: [String: AttributeValue]
    let operatorSet: Int
    let domain: String
    let expected: [String?]
    let line: UInt

    init(
        _ operatorType: String, _ inputs: [InferredValue?],
        _ attributes: [String: AttributeValue] = [:], operatorSet: Int = 21, domain: String = "",
        gives expected: String?..., line: UInt = #line
    ) {
        self.operatorType = operatorType
        self.inputs = inputs
        self.attributes = attributes
        self.operatorSet = operatorSet
        self.domain = domain
        self.expected = expected
        self.line = line
    }

    func check(file: StaticString = #filePath) throws {
        let outputs: [InferredValue]
        do {
            outputs = try infer(
                operatorType, inputs, attributes, operatorSet: operatorSet, domain: domain,
                outputs: expected.count)
        } catch let failure as Failure {
            return XCTFail("\(operatorType): \(failure.message)", file: file, line: line)
        }
        for (index, (output, text)) in zip(outputs, expected).enumerated() {
            XCTAssertEqual(
                output.type.shape, text.map { shape($0) }, "\(operatorType), output \(index)", file: file,
                line: line)
        }
    }
}
