import NNFGraph
import NNFOnnx
import XCTest

final class ReductionAndNormalizationRulesTests: XCTestCase {
    func testReductions() throws {
        let input = tensor("2, N, 4")
        let dropped: [String: AttributeValue] = ["keepdims": .int(0)]
        let cases = [
            ShapeCase("ReduceMean", [input], gives: "1, 1, 1"),
            ShapeCase("ReduceMean", [input], dropped, gives: ""),
            ShapeCase("ReduceMean", [input], ["axes": .ints([1, -1])], operatorSet: 13, gives: "2, 1, 1"),
            ShapeCase("ReduceMean", [input, integers([1, -1])], gives: "2, 1, 1"),
            ShapeCase("ReduceSum", [input, integers([0])], dropped, gives: "N, 4"),
            ShapeCase("ReduceSum", [input, integers([])], gives: "1, 1, 1"),
            ShapeCase(
                "ReduceSum", [input, integers([])], ["noop_with_empty_axes": .int(1)],
                gives: "2, N, 4"),
            ShapeCase("ReduceSum", [input, tensor("2", .int64)], gives: "?, ?, ?"),
            ShapeCase("ReduceSum", [input, tensor("2", .int64)], dropped, gives: "?"),
            ShapeCase("ReduceSum", [input, tensor("A", .int64)], dropped, gives: nil),
            ShapeCase("ReduceSum", [unranked(), integers([0])], gives: nil),
            ShapeCase("ArgMax", [input], gives: "1, N, 4"),
            ShapeCase("ArgMin", [input], ["axis": .int(-1), "keepdims": .int(0)], gives: "2, N"),
            ShapeCase("TopK", [input, integers([3])], gives: "2, N, 3", "2, N, 3"),
            ShapeCase("TopK", [input], ["k": .int(1), "axis": .int(0)], operatorSet: 1, gives: "1, N, 4"),
            ShapeCase("TopK", [input, extents("K")], ["axis": .int(1)], gives: "2, K, 4"),
            ShapeCase("TopK", [input, tensor("1", .int64)], gives: "2, N, ?"),
        ]
        for row in cases { try row.check() }
        XCTAssertEqual(try infer("ArgMax", [input])[0].type.elementType, .int64)
        XCTAssertEqual(
            try infer("TopK", [input, integers([3])], outputs: 2).map(\.type.elementType), [.float, .int64])
    }

    func testReducedConstants() throws {
        let matrix = integers([1, 2, 3, 4, 5, 6], [2, 3])
        let cases: [(String, [Int64], Bool, InferredValue)] = [
            ("ReduceProd", [0, 1], false, integers([720], [])),
            ("ReduceSum", [0], true, integers([5, 7, 9], [1, 3])),
            ("ReduceSum", [1], false, integers([6, 15])),
            ("ReduceMax", [-1], false, integers([3, 6])),
            ("ReduceMin", [0, 1], true, integers([1], [1, 1])),
        ]
        for (operatorType, axes, keepsAxes, expected) in cases {
            let output = try infer(
                operatorType, [matrix, integers(axes)], ["keepdims": .int(keepsAxes ? 1 : 0)])[0]
            XCTAssertEqual(output, expected, operatorType)
        }
        // The number of elements of a tensor with an open axis.
        let count = try infer("ReduceProd", [extents("N, 1, 1")], ["keepdims": .int(0)])[0]
        XCTAssertEqual(count.partialElements, shape("N"))
        XCTAssertEqual(count.type, TensorType(.int64, []))
        XCTAssertEqual(
            try infer("ReduceProd", [integers([])], ["keepdims": .int(0)])[0], integers([1], []))
        XCTAssertNil(try infer("ReduceMax", [integers([])], ["keepdims": .int(0)])[0].constant)
        XCTAssertNil(try infer("ReduceProd", [integers([.max, 2])])[0].constant)
        // The last bit of a sum of reals depends on its order; that of a maximum does not.
        XCTAssertNil(try infer("ReduceSum", [reals([0.1, 0.2, 0.3])])[0].constant)
        XCTAssertEqual(try infer("ReduceMax", [reals([0.5, 0.25])])[0], reals([0.5]))
    }

