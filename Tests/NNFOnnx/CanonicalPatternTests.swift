import NNFGraph
import NNFOnnx
import XCTest

/// What PyTorch spells out in its exports becomes the operators that a runtime executes.
final class CanonicalPatternTests: XCTestCase {
    private func graph(_ name: String, _ options: ImportOptions = ImportOptions()) throws -> Graph {
        try GraphImporter.makeGraph(from: Onnx.fixture(name), options: options)
    }

    /// Folded by the exporter or by the importer, an activation in one node or in several: one graph.
    func testConvolutionNormalizationActivation() throws {
        let activations = ["relu": "Relu", "hardswish": "HardSwish", "silu": "Swish"]
        for (name, operatorName) in activations {
            for suffix in ["13", "13_unfolded"] {
                let graph = try graph("block_\(name)_\(suffix)")
                XCTAssertEqual(graph.operators, ["Conv", operatorName], "\(name) \(suffix)")
                XCTAssertEqual(graph.nodes.map(\.parameterCount), [3 * 16 * 9 + 16, 0])
                XCTAssertEqual(graph.nodes[0].inputs.count, 3)
                XCTAssertEqual(graph.nodes[0].inputs[2].type, TensorType(.float, [Dimension(16)]))
                XCTAssertEqual(graph.extents(1), [1, 16, 16, 16])
            }
        }
        XCTAssertEqual(try graph("block_hardswish_14").operators, ["Conv", "HardSwish"])
    }

    func testFoldedAndUnfoldedExportsHaveOneHash() throws {
        func hash(_ name: String) throws -> [UInt8] {
            let graph = try graph(name)
            return GraphHash.hash(of: graph, relations: try Relations(of: graph))
        }
        XCTAssertEqual(try hash("block_silu_13"), try hash("block_silu_13_unfolded"))
        XCTAssertEqual(try hash("block_hardswish_13"), try hash("block_hardswish_14"))
        XCTAssertNotEqual(try hash("block_silu_13"), try hash("block_hardswish_13"))
        XCTAssertEqual(try hash("transformer_13"), try hash("transformer_17"))
        XCTAssertEqual(try hash("transformer_17"), try hash("transformer_18"))
    }

    func testNormalizationsWithoutAConvolutionOfTheirOwnStay() throws {
        let operators = try graph("pool_then_normalize_13").operators
        XCTAssertEqual(operators.filter { $0 == "BatchNormalization" }.count, 2)
        XCTAssertEqual(operators.filter { $0 == "Conv" }.count, 1)
    }

    func testHardSwishByFormula() throws {
        XCTAssertEqual(try graph("hardswish_formula_13").operators, ["HardSwish"])
        XCTAssertEqual(try graph("hardswish_gated_13").operators, ["HardSwish"])
    }

    func testTransformerBlock() throws {
        for name in ["transformer_13", "transformer_17", "transformer_18"] {
            let graph = try graph(name)
            let operators = graph.operators
            XCTAssertEqual(operators.filter { $0 == "LayerNormalization" }.count, 2, name)
            XCTAssertEqual(operators.filter { $0 == "Gelu" }.count, 1, name)
            for leftover in ["ReduceMean", "Sqrt", "Pow", "Erf", "Shape", "Constant", "Concat", "Cast"] {
                XCTAssertFalse(operators.contains(leftover), "\(name) keeps \(leftover)")
            }
            // The parameters that PyTorch counts for the module.
            let linear = 32 * 96 + 96 + 32 * 32 + 32 + 2 * 32 * 128 + 128 + 32
            XCTAssertEqual(graph.parameterCount, linear + 4 * 32, name)
        }
    }

    /// With its axes fixed, a dynamic export is the static one.
    func testDynamicAxesFoldAway() throws {
        let dynamic = try graph(
            "transformer_13_dynamic", ImportOptions(inputShapes: [InputShape(name: nil, extents: [1, 10, -1])]))
        XCTAssertEqual(dynamic.operators.sorted(), try graph("transformer_13").operators.sorted())
        XCTAssertEqual(dynamic.flops, try graph("transformer_13").flops)
        let failure = failure { try graph("transformer_13_dynamic", ImportOptions(batchSize: 2)) }
        XCTAssertEqual(
            failure.message, "input 'input' axis 1 ('length') is open in 2xlengthx32: give its extent")
    }
}
