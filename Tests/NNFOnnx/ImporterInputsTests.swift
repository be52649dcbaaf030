import NNFGraph
import NNFOnnx
import XCTest

/// Which extents the inputs get, and what is said when one is missing.
final class ImporterInputsTests: XCTestCase {
    private func relu(_ inputs: [OnnxValue]) -> OnnxModel {
        let nodes = inputs.map { Onnx.node("Relu", [$0.name], [$0.name + "_out"]) }
        return Onnx.model(
            Onnx.graph(inputs: inputs, nodes: nodes, outputs: inputs.map { $0.name + "_out" }))
    }

    private let image: [OnnxAxis] = [.parameter("batch"), .extent(3), .extent(224), .extent(224)]

    func testOpenBatchNamesInputAxisParameterAndShape() {
        let failure = failure { try GraphImporter.makeGraph(from: relu([Onnx.value("x", image)])) }
        XCTAssertEqual(failure.code, .openAxis)
        XCTAssertEqual(
            failure.message,
            "input 'x' axis 0 ('batch') is open in Nx3x224x224: give its extent, or a batch size")
    }

    func testOpenAxesElsewhereKeepTheirNames() {
        let axes: [OnnxAxis] = [.extent(1), .extent(3), .parameter("height"), .unspecified]
        let failure = failure { try GraphImporter.makeGraph(from: relu([Onnx.value("x", axes)])) }
        XCTAssertEqual(
            failure.message, "input 'x' axis 2 ('height') is open in 1x3xheightx?: give its extent")
    }

    func testExtentsBelowOneInTheFileAreOpen() {
        for extent: Int64 in [0, -1, .min] {
            let model = relu([Onnx.value("x", [extent, 8])])
            XCTAssertEqual(failure { try GraphImporter.makeGraph(from: model) }.code, .openAxis)
        }
    }

    func testMissingShapeIsOpen() throws {
        let model = relu([OnnxValue(name: "x", elementType: .float, axes: nil)])
        let failure = failure { try GraphImporter.makeGraph(from: model) }
        XCTAssertEqual(failure.code, .openAxis)
        XCTAssertEqual(failure.message, "input 'x' has no shape in the file: give its extents")
        let options = ImportOptions(inputShapes: [InputShape(name: "x", extents: [2, 3])])
        XCTAssertEqual(try GraphImporter.makeGraph(from: model, options: options).extents(0), [2, 3])
    }

    func testBatchFixesTheNamedAxisEverywhere() throws {
        let model = relu([
            Onnx.value("x", image), Onnx.value("y", [.extent(1), .parameter("batch")]),
        ])
        // Axis 0 of y is overridden, its other axis follows the name.
        let graph = try GraphImporter.makeGraph(from: model, options: ImportOptions(batchSize: 4))
        XCTAssertEqual(graph.extents(0), [4, 3, 224, 224])
        XCTAssertEqual(graph.extents(1), [4, 4])
        XCTAssertEqual(graph.batchSize, 4)
    }

    func testBatchOverridesAFixedExtentAndLeavesScalarsAlone() throws {
        let model = relu([Onnx.value("x", [1, 3]), Onnx.value("scale", [Int64]())])
        let graph = try GraphImporter.makeGraph(from: model, options: ImportOptions(batchSize: 8))
        XCTAssertEqual(graph.extents(0), [8, 3])
        XCTAssertEqual(graph.extents(1), [])
    }

    func testShapeByNameAndWithoutName() throws {
        let model = relu([Onnx.value("x", image)])
        for name in ["x", nil] {
            let options = ImportOptions(inputShapes: [InputShape(name: name, extents: [2, -1, 96, -1])])
            let graph = try GraphImporter.makeGraph(from: model, options: options)
            XCTAssertEqual(graph.extents(0), [2, 3, 96, 224])
        }
    }

