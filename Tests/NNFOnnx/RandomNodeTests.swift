import NNFGraph
import NNFOnnx
import TestSupport
import XCTest

/// Random nodes of every operator, most of which contradict its rule: whatever a file says, a rule answers with consistent
/// values or a `Failure`, and never traps.
final class RandomNodeTests: XCTestCase {
    private static let attributeNames = [
        "allowzero", "auto_pad", "axes", "axis", "batch_axis", "batch_dims", "blocksize", "broadcast", "ceil_mode",
        "coordinate_transformation_mode", "dilations", "direction", "dtype", "end", "ends", "equation", "group",
        "height_scale", "hidden_size", "inverse", "K", "k", "keep_aspect_ratio_policy", "keepdims", "kernel_shape",
        "kv_num_heads", "layout", "mode", "N", "new_axis", "ngram_indexes", "noop_with_empty_axes", "num_groups",
        "num_heads", "num_outputs", "num_scan_inputs", "onesided", "output_height", "output_padding", "output_shape",
        "paddings", "pads", "perm", "pooled_shape", "q_num_heads", "reduction", "repeats", "sample_size", "scales",
        "scan_input_axes", "scan_output_axes", "shape", "size", "split", "start", "starts", "steps", "stopwords", "strides",
        "time_axis", "to", "transA", "transB", "upper", "value_float", "value_int", "value_ints",
    ]
    private static let numbers: [Int64] = [
        .min, .min + 1, -(1 << 32), -5, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 8, 1 << 12, 1 << 31, 1 << 32, 1 << 62, .max - 1, .max,
    ]
    private static let realNumbers: [Double] = [
        -.infinity, -1e300, -1, 0, 1e-300, 0.5, 1, 2, 3.5, 1e18, 1e300, .infinity, .nan,
    ]

    private static let texts = [
        "", "not_larger", "tf_crop_and_resize", "none", "add", "SAME_UPPER", "VALID", "bidirectional", "ij,jk->ik", "...a,a...",
        "linear",
    ]

    private var generator = SplitMix64(seed: 7_880)

    private func pick<Element>(_ choices: [Element]) -> Element {
        choices[Int.random(in: 0..<choices.count, using: &generator)]
    }

    private func count(upTo limit: Int) -> Int { Int.random(in: 0...limit, using: &generator) }

    /// Mostly small numbers, so that many nodes are valid, and now and then one at an end of the range.
    private func number() -> Int64 {
        count(upTo: 3) == 0 ? pick(Self.numbers) : Int64(count(upTo: 5)) - 2
    }

    private func extent() -> Dimension {
        switch count(upTo: 7) {
        case 0: .unknown
        case 1: .symbol(Int32(count(upTo: 1)))
        case 2: Int(exactly: pick(Self.numbers)).map { Dimension($0) } ?? .unknown
        default: Dimension(count(upTo: 5))
        }
    }

    private func value(depth: Int = 0) -> InferredValue? {
        let elementType = pick([
            ElementType.float, .int64, .bool, .string, .undefined, ElementType(rawValue: Int32(count(upTo: 24))),
            ElementType(rawValue: 99),
        ])
        switch count(upTo: 9) {
        case 0: return nil
        case 1: return unranked(elementType)
        case 2, 3: return integers((0..<count(upTo: 4)).map { _ in number() })
        case 4: return integers([number()], [])
        case 5: return reals((0..<count(upTo: 4)).map { _ in pick(Self.realNumbers) })
        case 6: return InferredValue(holding: (0..<count(upTo: 4)).map { _ in extent() })
        case 7 where depth == 0:
            let types = (0..<count(upTo: 3)).compactMap { _ in value(depth: 1)?.type }
            return try? output("SequenceConstruct", types.map { InferredValue(type: $0) })
        case 8:
            let extents = (0..<count(upTo: 3)).map { _ in count(upTo: 3) }
            return integers((0..<extents.reduce(1, *)).map { _ in number() }, extents)
        default:
            let rank = count(upTo: 20) == 0 ? 64 : count(upTo: 5)
            return InferredValue(type: TensorType(elementType, (0..<rank).map { _ in extent() }))
        }
    }

    private func attribute() -> AttributeValue {
        switch count(upTo: 8) {
        case 0, 1, 2: .int(number())
        case 3, 4, 5: .ints((0..<count(upTo: 5)).map { _ in number() })
        case 6: .floats((0..<count(upTo: 4)).map { _ in Float(pick(Self.realNumbers)) })
        case 7: .float(Float(pick(Self.realNumbers)))
        default: .string(pick(Self.texts))
        }
    }

