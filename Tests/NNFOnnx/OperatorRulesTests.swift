import NNFGraph
import NNFOnnx
import TestSupport
import XCTest

final class OperatorRulesTests: XCTestCase {
    /// Merging keeps one rule of a name, so a name in two tables would hide one of them.
    func testNoOperatorHasTwoRules() {
        for tables in [OperatorRules.standardTables, OperatorRules.microsoftTables] {
            var seen: Set<String> = []
            for name in tables.flatMap(\.keys) {
                XCTAssertTrue(seen.insert(name).inserted, "\(name) has two rules")
            }
        }
    }

    func testDomains() {
        XCTAssertNotNil(OperatorRules.rule(domain: "", operatorType: "Conv"))
        XCTAssertNotNil(OperatorRules.rule(domain: "ai.onnx", operatorType: "Conv"))
        XCTAssertNil(OperatorRules.rule(domain: "com.microsoft", operatorType: "Conv"))
        XCTAssertNotNil(OperatorRules.rule(domain: "com.microsoft", operatorType: "FusedConv"))
        XCTAssertNil(OperatorRules.rule(domain: "example", operatorType: "Conv"))
        XCTAssertNil(OperatorRules.rule(domain: "", operatorType: ""))
    }

    /// Every rule on inputs and attributes drawn at random, most of which contradict it: it answers or refuses, and
    /// whatever it answers keeps the invariants that later stages rely on.
    func testRandomNodesNeverTrap() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("seed \(seed)")
        var random = RandomNodes(seed: seed)
        var (operatorCount, answeredCount) = (0, 0)
        for (domain, tables) in [
            ("", OperatorRules.standardTables), ("com.microsoft", OperatorRules.microsoftTables),
        ] {
            for name in tables.flatMap(\.keys).sorted() {
                var isAnswered = false
                for _ in 0..<80 {
                    guard let outputs = try random.outcome(of: name, domain: domain, seed: seed) else {
                        continue
                    }
                    isAnswered = true
                    for output in outputs { checkInvariants(output, "\(name), seed \(seed)") }
                }
                operatorCount += 1
                if isAnswered { answeredCount += 1 }
            }
        }
        // The draw must not be so wild that it stops at the first check of most rules.
        XCTAssertGreaterThan(answeredCount * 4, operatorCount * 3, "seed \(seed)")
    }

    private func checkInvariants(_ value: InferredValue, _ what: String) {
        XCTAssertLessThanOrEqual(value.type.shape?.count ?? 0, Limits.rank, what)
        if let constant = value.constant {
            XCTAssertEqual(constant.extents.reduce(1, *), constant.elements.count, what)
            XCTAssertLessThanOrEqual(constant.elements.count, Limits.constantElements, what)
            XCTAssertEqual(value.type.shape, constant.extents.map { Dimension($0) }, what)
            XCTAssertEqual(value.type.elementType, constant.elementType, what)
        }
        if let partial = value.partialElements, let rank = value.type.shape?.count {
            XCTAssertLessThanOrEqual(rank, 1, what)
            XCTAssertEqual(value.type.elementCount, partial.count, what)
        }
    }
}

/// Nodes with inputs and attributes of every kind, hostile numbers among them.
private struct RandomNodes {
    private var generator: SplitMix64

    init(seed: UInt64) { generator = SplitMix64(seed: seed) }

    /// Outputs of one random node of an operator; `nil` when its rule refuses it.
    mutating func outcome(of name: String, domain: String, seed: UInt64) throws -> [InferredValue]? {
        let inputs = (0..<Int.random(in: 0...6, using: &generator)).map { _ in value() }
        var attributes: [String: AttributeValue] = [:]
        for attribute in Self.attributeNames where Int.random(in: 0..<4, using: &generator) == 0 {
            attributes[attribute] = self.attribute()
        }
        do {
            return try infer(
                name, inputs, attributes, operatorSet: Int.random(in: 1...24, using: &generator),
                domain: domain, outputs: Int.random(in: 0...5, using: &generator))
        } catch let failure as Failure {
            XCTAssertTrue(
                failure.message.contains("'subject'"), "\(name), seed \(seed): \(failure.message)")
            return nil
        }
    }

    private static let attributeNames = [
        "axis", "axes", "keepdims", "group", "kernel_shape", "strides", "pads", "dilations",
        "ceil_mode", "auto_pad", "output_padding", "output_shape", "to", "dtype", "k", "num_heads",
        "kv_num_heads", "q_num_heads", "hidden_size", "direction", "layout", "equation", "transA",
        "transB", "shape", "size", "num_groups", "broadcast", "pooled_shape", "output_height",
        "sample_size", "onesided", "inverse", "perm", "split", "num_outputs", "blocksize", "repeats",
        "starts", "ends", "steps", "scales", "mode", "batch_dims", "allowzero", "start", "end",
        "value_ints", "value_int", "noop_with_empty_axes", "K", "N", "reduction",
    ]

    private static let numbers: [Int64] = [
        .min, .min + 1, -1 << 32, -7, -2, -1, 0, 1, 1, 1, 2, 2, 3, 4, 8, 1 << 32, .max - 1, .max,
    ]

    private mutating func number() -> Int64 { Self.numbers.randomElement(using: &generator) ?? 0 }

    private mutating func numbers() -> [Int64] {
        (0..<Int.random(in: 0...5, using: &generator)).map { _ in number() }
    }

    private mutating func value() -> InferredValue? {
        let type = ElementType(rawValue: Int32.random(in: 0...24, using: &generator))
        switch Int.random(in: 0..<12, using: &generator) {
        case 0: return nil
        case 1: return unranked(type)
        case 2: return integers(numbers(), nil, .int64)
        case 3: return integers([number()], [], .int64)
        case 4: return reals(numbers().map { Double($0) })
        case 5: return extents(["N", "N, 3", "?, 4, N", "1, N, 1, 1"].randomElement(using: &generator) ?? "")
        default:
            let axes = ["N", "M", "?", "0", "1", "1", "2", "3", "4", "8", "\(Int.max)"]
            let rank = Int.random(in: 0...5, using: &generator)
            let text = (0..<rank).map { _ in axes.randomElement(using: &generator) ?? "1" }
            return tensor(text.joined(separator: ","), type)
        }
    }

    private mutating func attribute() -> AttributeValue {
        switch Int.random(in: 0..<8, using: &generator) {
        case 0...2: return .int(number())
        case 3...5: return .ints(numbers())
        case 6: return .float(Float(number()))
        default:
            let texts = ["", "SAME_UPPER", "VALID", "bidirectional", "ij,jk->ik", "...a,a...", "none", "linear"]
            return .string(texts.randomElement(using: &generator) ?? "")
        }
    }
}
