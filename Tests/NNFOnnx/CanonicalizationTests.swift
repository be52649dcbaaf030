import NNFGraph
import NNFOnnx
import XCTest

/// Each step of canonicalisation on the smallest graph that needs it, and on one that looks alike but must stay.
final class CanonicalizationTests: XCTestCase {
    private let image = Onnx.value("x", [1, 4, 8, 8])

    private func graph(
        _ nodes: [OnnxNode], _ initializers: [OnnxTensor] = [], outputs: [String] = ["y"],
        operatorSet: Int64 = 17
    ) throws -> Graph {
        let graph = Onnx.graph(
            inputs: [image], initializers: initializers, nodes: nodes, outputs: outputs)
        return try GraphImporter.makeGraph(from: Onnx.model(graph, operatorSet: operatorSet))
    }

    // MARK: Constants

    func testShapeArithmeticFolds() throws {
        let graph = try graph(
            [
                Onnx.node("Shape", ["x"], ["shape"]), Onnx.node("Gather", ["shape", "zero"], ["batch"]),
                Onnx.node("Concat", ["batch", "rest"], ["target"], ["axis": .int(0)]),
                Onnx.node("Reshape", ["x", "target"], ["y"]),
            ], [Onnx.integers("zero", [0]), Onnx.integers("rest", [-1])])
        XCTAssertEqual(graph.operators, ["Reshape"])
        XCTAssertEqual(graph.extents(0), [1, 256])
        XCTAssertEqual(graph.parameterCount, 0)
    }

    func testFoldedWeightsStillCountOnce() throws {
        let graph = try graph(
            [
                Onnx.node("Transpose", ["w"], ["wt"], ["perm": .ints([1, 0])]),
                Onnx.node("MatMul", ["x", "wt"], ["m"]), Onnx.node("MatMul", ["m", "w"], ["y"]),
            ], [Onnx.weight("w", [8, 8])])
        XCTAssertEqual(graph.operators, ["MatMul", "MatMul"])
        XCTAssertEqual(graph.nodes.map(\.parameterCount), [64, 0])
        XCTAssertNotEqual(graph.nodes[0].inputs[1].source, graph.nodes[1].inputs[1].source)
    }

    func testRandomAndForeignOperatorsAreNotConstant() throws {
        let graph = try graph(
            [
                Onnx.node("RandomNormal", [], ["noise"], ["shape": .ints([1, 4, 8, 8])]),
                Onnx.node("Mystery", ["w"], ["secret"], domain: "vendor"),
                Onnx.node("Sum", ["x", "noise", "secret"], ["y"]),
            ], [Onnx.weight("w", [8, 8])])
        XCTAssertEqual(graph.operators, ["RandomNormal", "vendor::Mystery", "Sum"])
    }

    func testQuantizedWeightsKeepTheirWidth() throws {
        let graph = try graph(
            [
                Onnx.node("DequantizeLinear", ["w", "s"], ["wf"]),
                Onnx.node("Conv", ["x", "wf"], ["y"]),
            ], [Onnx.weight("w", [4, 4, 1, 1], .int8), Onnx.scalar("s", 0.1)])
        XCTAssertEqual(graph.operators, ["DequantizeLinear", "Conv"])
        XCTAssertEqual(graph.nodes.map(\.parameterCount), [16, 0])
    }

    func testAConstantOutputNeedsNoNode() throws {
        XCTAssertEqual(try graph([Onnx.node("Shape", ["x"], ["y"])]).operators, [])
    }

    // MARK: Nodes without effect

    func testIneffectiveNodesVanish() throws {
        let nodes: [OnnxNode] = [
            Onnx.node("Identity", ["x"], ["y"]),
            Onnx.node("Dropout", ["x"], ["y", "mask"]),
            Onnx.node("Cast", ["x"], ["y"], ["to": .int(1)]),
            Onnx.node("Concat", ["x"], ["y"], ["axis": .int(1)]),
            Onnx.node("Sum", ["x"], ["y"]),
            Onnx.node("Reshape", ["x", "same"], ["y"]),
            Onnx.node("Expand", ["x", "same"], ["y"]),
            Onnx.node("Transpose", ["x"], ["y"], ["perm": .ints([0, 1, 2, 3])]),
            Onnx.node("Pad", ["x", "zeros"], ["y"]),
            Onnx.node("Slice", ["x", "first", "last"], ["y"]),
        ]
        let constants = [
            Onnx.integers("same", [1, 4, 8, 8]), Onnx.integers("zeros", [0, 0, 0, 0, 0, 0, 0, 0]),
            Onnx.integers("first", [0]), Onnx.integers("last", [.max]),
        ]
        for node in nodes {
            var result = try graph([node, Onnx.node("Relu", ["y"], ["z"])], constants, outputs: ["z"])
            XCTAssertEqual(result.operators, ["Relu"], node.operatorType)
            XCTAssertEqual(result.nodes.first?.inputs.map(\.source), [.graphInput(0)], node.operatorType)
            result = try graph([node], constants)
            XCTAssertEqual(result.operators, [], node.operatorType)
        }
    }