    private func node(_ operatorType: String, domain: String) -> OnnxNode {
        var attributes = Attributes()
        // Few, so that what they are is seldom a reason to refuse, or so many that most rules find theirs.
        let odds = pick([4, 20])
        for name in Self.attributeNames where count(upTo: odds) == 0 { attributes[name] = attribute() }
        // Without these hardly any random node gets as far as its shapes.
        switch operatorType {
        case "DepthToSpace", "SpaceToDepth": attributes["blocksize"] = .int(number())
        case "Scan": attributes["num_scan_inputs"] = .int(number())
        case "MatMulNBits": for name in ["K", "N"] { attributes[name] = .int(number()) }
        case "GroupQueryAttention": for name in ["num_heads", "kv_num_heads"] { attributes[name] = .int(number()) }
        default: break
        }
        var node = OnnxNode(
            name: "subject", operatorType: operatorType, domain: domain, inputs: [],
            outputs: (0..<count(upTo: 5)).map { "output\($0)" }, attributes: attributes)
        for name in ["body", "then_branch", "else_branch"] where count(upTo: 9) > 0 { node.subgraphs[name] = OnnxGraph() }
        if count(upTo: 2) == 0 {
            node.tensors["value"] = OnnxTensor(
                name: "", elementType: .int64, dimensions: (0..<count(upTo: 3)).map { _ in number() },
                elements: .integers((0..<count(upTo: 3)).map { _ in number() }))
        }
        return node
    }

    /// Asserts what the rest of the library relies on.
    private func checkConsistency(_ value: InferredValue, _ what: String) {
        if let rank = value.type.shape?.count { XCTAssertLessThanOrEqual(rank, Limits.rank, what) }
        if let constant = value.constant {
            XCTAssertEqual(value.type.shape, constant.extents.map { Dimension($0) }, what)
            XCTAssertEqual(value.type.elementType, constant.elementType, what)
            XCTAssertLessThanOrEqual(constant.elements.count, Limits.constantElements, what)
            if !constant.extents.contains(0) {
                XCTAssertEqual(constant.extents.reduce(1, *), constant.elements.count, what)
            } else {
                XCTAssertEqual(constant.elements.count, 0, what)
            }
        }
        if let partial = value.partialElements {
            XCTAssertLessThanOrEqual(partial.count, Limits.rank, what)
            XCTAssertLessThanOrEqual(value.type.shape?.count ?? .max, 1, what)
            if let count = value.type.elementCount { XCTAssertEqual(count, partial.count, what) }
        }
        if let types = value.sequence?.elementTypes {
            XCTAssertEqual(value.sequence?.length, Dimension(types.count), what)
            XCTAssertLessThanOrEqual(types.count, Limits.sequenceElements, what)
        }
    }

    func testRandomNodes() throws {
        for (domain, tables) in [("", OperatorRules.standardTables), ("com.microsoft", OperatorRules.microsoftTables)] {
            for operatorType in tables.flatMap(\.keys).sorted() { try check(operatorType, domain: domain) }
        }
    }

    private func check(_ operatorType: String, domain: String) throws {
        var answeredCount = 0
        var round = 0
        // Of rules that ask for much of many inputs, thousands of nodes are drawn before one is valid.
        while round < 1_000 || (answeredCount == 0 && round < 20_000) {
            round += 1
            let node = node(operatorType, domain: domain)
            let inputs = (0..<count(upTo: 6)).map { _ in value() }
            let operatorSet = Int.random(in: 1...24, using: &generator)
            let bodyOutputs = (0..<count(upTo: 4)).map { _ in value(depth: 1) ?? .unknown }
            let what = "\(operatorType), round \(round)"
            do {
                let outputs = try infer(node, inputs, operatorSet: operatorSet) {
                    (_: String, values: [InferredValue]) throws(Failure) in
                    round % 2 == 0 ? bodyOutputs : values + bodyOutputs
                }
                answeredCount += 1
                XCTAssertEqual(outputs.count, node.outputs.count, what)
                for output in outputs { checkConsistency(output, what) }
            } catch let failure as Failure {
                XCTAssertTrue([.invalidModel, .limitExceeded].contains(failure.code), "\(what): \(failure)")
                XCTAssertTrue(failure.message.contains("'subject' (\(operatorType))"), "\(what): \(failure)")
                XCTAssertFalse(failure.message.contains("\n"), "\(what): \(failure)")
            }
        }
        XCTAssertGreaterThan(answeredCount, 0, "no random \(operatorType) was valid: the test does not reach its rule")
    }
}
