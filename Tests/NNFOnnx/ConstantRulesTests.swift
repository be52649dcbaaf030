import NNFGraph
import NNFOnnx
import TestSupport
import XCTest

/// Rules that make constants, and what movement operators make of the elements of constants.
final class ConstantRulesTests: XCTestCase {
    private func constantNode(
        _ attributes: [String: AttributeValue], _ tensors: [String: OnnxTensor] = [:],
        operatorType: String = "Constant"
    ) -> OnnxNode {
        var node = OnnxNode(
            name: "subject", operatorType: operatorType, inputs: [], outputs: ["output"],
            attributes: Attributes(attributes))
        node.tensors = tensors
        return node
    }

    private func tensorAttribute(
        _ dimensions: [Int64], _ elements: ConstantElements?, _ type: ElementType = .int64
    ) -> [String: OnnxTensor] {
        ["value": OnnxTensor(name: "", elementType: type, dimensions: dimensions, elements: elements)]
    }

    func testConstantAttributes() throws {
        let number = try infer(constantNode(["value_int": .int(7)]), [])
        XCTAssertEqual(number.first?.type, TensorType(.int64, []))
        XCTAssertEqual(number.first?.integers, [7])
        XCTAssertEqual(try infer(constantNode(["value_ints": .ints([7, 8])]), []).first?.integers, [7, 8])
        XCTAssertEqual(try infer(constantNode(["value_float": .float(0.5)]), []).first?.reals, [0.5])
        XCTAssertEqual(try infer(constantNode(["value_floats": .floats([1, 2])]), []).first?.type, TensorType(.float, shape("2")))
        XCTAssertEqual(try infer(constantNode(["value_string": .string("a")]), []).first?.type, TensorType(.string, []))
        XCTAssertEqual(try infer(constantNode(["value_strings": .strings(["a", "b"])]), []).first?.type, TensorType(.string, shape("2")))
        let long = try infer(constantNode(["value_ints": .ints(Array(repeating: 1, count: 5_000))]), [])
        XCTAssertEqual(long.first?.type.shape, shape("5000"))
        XCTAssertNil(long.first?.constant, "too long to be followed")
        XCTAssertThrowsError(try infer(constantNode([:]), []))
    }

    func testConstantTensors() throws {
        let matrix = try infer(constantNode([:], tensorAttribute([2, 2], .integers([1, 2, 3, 4]))), [])
        XCTAssertEqual(matrix.first?.constant?.extents, [2, 2])
        let large = try infer(constantNode([:], tensorAttribute([1 << 40, 1 << 40], nil, .float)), [])
        XCTAssertEqual(large.first?.type.shape, [Dimension(1 << 40), Dimension(1 << 40)])
        let inconsistent = try infer(constantNode([:], tensorAttribute([3], .integers([1]))), [])
        XCTAssertEqual(inconsistent.first?.type.shape, shape("3"))
        XCTAssertNil(inconsistent.first?.constant, "elements that do not fill the tensor are not believed")
        XCTAssertThrowsError(try infer(constantNode([:], tensorAttribute([-1], nil)), [])) { error in
            XCTAssertEqual((error as? Failure)?.code, .invalidModel)
            XCTAssertTrue((error as? Failure)?.message.contains("'subject'") == true)
        }
        let deep = tensorAttribute(Array(repeating: 1, count: 65), nil)
        XCTAssertThrowsError(try infer(constantNode([:], deep), [])) { error in
            XCTAssertEqual((error as? Failure)?.code, .limitExceeded)
        }
    }

    func testConstantOfShape() throws {
        let node = constantNode([:], tensorAttribute([1], .integers([5])), operatorType: "ConstantOfShape")
        let filled = try infer(node, [integers([2, 2])])
        XCTAssertEqual(filled.first?.integers, [5, 5, 5, 5])
        XCTAssertEqual(filled.first?.constant?.extents, [2, 2])
        XCTAssertEqual(try output("ConstantOfShape", [integers([3])]).reals, [0, 0, 0])
        XCTAssertEqual(try output("ConstantOfShape", [integers([])]).reals, [0])
        let huge = try output("ConstantOfShape", [integers([.max, .max])])
        XCTAssertEqual(huge.type.shape, [Dimension(.max), Dimension(.max)])
        XCTAssertNil(huge.constant)
        let rows: [any TableRow] = [
            ShapeCase("ConstantOfShape", [tensor("3", .int64)], gives: "?,?,?"),
            ShapeCase("ConstantOfShape", [tensor("?", .int64)], gives: nil),
            RefusalCase("ConstantOfShape", [integers([-1])]),
            // A rank that no tensor has is no rank at all.
            ShapeCase("ConstantOfShape", [tensor("9000000000000000000", .int64)], gives: nil),
        ]
        try rows.check()
        let pair = constantNode([:], tensorAttribute([2], .integers([5, 6])), operatorType: "ConstantOfShape")
        XCTAssertThrowsError(try infer(pair, [integers([2])]))
    }