    func testNormalizations() throws {
        let (input, channels) = (tensor("N, 8, 4, 4"), tensor("8"))
        let statistics = [input, channels, channels, channels, channels]
        let cases = [
            ShapeCase("BatchNormalization", statistics, gives: "N, 8, 4, 4", "8", "8"),
            ShapeCase(
                "BatchNormalization", statistics, operatorSet: 7, gives: "N, 8, 4, 4", "8", "8", "8", "8"),
            ShapeCase(
                "BatchNormalization", [unranked(), tensor("?"), tensor("5"), tensor("?"), tensor("?")],
                gives: nil, "5"),
            ShapeCase("InstanceNormalization", [input, channels, channels], gives: "N, 8, 4, 4"),
            ShapeCase(
                "GroupNormalization", [input, channels, channels], ["num_groups": .int(4)],
                gives: "N, 8, 4, 4"),
            ShapeCase(
                "LayerNormalization", [input, tensor("4, 4")], ["axis": .int(-2)],
                gives: "N, 8, 4, 4", "N, 8, 1, 1", "N, 8, 1, 1"),
            ShapeCase("RMSNormalization", [input, tensor("4")], gives: "N, 8, 4, 4"),
            ShapeCase("LRN", [input], ["size": .int(5)], gives: "N, 8, 4, 4"),
            ShapeCase(
                "SkipLayerNormalization", [tensor("N, S, 64"), tensor("N, S, 64"), tensor("64")],
                domain: "com.microsoft", gives: "N, S, 64", "N, S, 1", "N, S, 1", "N, S, 64"),
            ShapeCase(
                "EmbedLayerNormalization",
                [tensor("N, S", .int32), nil, tensor("30522, 768"), tensor("512, 768")],
                domain: "com.microsoft", gives: "N, S, 768", "N", "N, S, 768"),
        ]
        for row in cases { try row.check() }
        let types = try infer(
            "LayerNormalization", [tensor("2, 4", .float16), tensor("4", .float16)], outputs: 2
        ).map(\.type.elementType)
        XCTAssertEqual(types, [.float16, .float])
    }

    func testQuantization() throws {
        let (input, scale) = (tensor("N, 3"), tensor(""))
        XCTAssertEqual(
            try infer("QuantizeLinear", [input, scale])[0].type, TensorType(.uint8, shape("N, 3")))
        XCTAssertEqual(
            try infer("QuantizeLinear", [input, scale, tensor("", .int8)])[0].type.elementType, .int8)
        XCTAssertEqual(
            try infer("QuantizeLinear", [input, scale], ["output_dtype": .int(5)])[0].type.elementType,
            .int16)
        XCTAssertEqual(
            try infer("DequantizeLinear", [tensor("N, 3", .int8), tensor("", .float16)])[0].type,
            TensorType(.float16, shape("N, 3")))
        let dynamic = try infer("DynamicQuantizeLinear", [input], outputs: 3).map(\.type)
        XCTAssertEqual(
            dynamic,
            [TensorType(.uint8, shape("N, 3")), TensorType(.float, []), TensorType(.uint8, [])])
        try ShapeCase(
            "QLinearAdd",
            [
                tensor("2, 3", .uint8), scale, tensor("", .uint8), tensor("3", .uint8), scale,
                tensor("", .uint8), scale, tensor("", .uint8),
            ], domain: "com.microsoft", gives: "2, 3"
        ).check()
        RefusalCase("QuantizeLinear", [input]).check()
        RefusalCase("QuantizeLinear", [input, tensor("3"), tensor("4", .int8)]).check()
        RefusalCase("QuantizeLinear", [input, tensor("3")], ["axis": .int(2)]).check()
        RefusalCase("QuantizeLinear", [input, scale], ["output_dtype": .int(-1)]).check()
    }

