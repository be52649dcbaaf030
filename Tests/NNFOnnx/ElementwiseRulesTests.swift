import NNFGraph
import NNFOnnx
import XCTest

final class ElementwiseRulesTests: XCTestCase {
    func testBroadcasting() throws {
        let cases = [
            ShapeCase("Add", [tensor("2, 3, 4"), tensor("3, 1")], gives: "2, 3, 4"),
            ShapeCase("Add", [tensor(""), tensor("5")], gives: "5"),
            ShapeCase("Mul", [tensor("N, 1"), tensor("1, M")], gives: "N, M"),
            ShapeCase("Mul", [tensor("N"), tensor("M")], gives: "?"),
            ShapeCase("Mul", [tensor("N"), tensor("N")], gives: "N"),
            ShapeCase("Sub", [tensor("?, N, 0"), tensor("7, 7, 1")], gives: "7, 7, 0"),
            ShapeCase("Sub", [tensor("?"), tensor("1")], gives: "?"),
            ShapeCase("Sub", [unranked(), tensor("7")], gives: nil),
            ShapeCase("Max", [tensor("2, 1"), tensor("3"), tensor("4, 1, 1")], gives: "4, 2, 3"),
            ShapeCase("Sum", [tensor("2, 3")], gives: "2, 3"),
            ShapeCase(
                "Where", [tensor("3, 1", .bool), tensor("1, 4"), tensor("")], gives: "3, 4"),
            ShapeCase("PRelu", [tensor("1, 8, 4, 4"), tensor("8, 1, 1")], gives: "1, 8, 4, 4"),
            ShapeCase("PRelu", [tensor("1, 8, 4, 4"), tensor("8")], operatorSet: 6, gives: "1, 8, 4, 4"),
            // Operator set 6: the right side is aligned from an axis on.
            ShapeCase(
                "Add", [tensor("2, 3, 4, 5"), tensor("3, 4")],
                ["broadcast": .int(1), "axis": .int(1)], operatorSet: 6, gives: "2, 3, 4, 5"),
            ShapeCase("Clip", [tensor("N, 3"), tensor(""), nil], gives: "N, 3"),
            ShapeCase("Dropout", [tensor("2, N")], gives: "2, N", "2, N"),
            ShapeCase("Softmax", [tensor("2, 3")], ["axis": .int(2)], operatorSet: 11, gives: "2, 3"),
        ]
        for row in cases { try row.check() }
    }

    func testTypes() throws {
        let cases: [(String, [InferredValue?], [String: AttributeValue], Int, [ElementType])] = [
            ("Equal", [tensor("2", .int64), tensor("2", .int64)], [:], 21, [.bool]),
            ("Pow", [tensor("2", .float), tensor("2", .int32)], [:], 21, [.float]),
            ("Cast", [tensor("2")], ["to": .int(10)], 21, [.float16]),
            ("Cast", [tensor("2")], ["to": .string("INT64")], 1, [.int64]),
            ("CastLike", [tensor("2"), tensor("7", .int8)], [:], 21, [.int8]),
            ("Dropout", [tensor("2")], [:], 7, [.float, .float]),
            ("Dropout", [tensor("2")], [:], 13, [.float, .bool]),
            ("IsNaN", [tensor("2")], [:], 21, [.bool]),
            ("Where", [tensor("2", .bool), tensor("2", .int8), tensor("2", .int8)], [:], 21, [.int8]),
            ("Add", [tensor("2", .undefined), tensor("2", .double)], [:], 21, [.double]),
        ]
        for (operatorType, inputs, attributes, operatorSet, types) in cases {
            let outputs = try infer(
                operatorType, inputs, attributes, operatorSet: operatorSet, outputs: types.count)
            XCTAssertEqual(outputs.map(\.type.elementType), types, operatorType)
        }
    }