    func testRange() throws {
        func range(_ start: Int64, _ limit: Int64, _ delta: Int64) throws -> InferredValue {
            try output("Range", [integers([start], []), integers([limit], []), integers([delta], [])])
        }
        for (start, limit, delta) in [(0, 5, 1), (10, 4, -2), (10, 5, -2), (3, 3, 1), (5, 1, 1), (-3, 4, 3)] {
            XCTAssertEqual(
                try range(Int64(start), Int64(limit), Int64(delta)).integers,
                stride(from: start, to: limit, by: delta).map { Int64($0) }, "\(start)..<\(limit) by \(delta)")
        }
        XCTAssertEqual(try range(0, .max, 1).type.shape, [Dimension(.max)])
        XCTAssertEqual(try range(0, .max, .max).integers, [0])
        XCTAssertEqual(try range(.max, 0, .min).integers, [.max])
        XCTAssertThrowsError(try range(.min, .max, 1))
        XCTAssertThrowsError(try range(0, 1, 0))
        func realRange(_ start: Double, _ limit: Double, _ delta: Double) throws -> InferredValue {
            try output("Range", [reals([start], []), reals([limit], []), reals([delta], [])])
        }
        XCTAssertEqual(try realRange(0, 1, 0.25).reals, [0, 0.25, 0.5, 0.75])
        XCTAssertEqual(try realRange(0, -1, 0.25).reals, [])
        XCTAssertThrowsError(try realRange(0, .infinity, 1))
        XCTAssertThrowsError(try realRange(.nan, 1, 1))
        XCTAssertThrowsError(try realRange(0, 1, 0))
        let rows: [any TableRow] = [
            ShapeCase("Range", [tensor("", .int64), tensor("", .int64), tensor("", .int64)], gives: "?"),
            RefusalCase("Range", [tensor("", .int64), nil, tensor("", .int64)]),
        ]
        try rows.check()
    }

    func testOneHot() throws {
        let values = reals([-1, 1])
        let encoded = try output("OneHot", [integers([1, -1, 9]), integers([3]), values])
        XCTAssertEqual(encoded.constant?.extents, [3, 3])
        XCTAssertEqual(encoded.reals, [-1, 1, -1, -1, -1, 1, -1, -1, -1])
        let leading = try output("OneHot", [integers([1, 0]), integers([3], []), values], ["axis": .int(0)])
        XCTAssertEqual(leading.constant?.extents, [3, 2])
        XCTAssertEqual(leading.reals, [-1, 1, 1, -1, -1, -1])
        let rows: [any TableRow] = [
            ShapeCase("OneHot", [tensor("N,4", .int64), reals([10.0], []), values], gives: "N,4,10"),
            ShapeCase("OneHot", [tensor("N,4", .int64), tensor("", .int64), values], gives: "N,4,?"),
            ShapeCase("OneHot", [tensor("4", .int64), extents("N"), values], ["axis": .int(0)], gives: "N,4"),
            ShapeCase("OneHot", [unranked(.int64), integers([3]), values], gives: nil),
            RefusalCase("OneHot", [integers([1]), integers([0]), values]),
            RefusalCase("OneHot", [integers([1]), integers([.min]), values]),
            RefusalCase("OneHot", [integers([1]), integers([3]), values], ["axis": .int(2)]),
        ]
        try rows.check()
    }