    func testRandomAndSignal() throws {
        let cases = [
            ShapeCase("RandomNormal", [], ["shape": .ints([2, 3])], gives: "2, 3"),
            ShapeCase("RandomUniformLike", [tensor("N, 3")], gives: "N, 3"),
            ShapeCase("EyeLike", [tensor("4, N")], gives: "4, N"),
            ShapeCase("Multinomial", [tensor("N, 10")], ["sample_size": .int(6)], gives: "N, 6"),
            ShapeCase("DFT", [tensor("N, 10, 9, 1")], ["axis": .int(1)], operatorSet: 17, gives: "N, 10, 9, 2"),
            ShapeCase("DFT", [tensor("N, 10, 9, 1"), nil, integers([1], [])], ["onesided": .int(1)], gives: "N, 6, 9, 2"),
            ShapeCase("DFT", [tensor("N, 10, 9, 1"), integers([16], [])], gives: "N, 10, 16, 2"),
            ShapeCase(
                "DFT", [tensor("N, 6, 2"), nil, integers([1], [])],
                ["onesided": .int(1), "inverse": .int(1)], gives: "N, 10, 1"),
            ShapeCase("DFT", [tensor("N, 10, 9, 1"), nil, tensor("", .int64)], gives: "?, ?, ?, 2"),
            ShapeCase(
                "STFT", [tensor("1, 128, 1"), integers([8], []), tensor("16")], gives: "1, 15, 9, 2"),
            ShapeCase(
                "STFT", [tensor("1, 128, 2"), integers([8], []), nil, integers([16], [])],
                ["onesided": .int(0)], gives: "1, 15, 16, 2"),
            ShapeCase("HannWindow", [integers([10], [])], gives: "10"),
            ShapeCase("MelWeightMatrix", [integers([8], []), integers([16], [])], gives: "9, 8"),
            ShapeCase(
                "NegativeLogLikelihoodLoss", [tensor("N, 5, 7"), tensor("N, 7", .int64)],
                ["reduction": .string("none")], gives: "N, 7"),
            ShapeCase(
                "SoftmaxCrossEntropyLoss", [tensor("N, 5"), tensor("N", .int64)], gives: "", "N, 5"),
        ]
        for row in cases { try row.check() }
        RefusalCase("RandomNormal", []).check()
        RefusalCase("RandomNormal", [], ["shape": .ints([2, -3])]).check()
        let tooMany = AttributeValue.ints(Array(repeating: 1, count: 65))
        RefusalCase("RandomNormal", [], ["shape": tooMany], code: .limitExceeded, naming: "65 axes").check()
        RefusalCase("Multinomial", [tensor("N, 10")], ["sample_size": .int(-6)]).check()
        RefusalCase("DFT", [tensor("N, 10, 3")]).check()
        RefusalCase("DFT", [tensor("N, 10, 1")], ["axis": .int(2)], operatorSet: 17).check()
        RefusalCase("DFT", [tensor("N, 10, 1"), integers([-16], [])]).check()
        RefusalCase("STFT", [tensor("1, 128, 1"), integers([0], []), tensor("16")]).check()
        RefusalCase("STFT", [tensor("1, 8, 1"), integers([1], []), tensor("16")]).check()
        RefusalCase("HannWindow", [integers([-1], [])]).check()
        RefusalCase("HannWindow", [integers([1, 2])]).check()
    }

    func testRefusals() {
        let input = tensor("2, 8, 4, 4")
        for axes: [Int64] in [[4], [-5], [.min], [.max], [1, 1], [1, -3], [0, 1, 2, 3, 0]] {
            RefusalCase("ReduceSum", [input, integers(axes)]).check()
            RefusalCase("ReduceMean", [input], ["axes": .ints(axes)], operatorSet: 13).check()
        }
        RefusalCase("ReduceMean", [input], ["axes": .ints(Array(repeating: 0, count: 100_000))]).check()
        RefusalCase("ReduceSum", []).check()
        RefusalCase("ReduceSum", [input, tensor("5", .int64)], ["keepdims": .int(0)]).check()
        RefusalCase("ArgMax", [input], ["axis": .int(4)]).check()
        RefusalCase("TopK", [input, integers([5])]).check()
        RefusalCase("TopK", [input, integers([-1])]).check()
        RefusalCase("TopK", [input]).check()
        RefusalCase("TopK", [tensor(""), integers([1])]).check()
        let eight = tensor("8")
        RefusalCase("BatchNormalization", [input, eight, eight, eight, tensor("7")]).check()
        RefusalCase("BatchNormalization", [tensor("2, 9"), eight, eight, eight, eight]).check()
        RefusalCase("BatchNormalization", [input, eight, eight]).check()
        RefusalCase("GroupNormalization", [input, eight, eight]).check()
        RefusalCase("GroupNormalization", [input, eight, eight], ["num_groups": .int(3)]).check()
        RefusalCase("GroupNormalization", [input, eight, eight], ["num_groups": .int(0)]).check()
        RefusalCase("LayerNormalization", [input, eight], ["axis": .int(4)]).check()
        RefusalCase("LRN", [input]).check()
        RefusalCase("LRN", [input], ["size": .int(0)]).check()
        RefusalCase("InstanceNormalization", [input, tensor("7"), eight]).check()
    }
}