    func testIntegerArithmetic() throws {
        let cases: [(String, [Int64], [Int64], [String: AttributeValue], [Int64])] = [
            ("Add", [1, 2], [10], [:], [11, 12]),
            ("Sub", [1, 2], [10, 20], [:], [-9, -18]),
            ("Mul", [3], [4, 5], [:], [12, 15]),
            ("Div", [7, -7, 7], [2, 2, -2], [:], [3, -3, -3]),
            ("Mod", [7, -7, 7, -7, 6], [3, 3, -3, -3, 3], [:], [1, 2, -2, -1, 0]),
            ("Mod", [7, -7, 7, -7], [3, 3, -3, -3], ["fmod": .int(1)], [1, -1, 1, -1]),
            ("Mod", [.min], [-1], [:], [0]),
            ("Pow", [2, 3, -2], [10, 0, 3], [:], [1024, 1, -8]),
            ("Max", [1, 9], [5, 5], [:], [5, 9]),
            ("Min", [1, 9], [5, 5], [:], [1, 5]),
        ]
        for (operatorType, left, right, attributes, expected) in cases {
            let output = try infer(operatorType, [integers(left), integers(right)], attributes)[0]
            XCTAssertEqual(
                output, integers(expected), "\(operatorType) \(left) \(right) gave \(output)")
        }
        let bits: [(String, [Int64])] = [
            ("Equal", [0, 1, 0]), ("Less", [1, 0, 0]), ("LessOrEqual", [1, 1, 0]),
            ("Greater", [0, 0, 1]), ("GreaterOrEqual", [0, 1, 1]),
        ]
        for (operatorType, expected) in bits {
            let output = try infer(operatorType, [integers([1, 2, 3]), integers([2])])[0]
            XCTAssertEqual(output, integers(expected, nil, .bool), operatorType)
        }
        let flags = [integers([0, 0, 1, 1], nil, .bool), integers([0, 1, 0, 1], nil, .bool)]
        for (operatorType, expected) in [
            ("And", [0, 0, 0, 1]), ("Or", [0, 1, 1, 1]), ("Xor", [0, 1, 1, 0]),
        ] as [(String, [Int64])] {
            XCTAssertEqual(try infer(operatorType, flags)[0], integers(expected, nil, .bool), operatorType)
        }
        XCTAssertEqual(try infer("Not", [flags[0]])[0], integers([1, 1, 0, 0], nil, .bool))
    }

    /// What overflows, divides by zero or is not exact is no constant, but keeps its type and shape.
    func testWhatCannotBeComputedIsNotGuessed() throws {
        let cases: [(String, [InferredValue])] = [
            ("Add", [integers([.max]), integers([1])]),
            ("Add", [integers([Int64(Int32.max)], nil, .int32), integers([1], nil, .int32)]),
            ("Sub", [integers([.min]), integers([1])]),
            ("Sub", [integers([1], nil, .uint8), integers([2], nil, .uint8)]),
            ("Mul", [integers([.max]), integers([2])]),
            ("Div", [integers([1]), integers([0])]),
            ("Div", [integers([.min]), integers([-1])]),
            ("Mod", [integers([1]), integers([0])]),
            ("Pow", [integers([10]), integers([400])]),
            ("Pow", [integers([2]), integers([-1])]),
            ("Pow", [reals([2]), reals([0.3])]),
            ("Neg", [integers([.min])]),
            ("Abs", [integers([.min])]),
            ("Sqrt", [reals([-1])]),
            ("Div", [reals([1]), reals([0])]),
            ("Mul", [reals([1e38]), reals([1e38])]),
            ("Mul", [reals([60000], nil, .float16), reals([2], nil, .float16)]),
            ("Exp", [reals([1])]),
        ]
        for (operatorType, inputs) in cases {
            let output = try infer(operatorType, inputs)[0]
            XCTAssertNil(output.constant, operatorType)
            XCTAssertEqual(output.type, inputs[0].type, operatorType)
        }
    }