    func testASumOfTwoIsAnAddition() throws {
        let relu = Onnx.node("Relu", ["x"], ["r"])
        let pair = try graph([relu, Onnx.node("Sum", ["x", "r"], ["y"])])
        XCTAssertEqual(pair.operators, ["Relu", "Add"])
        let three = try graph([relu, Onnx.node("Sum", ["x", "r", "x"], ["y"])])
        XCTAssertEqual(three.operators, ["Relu", "Sum"])
    }

    func testEffectiveNodesStay() throws {
        let nodes: [OnnxNode] = [
            Onnx.node("Cast", ["x"], ["y"], ["to": .int(10)]),
            Onnx.node("Concat", ["x", "x"], ["y"], ["axis": .int(1)]),
            Onnx.node("Reshape", ["x", "flat"], ["y"]),
            Onnx.node("Transpose", ["x"], ["y"], ["perm": .ints([0, 1, 3, 2])]),
            Onnx.node("Pad", ["x", "shift"], ["y"]),
            Onnx.node("Slice", ["x", "end", "begin", "axis", "back"], ["y"]),
            Onnx.node("Dropout", ["x", "", "training"], ["y"]),
        ]
        let constants = [
            Onnx.integers("flat", [1, -1]), Onnx.integers("shift", [0, 0, 0, 1, 0, 0, 0, -1]),
            Onnx.integers("end", [-1]), Onnx.integers("begin", [.min]), Onnx.integers("axis", [3]),
            Onnx.integers("back", [-1]), Onnx.boolean("training", true),
        ]
        for node in nodes {
            XCTAssertEqual(try graph([node], constants).operators, [node.operatorType])
        }
    }

    func testAMaskThatIsReadKeepsItsDropout() throws {
        let graph = try graph(
            [Onnx.node("Dropout", ["x"], ["d", "mask"]), Onnx.node("Cast", ["mask"], ["y"], ["to": .int(1)])],
            outputs: ["d", "y"])
        XCTAssertEqual(graph.operators, ["Dropout", "Cast"])
    }

    // MARK: Batch normalisation

    private let statistics = ["scale", "offset", "mean", "variance"]

    private func normalized(
        _ product: OnnxNode, _ weights: [OnnxTensor], outputs: [String] = ["y"],
        attributes: [String: AttributeValue] = [:]
    ) throws -> Graph {
        let normalization = Onnx.node("BatchNormalization", ["p"] + statistics, ["y"], attributes)
        return try graph(
            [product, normalization], weights + statistics.map { Onnx.weight($0, [4]) }, outputs: outputs)
    }

    func testNormalizationFoldsIntoTheConvolutionBefore() throws {
        for name in ["Conv", "ConvTranspose"] {
            let folded = try normalized(
                Onnx.node(name, ["x", "w"], ["p"]), [Onnx.weight("w", [4, 4, 3, 3])])
            XCTAssertEqual(folded.operators, [name])
            XCTAssertEqual(folded.parameterCount, 4 * 4 * 9 + 4)
        }
        let biased = try normalized(
            Onnx.node("Conv", ["x", "w", "b"], ["p"]),
            [Onnx.weight("w", [4, 4, 3, 3]), Onnx.weight("b", [4])])
        XCTAssertEqual(biased.operators, ["Conv"])
        XCTAssertEqual(biased.parameterCount, 4 * 4 * 9 + 4)
    }

    func testNormalizationStaysWhereItCannotFold() throws {
        let convolution = Onnx.node("Conv", ["x", "w"], ["p"])
        let weight = [Onnx.weight("w", [4, 4, 1, 1])]
        let both = ["Conv", "BatchNormalization"]
        XCTAssertEqual(try normalized(convolution, weight, outputs: ["y", "p"]).operators, both)
        XCTAssertEqual(
            try normalized(convolution, weight, attributes: ["training_mode": .int(1)]).operators, both)
        // A weight that is computed at run time cannot absorb a scale.
        let computed = try graph(
            [
                Onnx.node("GlobalAveragePool", ["x"], ["g"]),
                Onnx.node("Reshape", ["g", "target"], ["w"]),
                Onnx.node("Conv", ["x", "w"], ["p"]),
                Onnx.node("BatchNormalization", ["p", "s", "s", "s", "s"], ["y"]),
            ], [Onnx.integers("target", [1, 4, 1, 1]), Onnx.weight("s", [1])])
        XCTAssertTrue(computed.operators.contains("BatchNormalization"))
    }

    // MARK: Activations

    func testAGateWithAnotherReaderStays() throws {
        let graph = try graph(
            [
                Onnx.node("Sigmoid", ["x"], ["s"]), Onnx.node("Mul", ["x", "s"], ["y"]),
            ], outputs: ["y", "s"])
        XCTAssertEqual(graph.operators, ["Sigmoid", "Mul"])
    }