    func testNonZero() throws {
        let found = try output("NonZero", [integers([0, 1, 2, 0, 0, 3], [2, 3])])
        XCTAssertEqual(found.constant?.extents, [2, 3])
        XCTAssertEqual(found.integers, [0, 0, 1, 1, 2, 2])
        XCTAssertEqual(try output("NonZero", [reals([0, 0.5])]).integers, [1])
        XCTAssertEqual(try output("NonZero", [integers([], [0, 3])]).constant?.extents, [2, 0])
        let rows: [any TableRow] = [
            ShapeCase("NonZero", [tensor("4,5,6")], gives: "3,?"),
            ShapeCase("NonZero", [unranked()], gives: "?,?"),
        ]
        try rows.check()
    }

    func testTrilu() throws {
        let matrix = integers(Array(1...6), [2, 3])
        XCTAssertEqual(try output("Trilu", [matrix]).integers, [1, 2, 3, 0, 5, 6])
        XCTAssertEqual(try output("Trilu", [matrix, integers([1], [])]).integers, [0, 2, 3, 0, 0, 6])
        XCTAssertEqual(try output("Trilu", [matrix], ["upper": .int(0)]).integers, [1, 0, 0, 4, 5, 0])
        XCTAssertEqual(try output("Trilu", [matrix, integers([.max], [])]).integers, [0, 0, 0, 0, 0, 0])
        XCTAssertEqual(try output("Trilu", [matrix, integers([.min], [])]).integers, Array(1...6))
        XCTAssertNil(try output("Trilu", [matrix, tensor("", .int64)]).constant)
        XCTAssertThrowsError(try output("Trilu", [tensor("3")]))
    }

    // MARK: Movement of elements, each against a walk over all positions

    /// Every position of a tensor of the given extents, in row-major order.
    private func positions(_ extents: [Int]) -> [[Int]] {
        extents.reduce([[]]) { prefixes, extent in prefixes.flatMap { prefix in (0..<extent).map { prefix + [$0] } } }
    }

    private func element(_ tensor: ConstantValue, at position: [Int]) -> Int64? {
        let number = zip(tensor.extents, position).reduce(0) { $0 * $1.0 + $1.1 }
        guard case .integers(let elements) = tensor.elements, elements.indices.contains(number) else { return nil }
        return elements[number]
    }

    /// Asserts that the element of `value` at each position is that of `source` where `origin` says.
    private func assertMoved(
        _ value: InferredValue, from source: InferredValue, _ what: String, line: UInt = #line,
        _ origin: ([Int]) -> [Int]
    ) throws {
        let moved = try XCTUnwrap(value.constant, what, line: line)
        let data = try XCTUnwrap(source.constant, line: line)
        XCTAssertEqual(value.type.shape, moved.extents.map { Dimension($0) }, what, line: line)
        let all = positions(moved.extents)
        XCTAssertEqual(all.count, moved.elements.count, what, line: line)
        for position in all {
            XCTAssertEqual(
                element(moved, at: position), element(data, at: origin(position)), "\(what) at \(position)", line: line)
        }
    }

    private func randomConstant(_ generator: inout SplitMix64, rank: Int) -> InferredValue {
        let extents = (0..<rank).map { _ in Int.random(in: 1...4, using: &generator) }
        return integers(Array(0..<Int64(extents.reduce(1, *))), extents)
    }