    func testRealArithmeticRoundsAsTheTypeDoes() throws {
        let third = try infer("Div", [reals([1]), reals([3])])[0]
        XCTAssertEqual(third, reals([Double(Float(1) / Float(3))]))
        let half = try infer("Div", [reals([1], nil, .float16), reals([3], nil, .float16)])[0]
        XCTAssertEqual(half, reals([0.333251953125], nil, .float16))
        let brain = try infer("Div", [reals([1], nil, .bfloat16), reals([3], nil, .bfloat16)])[0]
        XCTAssertEqual(brain, reals([0.333984375], nil, .bfloat16))
        XCTAssertEqual(try infer("Round", [reals([0.5, 1.5, -2.5])])[0], reals([0, 2, -2]))
        XCTAssertEqual(try infer("Floor", [reals([-1.5, 1.5])])[0], reals([-2, 1]))
        XCTAssertEqual(try infer("Ceil", [reals([-1.5, 1.5])])[0], reals([-1, 2]))
        XCTAssertEqual(try infer("Pow", [reals([2, 9]), reals([5, 0.5])])[0], reals([32, 3]))
        XCTAssertEqual(try infer("Sqrt", [reals([2])])[0], reals([Double(Float(2).squareRoot())]))
    }

    func testCastOfConstants() throws {
        let toInt64: [String: AttributeValue] = ["to": .int(7)]
        XCTAssertEqual(try infer("Cast", [reals([2.9, -2.9])], toInt64)[0], integers([2, -2]))
        XCTAssertNil(try infer("Cast", [reals([1e30])], toInt64)[0].constant)
        XCTAssertNil(try infer("Cast", [integers([300])], ["to": .int(2)])[0].constant)
        XCTAssertEqual(try infer("Cast", [integers([0, 7])], ["to": .int(9)])[0], integers([0, 1], nil, .bool))
        XCTAssertEqual(try infer("Cast", [integers([3])], ["to": .int(1)])[0], reals([3]))
        XCTAssertEqual(
            try infer("Cast", [integers([(1 << 24) + 1])], ["to": .int(1)])[0], reals([0x1p24]))
    }

    func testConstantsAreBroadcast() throws {
        let column = integers([1, 2], [2, 1])
        let row = integers([10, 20, 30], [1, 3])
        XCTAssertEqual(
            try infer("Add", [column, row])[0], integers([11, 21, 31, 12, 22, 32], [2, 3]))
        let chosen = try infer(
            "Where", [integers([1, 0], [2, 1], .bool), row, integers([0], [])])[0]
        XCTAssertEqual(chosen, integers([10, 20, 30, 0, 0, 0], [2, 3]))
        let empty = try infer("Add", [integers([], [0]), integers([1])])[0]
        XCTAssertEqual(empty, integers([], [0]))
        // 64 × 65 elements are more than shape arithmetic follows.
        let long = integers(Array(repeating: 1, count: 65), [65])
        let tall = integers(Array(repeating: 1, count: 64), [64, 1])
        let large = try infer("Add", [long, tall])[0]
        XCTAssertEqual(large.type.shape, shape("64, 65"))
        XCTAssertNil(large.constant)
        XCTAssertEqual(
            try infer("Clip", [integers([-5, 5, 50]), integers([0], []), integers([9], [])])[0],
            integers([0, 5, 9]))
    }

    func testDropoutPassesElementsUnlessItTrains() throws {
        let (value, ratio) = (integers([1, 2]), reals([0.5], []))
        XCTAssertEqual(try infer("Dropout", [value])[0], value)
        XCTAssertEqual(try infer("Dropout", [value, ratio, integers([0], [], .bool)])[0], value)
        XCTAssertNil(try infer("Dropout", [value, ratio, integers([1], [], .bool)])[0].constant)
        XCTAssertNil(try infer("Dropout", [value, ratio, tensor("", .bool)])[0].constant)
    }