    func testInitializersAreNoInputs() throws {
        var model = relu([Onnx.value("x", [1, 3])])
        model.graph.inputs.append(Onnx.value("w", [3]))
        model.graph.initializers.append(Onnx.weight("w", [3]))
        model.graph.nodes.append(Onnx.node("Add", ["x_out", "w"], ["sum"]))
        model.graph.outputs = [Onnx.output("sum")]
        let options = ImportOptions(inputShapes: [InputShape(name: nil, extents: [5, 3])])
        let graph = try GraphImporter.makeGraph(from: model, options: options)
        XCTAssertEqual(graph.inputs.map(\.name), ["x"])
        XCTAssertEqual(graph.parameterCount, 3)
    }

    func testContradictionsAndMistakesAreNamed() {
        let open = relu([Onnx.value("x", image), Onnx.value("y", [.parameter("batch"), .extent(7)])])
        let cases: [(ImportOptions, Failure.Code, String)] = [
            (ImportOptions(batchSize: 0), .invalidArgument, "batch size is 0"),
            (ImportOptions(batchSize: .min), .invalidArgument, "at least 1"),
            (ImportOptions(inputShapes: [InputShape(name: "z", extents: [1])]), .notFound, "'x', 'y'"),
            (ImportOptions(inputShapes: [InputShape(name: nil, extents: [1])]), .invalidArgument, "'x', 'y'"),
            (ImportOptions(inputShapes: [InputShape(name: "y", extents: [1])]), .invalidArgument, "2 axes"),
            (ImportOptions(inputShapes: [InputShape(name: "y", extents: [0, 7])]), .invalidArgument, "holds 0"),
            (ImportOptions(inputShapes: [InputShape(name: "y", extents: [-2, 7])]), .invalidArgument, "holds -2"),
            (
                ImportOptions(batchSize: 2, inputShapes: [InputShape(name: "y", extents: [4, 7])]),
                .invalidArgument, "begins with 4"
            ),
            (
                ImportOptions(inputShapes: [
                    InputShape(name: "x", extents: [2, -1, -1, -1]), InputShape(name: "y", extents: [4, 7]),
                ]), .invalidArgument, "'batch'"
            ),
            (
                ImportOptions(inputShapes: [
                    InputShape(name: "y", extents: [4, 7]), InputShape(name: "y", extents: [4, 7]),
                ]), .invalidArgument, "twice"
            ),
        ]
        for (options, code, words) in cases {
            let failure = failure { try GraphImporter.makeGraph(from: open, options: options) }
            XCTAssertEqual(failure.code, code, failure.message)
            XCTAssertTrue(failure.message.contains(words), failure.message)
        }
    }

    func testConstantsThatHoldTheBatchSizeAreBlamed() throws {
        let model = try Onnx.fixture("fixed_batch_13")
        XCTAssertEqual(try GraphImporter.makeGraph(from: model).batchSize, 1)
        let failure = failure {
            try GraphImporter.makeGraph(from: model, options: ImportOptions(batchSize: 8))
        }
        XCTAssertEqual(failure.code, .invalidModel)
        XCTAssertTrue(
            failure.message.contains("the file fixes its batch size"), failure.message)
        XCTAssertTrue(failure.message.contains("axis 0 of input 'input' is 1 there"), failure.message)
    }

    func testStatedShapesServeUnknownOperatorsUntilAnInputChanges() throws {
        var graph = Onnx.graph(
            inputs: [Onnx.value("x", [1, 3])],
            nodes: [Onnx.node("Mystery", ["x"], ["y"], domain: "vendor"), Onnx.node("Relu", ["y"], ["z"])],
            outputs: ["z"])
        graph.values = [Onnx.value("y", [1, 9])]
        let model = Onnx.model(graph)
        let stated = try GraphImporter.makeGraph(from: model)
        XCTAssertEqual(stated.operators, ["vendor::Mystery", "Relu"])
        XCTAssertEqual(stated.unknownOperators, ["vendor::Mystery"])
        XCTAssertEqual(stated.extents(1), [1, 9])
        let changed = try GraphImporter.makeGraph(from: model, options: ImportOptions(batchSize: 2))
        XCTAssertEqual(changed.extents(1), [-1, -1])
    }
}