    func testMovementOfElements() throws {
        var generator = SplitMix64(seed: 20_250_401)
        for round in 0..<200 {
            let rank = Int.random(in: 1...4, using: &generator)
            let data = randomConstant(&generator, rank: rank)
            let extents = try XCTUnwrap(data.constant).extents
            let axis = Int.random(in: 0..<rank, using: &generator)

            let order = Array(0..<rank).shuffled(using: &generator)
            try assertMoved(
                output("Transpose", [data], ["perm": .ints(order.map { Int64($0) })]), from: data, "Transpose \(round)"
            ) { position in
                var origin = position
                for (place, axis) in order.enumerated() { origin[axis] = position[place] }
                return origin
            }

            let repeats = (0..<rank).map { _ in Int64.random(in: 1...3, using: &generator) }
            try assertMoved(output("Tile", [data, integers(repeats)]), from: data, "Tile \(round)") {
                zip($0, extents).map { $0 % $1 }
            }

            let choices = (0..<3).map { _ in Int.random(in: -extents[axis]..<extents[axis], using: &generator) }
            try assertMoved(
                output("Gather", [data, integers(choices.map { Int64($0) })], ["axis": .int(Int64(axis - rank))]),
                from: data, "Gather \(round)"
            ) { position in
                var origin = position
                let choice = choices[position[axis]]
                origin[axis] = choice < 0 ? choice + extents[axis] : choice
                return origin
            }

            var flattened = extents
            flattened[axis] = 1
            let single = integers(Array(0..<Int64(flattened.reduce(1, *))), flattened)
            try assertMoved(
                output("Expand", [single, integers([2] + extents.map { Int64($0) })]), from: single, "Expand \(round)"
            ) { position in
                var origin = Array(position.dropFirst())
                origin[axis] = 0
                return origin
            }

            let cut = Int.random(in: 0...extents[axis], using: &generator)
            let parts = try infer(
                "Split", [data, integers([Int64(cut), Int64(extents[axis] - cut)])], ["axis": .int(Int64(axis))],
                outputs: 2)
            for (part, shift) in zip(parts, [0, cut]) {
                try assertMoved(part, from: data, "Split \(round)") { position in
                    var origin = position
                    origin[axis] += shift
                    return origin
                }
            }
            XCTAssertEqual(
                try output("Concat", parts, ["axis": .int(Int64(axis))]).constant, data.constant,
                "Concat undoes Split \(round)")

            let flat = try output("Reshape", [data, integers([-1])])
            XCTAssertEqual(flat.integers, data.integers)
            XCTAssertEqual(try output("Flatten", [data], ["axis": .int(Int64(axis))]).integers, data.integers)
        }
    }

    func testConcatShapes() throws {
        let zero: [String: AttributeValue] = ["axis": .int(0)]
        let rows: [any TableRow] = [
            ShapeCase("Concat", [tensor("1,3,4"), tensor("1,5,4")], ["axis": .int(1)], gives: "1,8,4"),
            ShapeCase("Concat", [tensor("1,3"), tensor("1,5")], operatorSet: 1, gives: "1,8"),
            ShapeCase("Concat", [tensor("N,3"), tensor("?,3")], ["axis": .int(-1)], gives: "N,6"),
            ShapeCase("Concat", [tensor("N,3"), tensor("2,3")], zero, gives: "?,3"),
            ShapeCase("Concat", [tensor("N,3"), tensor("0,3")], zero, gives: "N,3"),
            ShapeCase("Concat", [tensor("2,3"), unranked()], zero, gives: "?,3"),
            ShapeCase("Concat", [unranked(), unranked()], zero, gives: nil),
            ShapeCase("Concat", [tensor("0"), tensor("2,3")], zero, gives: "2,3"),
            ShapeCase("Concat", [tensor("0"), tensor("0")], zero, gives: "0"),
            ShapeCase("Concat", [tensor("9223372036854775807"), tensor("1")], zero, gives: "?"),
            RefusalCase("Concat", [], zero),
            RefusalCase("Concat", [tensor("2"), nil], zero),
            RefusalCase("Concat", [tensor("2,3"), tensor("2,4")], zero, naming: "3 and 4"),
            RefusalCase("Concat", [tensor("2,3"), tensor("2")], zero),
            RefusalCase("Concat", [tensor(""), tensor("")], zero),
            RefusalCase("Concat", [tensor("2"), tensor("2")], ["axis": .int(.min)]),
        ]
        try rows.check()
    }

    /// A constant of the greatest size that is followed, and one beyond.
    func testConstantsStayWithinTheLimit() throws {
        let half = integers(Array(repeating: 1, count: 2_048))
        let zero: [String: AttributeValue] = ["axis": .int(0)]
        XCTAssertEqual(try output("Concat", [half, half], zero).constant?.elements.count, 4_096)
        let beyond = try output("Concat", [half, half, integers([1])], zero)
        XCTAssertEqual(beyond.type.shape, shape("4097"))
        XCTAssertNil(beyond.constant)
        XCTAssertNil(try output("Tile", [half, integers([3])]).constant)
        XCTAssertNil(try output("Expand", [half, integers([3, 1])]).constant)
        let table = integers(Array(0..<64), [2, 32])
        XCTAssertNotNil(try output("Gather", [table, integers(Array(repeating: 1, count: 128))], zero).constant)
        XCTAssertNil(try output("Gather", [table, integers(Array(repeating: 1, count: 129))], zero).constant)
        XCTAssertNil(try output("ConstantOfShape", [integers([4_097])]).constant)
        XCTAssertNotNil(try output("ConstantOfShape", [integers([4_096])]).constant)
    }
}
