import NNFGraph
import NNFOnnx
import XCTest

/// Order, names, parameters and what is left out.
final class ImporterTests: XCTestCase {
    private let image = Onnx.value("x", [2, 3, 8, 8])

    /// Two convolutions that share a weight, added.
    private func diamond() -> OnnxGraph {
        Onnx.graph(
            inputs: [image], initializers: [Onnx.weight("w", [3, 3, 1, 1]), Onnx.weight("b", [3])],
            nodes: [
                Onnx.node("Conv", ["x", "w", "b"], ["left"], name: "left"),
                Onnx.node("Conv", ["x", "w"], ["right"]),
                Onnx.node("Add", ["left", "right"], ["sum"]),
                Onnx.node("Relu", ["sum"], ["y"]),
            ], outputs: ["y"])
    }

    func testNodesNamesSourcesAndSharedParameters() throws {
        let graph = try GraphImporter.makeGraph(from: Onnx.model(diamond()))
        XCTAssertEqual(graph.nodes.map(\.name), ["left", "Conv_1", "Add_2", "Relu_3"])
        XCTAssertEqual(graph.nodes.map(\.parameterCount), [12, 0, 0, 0])
        XCTAssertEqual(
            graph.nodes[1].inputs.map(\.source), [.graphInput(0), .constant(number: 0)])
        XCTAssertEqual(graph.nodes[2].inputs.map(\.source), [.node(0), .node(1)])
        XCTAssertEqual(graph.batchSize, 2)
        XCTAssertEqual(graph.macs, 2 * 2 * 3 * 3 * 64)
    }

    func testOrderOfTheFileDoesNotMatter() throws {
        let sorted = try GraphImporter.makeGraph(from: Onnx.model(diamond()))
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<20 {
            var shuffled = diamond()
            shuffled.nodes.shuffle(using: &generator)
            let graph = try GraphImporter.makeGraph(from: Onnx.model(shuffled))
            XCTAssertEqual(Set(graph.operators), Set(sorted.operators))
            XCTAssertEqual(graph.flops, sorted.flops)
            XCTAssertEqual(graph.parameterCount, sorted.parameterCount)
            for (position, node) in graph.nodes.enumerated() {
                for case .node(let producer) in node.inputs.map(\.source) {
                    XCTAssertLessThan(producer, position)
                }
            }
            let hash = GraphHash.hash(of: graph, relations: try Relations(of: graph))
            XCTAssertEqual(hash, GraphHash.hash(of: sorted, relations: try Relations(of: sorted)))
        }
    }

    func testASortedFileKeepsItsOrder() throws {
        var graph = diamond()
        graph.nodes.swapAt(0, 1)
        XCTAssertEqual(
            try GraphImporter.makeGraph(from: Onnx.model(graph)).nodes.map(\.name),
            ["Conv_0", "left", "Add_2", "Relu_3"])
    }

    func testParameterCountsSaturate() throws {
        let model = try OnnxReader.read(path: RepositoryFile.hostile("parameter_overflow.onnx").path)
        let graph = try GraphImporter.makeGraph(from: model)
        XCTAssertEqual(graph.nodes.map(\.parameterCount), [.max])
        XCTAssertTrue(try GraphEncoding(of: graph).nodeFeatures.allSatisfy(\.isFinite))
    }

    func testUnneededNodesGoUnlessKept() throws {
        var graph = diamond()
        graph.nodes.append(Onnx.node("Sigmoid", ["left"], ["unused"]))
        graph.nodes.append(Onnx.node("Tanh", ["unused"], ["unused too"]))
        XCTAssertEqual(try GraphImporter.makeGraph(from: Onnx.model(graph)).nodes.count, 4)
        let kept = try GraphImporter.makeGraph(
            from: Onnx.model(graph), options: ImportOptions(keepsUnusedNodes: true))
        XCTAssertEqual(kept.operators, ["Conv", "Conv", "Add", "Relu", "Sigmoid", "Tanh"])
    }

    func testWithoutOutputsEverythingStays() throws {
        var graph = diamond()
        graph.outputs = []
        XCTAssertEqual(try GraphImporter.makeGraph(from: Onnx.model(graph)).nodes.count, 4)
    }

    func testDoublingTheBatchNeverLowersFlops() throws {
        for name in ["block_relu_13", "block_hardswish_13_unfolded", "pool_then_normalize_13", "transformer_13_dynamic"] {
            let model = try Onnx.fixture(name)
            var previous: UInt64 = 0
            for batchSize: Int64 in [1, 2, 4, 8, 16] {
                var options = ImportOptions(batchSize: batchSize)
                if name.hasSuffix("dynamic") {
                    options.inputShapes = [InputShape(name: nil, extents: [-1, 10, -1])]
                }
                let flops = try GraphImporter.makeGraph(from: model, options: options).flops
                XCTAssertGreaterThan(flops, previous, name)
                previous = flops
            }
        }
    }

    func testBrokenGraphsAreErrors() {
        func code(_ nodes: [OnnxNode], outputs: [String] = ["y"]) -> Failure {
            failure {
                try GraphImporter.makeGraph(
                    from: Onnx.model(Onnx.graph(inputs: [image], nodes: nodes, outputs: outputs)))
            }
        }
        let cycle = code([Onnx.node("Add", ["x", "z"], ["y"], name: "loop"), Onnx.node("Relu", ["y"], ["z"])])
        XCTAssertEqual(cycle.code, .invalidModel)
        XCTAssertTrue(cycle.message.contains("cycle") && cycle.message.contains("'loop'"), cycle.message)
        let undefined = code([Onnx.node("Add", ["x", "nothing"], ["y"], name: "sum")])
        XCTAssertTrue(undefined.message.contains("'sum'") && undefined.message.contains("'nothing'"))
        let twice = code([Onnx.node("Relu", ["x"], ["y"]), Onnx.node("Tanh", ["x"], ["y"])])
        XCTAssertTrue(twice.message.contains("'y' is produced more than once"), twice.message)
        let missing = code([Onnx.node("Relu", ["x"], ["y"])], outputs: ["elsewhere"])
        XCTAssertTrue(missing.message.contains("'elsewhere'"), missing.message)
    }

    func testALongChainNeedsNoStack() throws {
        let count = 20_000
        let nodes = (0..<count).map { Onnx.node("Relu", ["v\($0)"], ["v\($0 + 1)"]) }
        var graph = Onnx.graph(
            inputs: [Onnx.value("v0", [1, 4])], nodes: nodes.reversed(), outputs: ["v\(count)"])
        XCTAssertEqual(try GraphImporter.makeGraph(from: Onnx.model(graph)).nodes.count, count)
        graph.nodes = nodes
        XCTAssertEqual(try GraphImporter.makeGraph(from: Onnx.model(graph)).nodes.count, count)
    }
}
