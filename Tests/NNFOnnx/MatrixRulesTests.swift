import NNFGraph
import NNFOnnx
import XCTest

final class MatrixRulesTests: XCTestCase {
    func testProducts() throws {
        let cases = [
            ShapeCase("MatMul", [tensor("2, 3"), tensor("3, 4")], gives: "2, 4"),
            ShapeCase("MatMul", [tensor("3"), tensor("3")], gives: ""),
            ShapeCase("MatMul", [tensor("3"), tensor("5, 3, 4")], gives: "5, 4"),
            ShapeCase("MatMul", [tensor("5, 2, 3"), tensor("3")], gives: "5, 2"),
            ShapeCase("MatMul", [tensor("N, 1, S, 64"), tensor("12, 64, T")], gives: "N, 12, S, T"),
            ShapeCase("MatMul", [unranked(), tensor("3, 4")], gives: nil),
            ShapeCase("Gemm", [tensor("2, 3"), tensor("3, 4"), tensor("4")], gives: "2, 4"),
            ShapeCase(
                "Gemm", [tensor("3, N"), tensor("4, 3")], ["transA": .int(1), "transB": .int(1)],
                gives: "N, 4"),
            ShapeCase("Gemm", [unranked(), tensor("3, 4")], gives: "?, 4"),
            ShapeCase(
                "Gemm", [tensor("2, 3, 5"), tensor("15, 4"), tensor("4")], operatorSet: 6,
                gives: "2, 4"),
            ShapeCase("Det", [tensor("2, N, 3, 3")], gives: "2, N"),
            ShapeCase(
                "FusedMatMul", [tensor("7, 3, 2"), tensor("7, 3, 4")], ["transA": .int(1)],
                domain: "com.microsoft", gives: "7, 2, 4"),
            ShapeCase(
                "FusedMatMul", [tensor("2, 7, 3"), tensor("7, 3, 4")], ["transBatchA": .int(1)],
                domain: "com.microsoft", gives: "7, 2, 4"),
            ShapeCase(
                "MatMulNBits", [tensor("1, S, 64"), tensor("128, 2, 16", .uint8), tensor("256")],
                ["K": .int(64), "N": .int(128)], domain: "com.microsoft", gives: "1, S, 128"),
        ]
        for row in cases { try row.check() }
        XCTAssertEqual(
            try infer("MatMulInteger", [tensor("2, 3", .uint8), tensor("3, 4", .uint8)])[0].type,
            TensorType(.int32, shape("2, 4")))
    }

    func testEinsum() throws {
        let cases: [(String, [InferredValue], String?)] = [
            ("bij,bjk->bik", [tensor("5, 2, 3"), tensor("5, 3, 4")], "5, 2, 4"),
            ("ij,jk", [tensor("2, 3"), tensor("3, 4")], "2, 4"),
            ("ii->i", [tensor("3, 3")], "3"),
            ("ij->", [tensor("3, 3")], ""),
            ("ba", [tensor("2, 3")], "3, 2"),
            ("...ij,...jk->...ik", [tensor("5, 1, 2, 3"), tensor("7, 3, 4")], "5, 7, 2, 4"),
            ("...ij,...jk", [tensor("5, 2, 3"), tensor("3, 4")], "5, 2, 4"),
            ("...ij,jk->...ik", [unranked(), tensor("3, 4")], nil),
            ("ij,jk->ik", [unranked(), tensor("3, 4")], "?, 4"),
            (" b h q d , b h k d -> b h q k", [tensor("N, 8, S, 64"), tensor("N, 8, T, 64")], "N, 8, S, T"),
        ]
        for (equation, inputs, expected) in cases {
            let output = try infer("Einsum", inputs, ["equation": .string(equation)])[0]
            XCTAssertEqual(output.type.shape, expected.map { shape($0) }, equation)
        }
        let pair = [tensor("2, 3"), tensor("3, 4")]
        for equation in [
            "", "ij", "ij,jk,kl", "ijk,jk->ik", "ij,jk->iz", "ij,jk->ii", "i1,jk->ik", "ij,jk-ik",
            "ij,jk->..ik", "......ij,jk->ik", "ij,jk->i->k", "i,jk->k", "ij,ik->jk",
            String(repeating: "i", count: 100_000) + ",jk->k", String(repeating: ",", count: 100_000),
        ] {
            RefusalCase("Einsum", pair, ["equation": .string(equation)]).check()
        }
        RefusalCase("Einsum", pair).check()
    }