    func testShapeVectorsKeepWhatIsKnown() throws {
        let held = extents("N, 3, ?")
        let cases: [(String, [InferredValue], String)] = [
            ("Mul", [held, integers([1, 4, 1])], "N, 12, ?"),
            ("Mul", [held, integers([2])], "?, 6, ?"),
            ("Add", [held, integers([0, 4, 0])], "N, 7, ?"),
            ("Sub", [held, integers([0, 1, 0])], "N, 2, ?"),
            ("Div", [held, integers([1, 2, 1])], "N, 1, ?"),
            ("Max", [held, integers([0, 5, 1])], "N, 5, ?"),
            ("Identity", [held], "N, 3, ?"),
            ("Where", [integers([1, 0, 1], nil, .bool), held, integers([7])], "N, 7, ?"),
        ]
        for (operatorType, inputs, expected) in cases {
            let output = try infer(operatorType, inputs)[0]
            XCTAssertEqual(output.partialElements, shape(expected), operatorType)
            XCTAssertNil(output.constant, operatorType)
        }
        let cast = try infer("Cast", [held], ["to": .int(6)])[0]
        XCTAssertEqual(cast.partialElements, shape("N, 3, ?"))
        XCTAssertEqual(cast.type.elementType, .int32)
        XCTAssertNil(try infer("Cast", [held], ["to": .int(1)])[0].partialElements)
        // A symbol minus itself is zero, so everything is known.
        XCTAssertEqual(try infer("Sub", [extents("N, 5"), extents("N, 2")])[0], integers([0, 3]))
        // How PyTorch's `expand` treats -1: an extent is never negative, so the comparison is decided.
        let isOpen = try infer("Equal", [extents("N, 3"), integers([-1])])[0]
        XCTAssertEqual(isOpen, integers([0, 0], nil, .bool))
        XCTAssertNil(try infer("Equal", [held, integers([-1])])[0].constant)
        XCTAssertNil(try infer("Equal", [extents("N"), integers([4])])[0].constant)
    }

    func testRefusals() {
        RefusalCase("Add", [tensor("2, 3"), tensor("2, 4")]).check()
        RefusalCase("Add", [tensor("2")]).check()
        RefusalCase("Add", [tensor("2"), nil]).check()
        RefusalCase("Add", [tensor("2, 3"), tensor("3")], operatorSet: 6).check()
        RefusalCase(
            "Add", [tensor("2, 3"), tensor("3")], ["broadcast": .int(1), "axis": .int(7)],
            operatorSet: 6).check()
        RefusalCase(
            "Add", [tensor("2, 3"), tensor("2, 3, 4")], ["broadcast": .int(1)], operatorSet: 6).check()
        RefusalCase("Max", []).check()
        RefusalCase("Max", [tensor("2"), tensor("3")]).check()
        RefusalCase("Where", [tensor("2", .bool), tensor("3"), tensor("1")]).check()
        RefusalCase("PRelu", [tensor("1, 4"), tensor("2, 1, 1")]).check()
        RefusalCase("PRelu", [tensor("1, 4"), tensor("5")]).check()
        RefusalCase("Clip", [tensor("4"), tensor("2")]).check()
        RefusalCase("Cast", [tensor("4")]).check()
        RefusalCase("Cast", [tensor("4")], ["to": .int(.max)]).check()
        RefusalCase("Cast", [tensor("4")], ["to": .int(0)]).check()
        RefusalCase("Cast", [tensor("4")], ["to": .string("QUATERNION")]).check()
        RefusalCase("Softmax", [tensor("2, 3")], ["axis": .int(2)]).check()
        RefusalCase("Softmax", [tensor("2, 3")], ["axis": .int(-3)]).check()
        RefusalCase("Softmax", [tensor("2, 3")], ["axis": .int(.min)]).check()
        RefusalCase("CumSum", [tensor("2, 3"), integers([2], [])]).check()
        RefusalCase(
            "Add",
            [
                tensor(Array(repeating: "1", count: 65).joined(separator: ",")), tensor("1"),
            ], code: .limitExceeded, naming: "65 axes"
        ).check()
    }
}