    func testAGateOfAnotherValueIsNoSwish() throws {
        let graph = try graph([
            Onnx.node("Relu", ["x"], ["r"]), Onnx.node("Sigmoid", ["r"], ["s"]),
            Onnx.node("Mul", ["x", "s"], ["y"]),
        ])
        XCTAssertEqual(graph.operators, ["Relu", "Sigmoid", "Mul"])
    }

    func testHardSigmoidOfOtherSlopeIsNoHardSwish() throws {
        for (alpha, expected): (Float, [String]) in [(1.0 / 6, ["HardSwish"]), (0.2, ["HardSigmoid", "Mul"])] {
            let graph = try graph([
                Onnx.node("HardSigmoid", ["x"], ["s"], ["alpha": .float(alpha), "beta": .float(0.5)]),
                Onnx.node("Mul", ["s", "x"], ["y"]),
            ])
            XCTAssertEqual(graph.operators, expected)
        }
    }

    func testClipBoundsDecideOnHardSwish() throws {
        for (upper, expected) in [(6.0, ["HardSwish"]), (5.0, ["Add", "Clip", "Mul", "Div"])] {
            let graph = try graph(
                [
                    Onnx.node("Add", ["three", "x"], ["a"]), Onnx.node("Clip", ["a", "low", "high"], ["c"]),
                    Onnx.node("Mul", ["c", "x"], ["m"]), Onnx.node("Div", ["m", "six"], ["y"]),
                ],
                [
                    Onnx.scalar("three", 3), Onnx.scalar("low", 0), Onnx.scalar("high", upper),
                    Onnx.scalar("six", 6),
                ])
            XCTAssertEqual(graph.operators, expected)
        }
    }

    func testGeluInEveryGrouping() throws {
        let constants = [
            Onnx.scalar("root", 2.0.squareRoot()), Onnx.scalar("one", 1), Onnx.scalar("half", 0.5),
        ]
        let gate = [
            Onnx.node("Div", ["x", "root"], ["d"]), Onnx.node("Erf", ["d"], ["e"]),
            Onnx.node("Add", ["e", "one"], ["g"]),
        ]
        for (first, second) in [(["x", "g"], "half"), (["x", "half"], "g"), (["half", "g"], "x")] {
            let graph = try graph(
                gate + [Onnx.node("Mul", first, ["m"]), Onnx.node("Mul", ["m", second], ["y"])], constants)
            XCTAssertEqual(graph.operators, ["Gelu"], "\(first) · \(second)")
        }
    }

    // MARK: Layer normalisation

    private func layerNormalization(axes: [Int64], square: OnnxNode) throws -> Graph {
        try graph(
            [
                Onnx.node("ReduceMean", ["x"], ["mean"], ["axes": .ints(axes)]),
                Onnx.node("Sub", ["x", "mean"], ["d"]), square,
                Onnx.node("ReduceMean", ["squared"], ["variance"], ["axes": .ints(axes)]),
                Onnx.node("Add", ["variance", "epsilon"], ["v"]), Onnx.node("Sqrt", ["v"], ["root"]),
                Onnx.node("Div", ["d", "root"], ["n"]), Onnx.node("Mul", ["n", "scale"], ["m"]),
                Onnx.node("Add", ["m", "bias"], ["y"]),
            ],
            [
                Onnx.scalar("epsilon", 1e-5), Onnx.scalar("two", 2), Onnx.weight("scale", [8]),
                Onnx.weight("bias", [8]),
            ], operatorSet: 13)
    }

    func testLayerNormalization() throws {
        let power = Onnx.node("Pow", ["d", "two"], ["squared"])
        let product = Onnx.node("Mul", ["d", "d"], ["squared"])
        for (axes, axis): ([Int64], Int) in [([-1], -1), ([3], -1), ([2, 3], -2), ([-1, -2], -2)] {
            for square in [power, product] {
                let graph = try layerNormalization(axes: axes, square: square)
                XCTAssertEqual(graph.operators, ["LayerNormalization"])
                XCTAssertEqual(graph.nodes.first?.attributes.int("axis"), axis)
                XCTAssertEqual(graph.nodes.first?.attributes.float("epsilon"), 1e-5)
                XCTAssertEqual(graph.parameterCount, 16)
            }
        }
        let overChannels = try layerNormalization(axes: [1], square: power)
        XCTAssertFalse(overChannels.operators.contains("LayerNormalization"))
    }

    // MARK: Configuration

    func testAttributesAndInputsOfConfigurationAreOneForm() throws {
        let old = try graph(
            [Onnx.node("ReduceMean", ["x"], ["y"], ["axes": .ints([2, 3])])], operatorSet: 13)
        let new = try graph(
            [Onnx.node("ReduceMean", ["x", "axes"], ["y"])], [Onnx.integers("axes", [2, 3])],
            operatorSet: 18)
        XCTAssertEqual(old.nodes[0].inputs, new.nodes[0].inputs)
        XCTAssertEqual(old.nodes[0].outputs, new.nodes[0].outputs)
        XCTAssertEqual(old.nodes[0].cost, new.nodes[0].cost)
    }
}