    func testAttention() throws {
        let microsoft = "com.microsoft"
        let heads: [String: AttributeValue] = ["num_heads": .int(12)]
        let cases = [
            ShapeCase(
                "Attention", [tensor("2, 8, S, 64"), tensor("2, 4, T, 64"), tensor("2, 4, T, 32")],
                gives: "2, 8, S, 32", "2, 4, T, 64", "2, 4, T, 32", "2, 8, S, T"),
            ShapeCase(
                "Attention",
                [
                    tensor("2, 5, 512"), tensor("2, 6, 256"), tensor("2, 6, 128"), nil,
                    tensor("2, 4, 10, 64"), tensor("2, 4, 10, 32"),
                ], ["q_num_heads": .int(8), "kv_num_heads": .int(4)],
                gives: "2, 5, 256", "2, 4, 16, 64", "2, 4, 16, 32", "2, 8, 5, 16"),
            ShapeCase(
                "Attention", [tensor("N, S, 768"), tensor("768, 2304"), tensor("2304")], heads,
                domain: microsoft, gives: "N, S, 768", "2, N, 12, S, 64"),
            ShapeCase(
                "MultiHeadAttention", [tensor("N, S, 768"), tensor("N, T, 768"), tensor("N, T, 768")],
                heads, domain: microsoft, gives: "N, S, 768", "N, 12, T, 64", "N, 12, T, 64"),
            ShapeCase(
                "MultiHeadAttention", [tensor("N, S, 12, 3, 64")], heads, domain: microsoft,
                gives: "N, S, 768"),
            ShapeCase(
                "GroupQueryAttention", [tensor("N, S, 1024")],
                ["num_heads": .int(12), "kv_num_heads": .int(2)], domain: microsoft,
                gives: "N, S, 768", "N, 2, ?, 64"),
            ShapeCase("RotaryEmbedding", [tensor("N, 8, S, 64")], gives: "N, 8, S, 64"),
        ]
        for row in cases { try row.check() }
        let flat = tensor("2, 5, 512")
        RefusalCase("Attention", [flat, flat, flat]).check()
        for heads: Int64 in [0, -8, 7, .min, .max] {
            RefusalCase(
                "Attention", [flat, flat, flat], ["q_num_heads": .int(heads), "kv_num_heads": .int(8)]).check()
            RefusalCase("MultiHeadAttention", [flat, flat, flat], ["num_heads": .int(heads)], domain: microsoft).check()
            RefusalCase(
                "GroupQueryAttention", [flat],
                ["num_heads": .int(heads), "kv_num_heads": .int(.max)], domain: microsoft).check()
        }
        RefusalCase(
            "Attention", [tensor("2, 8, 5, 64"), tensor("2, 3, 5, 64"), tensor("2, 3, 5, 64")]).check()
    }

    func testRecurrentLayers() throws {
        let (input, weight, recurrence) = (
            tensor("S, N, 16"), tensor("2, 128, 16"), tensor("2, 128, 32")
        )
        let both: [String: AttributeValue] = [
            "hidden_size": .int(32), "direction": .string("bidirectional"),
        ]
        let cases = [
            ShapeCase(
                "LSTM", [input, weight, recurrence], both,
                gives: "S, 2, N, 32", "2, N, 32", "2, N, 32"),
            ShapeCase(
                "LSTM", [input, weight, recurrence],
                ["direction": .string("bidirectional"), "layout": .int(1)],
                gives: "S, N, 2, 32", "S, 2, 32", "S, 2, 32"),
            ShapeCase(
                "GRU", [input, tensor("1, 96, 16"), tensor("1, 96, 32")], gives: "S, 1, N, 32",
                "1, N, 32"),
            ShapeCase(
                "RNN", [unranked(), tensor("1, 32, 16"), unranked()], ["hidden_size": .int(32)],
                gives: "?, 1, ?, 32", "1, ?, 32"),
        ]
        for row in cases { try row.check() }
        RefusalCase("LSTM", [input, weight, recurrence]).check()
        RefusalCase("LSTM", [input, weight, recurrence], both.merging(["hidden_size": .int(31)]) { $1 }).check()
        RefusalCase("LSTM", [input, weight, recurrence], both.merging(["hidden_size": .int(-1)]) { $1 }).check()
        RefusalCase("LSTM", [input, weight, recurrence], ["direction": .string("sideways")]).check()
        RefusalCase("LSTM", [tensor("S, 16"), weight, recurrence], both).check()
        RefusalCase("GRU", [input, weight, recurrence], both).check()
    }

    func testRefusals() {
        RefusalCase("MatMul", [tensor("2, 3"), tensor("4, 5")]).check()
        RefusalCase("MatMul", [tensor(""), tensor("4, 5")]).check()
        RefusalCase("MatMul", [tensor("2, 4, 3"), tensor("3, 3, 5")]).check()
        RefusalCase("MatMul", [tensor("2, 3")]).check()
        RefusalCase("Gemm", [tensor("2, 3"), tensor("3, 4"), tensor("5")]).check()
        RefusalCase("Gemm", [tensor("2, 3"), tensor("3, 4"), tensor("1, 2, 4")]).check()
        RefusalCase("Gemm", [tensor("1, 3"), tensor("3, 4"), tensor("2, 4")]).check()
        RefusalCase("Gemm", [tensor("2, 3"), tensor("3, 4")], ["transA": .int(1)]).check()
        RefusalCase("Gemm", [tensor("2, 3, 1"), tensor("3, 4")]).check()
        RefusalCase("Gemm", [tensor(""), tensor("3, 4")]).check()
        RefusalCase("Det", [tensor("2, 3")]).check()
        RefusalCase(
            "MatMulNBits", [tensor("1, 64"), tensor("128, 2, 16")], ["K": .int(-64), "N": .int(0)],
            domain: "com.microsoft").check()
    }
}
