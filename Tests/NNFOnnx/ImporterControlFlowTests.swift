import NNFGraph
import NNFOnnx
import XCTest

/// Branches that are known are inlined; bodies that are not are part of their node's cost.
final class ImporterControlFlowTests: XCTestCase {
    private let input = Onnx.value("x", [1, 8])

    private func branch(_ operatorType: String, _ inputs: [String], weights: [OnnxTensor] = []) -> OnnxGraph {
        Onnx.graph(
            initializers: weights, nodes: [Onnx.node(operatorType, inputs, ["inner"])],
            outputs: ["inner"])
    }

    private func conditional(_ condition: String) -> OnnxNode {
        var node = Onnx.node("If", [condition], ["b"], name: "choice")
        node.subgraphs["then_branch"] = branch("Relu", ["x"])
        node.subgraphs["else_branch"] = branch(
            "MatMul", ["x", "w"], weights: [Onnx.weight("w", [8, 8])])
        return node
    }

    func testAKnownConditionLeavesItsBranch() throws {
        for (condition, expected) in [(true, "Relu"), (false, "MatMul")] {
            let graph = try GraphImporter.makeGraph(
                from: Onnx.model(
                    Onnx.graph(
                        inputs: [input], initializers: [Onnx.boolean("c", condition)],
                        nodes: [conditional("c"), Onnx.node("Tanh", ["b"], ["y"])], outputs: ["y"])))
            XCTAssertEqual(graph.operators, [expected, "Tanh"])
            XCTAssertEqual(graph.nodes[1].inputs.map(\.source), [.node(0)])
            XCTAssertEqual(graph.parameterCount, condition ? 0 : 64)
        }
    }

    /// Constants without a payload may state any size; counts saturate within bodies too.
    func testParameterCountsOfBodiesSaturate() throws {
        let flag = Onnx.value("flag", [Int64](), .bool)
        var node = Onnx.node("If", ["flag"], ["y"])
        for name in ["then_branch", "else_branch"] {
            let weights = ["v", "w"].map { Onnx.weight("\(name) \($0)", [1 << 62]) }
            node.subgraphs[name] = Onnx.graph(
                initializers: weights, nodes: [Onnx.node("Foo", ["x"] + weights.map(\.name), ["inner"], domain: "my")],
                outputs: ["inner"])
        }
        let graph = try GraphImporter.makeGraph(
            from: Onnx.model(Onnx.graph(inputs: [input, flag], nodes: [node], outputs: ["y"])))
        XCTAssertEqual(graph.nodes.map(\.parameterCount), [.max])
    }

    func testConditionsOnShapesAreKnown() throws {
        let graph = try GraphImporter.makeGraph(
            from: Onnx.model(
                Onnx.graph(
                    inputs: [input], initializers: [Onnx.integers("zero", [0]), Onnx.integers("one", [1])],
                    nodes: [
                        Onnx.node("Shape", ["x"], ["s"]), Onnx.node("Gather", ["s", "zero"], ["n"]),
                        Onnx.node("Equal", ["n", "one"], ["c"]), conditional("c"),
                        Onnx.node("Tanh", ["b"], ["y"]),
                    ], outputs: ["y"])))
        XCTAssertEqual(graph.operators, ["Relu", "Tanh"])
    }

    func testAnOpenConditionCostsTheDearerBranch() throws {
        let flag = Onnx.value("flag", [Int64](), .bool)
        let graph = try GraphImporter.makeGraph(
            from: Onnx.model(
                Onnx.graph(
                    inputs: [input, flag],
                    nodes: [conditional("flag"), Onnx.node("Tanh", ["b"], ["y"])], outputs: ["y"])))
        XCTAssertEqual(graph.operators, ["If", "Tanh"])
        XCTAssertEqual(graph.nodes[0].cost.macs, 64)
        XCTAssertEqual(graph.nodes[0].parameterCount, 64)
        // The branches read x from outside: the node depends on it.
        XCTAssertTrue(graph.nodes[0].inputs.map(\.source).contains(.graphInput(0)))
    }

    private func loop(trips: Int64) -> OnnxModel {
        var node = Onnx.node("Loop", ["trips", "go", "h0"], ["y"], name: "steps")
        node.subgraphs["body"] = Onnx.graph(
            inputs: [
                Onnx.value("i", [Int64](), .int64), Onnx.value("go_in", [Int64](), .bool),
                Onnx.value("h", [1, 8]),
            ],
            initializers: [Onnx.weight("w", [8, 8])],
            nodes: [
                Onnx.node("Identity", ["go_in"], ["go_out"]), Onnx.node("MatMul", ["h", "w"], ["next"]),
            ], outputs: ["go_out", "next"])
        return Onnx.model(
            Onnx.graph(
                inputs: [input],
                initializers: [
                    OnnxTensor(name: "trips", elementType: .int64, dimensions: [], elements: .integers([trips])),
                    Onnx.boolean("go", true),
                ],
                nodes: [Onnx.node("Relu", ["x"], ["h0"]), node], outputs: ["y"]))
    }

    func testALoopCostsItsBodyTimesItsTrips() throws {
        let graph = try GraphImporter.makeGraph(from: loop(trips: 10))
        XCTAssertEqual(graph.operators, ["Relu", "Loop"])
        XCTAssertEqual(graph.nodes[1].cost.macs, 640)
        XCTAssertEqual(graph.nodes[1].parameterCount, 64)
        XCTAssertEqual(graph.extents(1), [1, 8])
        XCTAssertEqual(try GraphImporter.makeGraph(from: loop(trips: .max)).nodes[1].cost.macs, 64)
    }

    /// Each level of nesting may infer its body several times; the sum is bounded.
    func testNestedLoopsEnd() throws {
        func nested(_ depth: Int) -> OnnxNode {
            var node = Onnx.node("Loop", ["trips", "go", "x\(depth)"], ["r\(depth)"])
            let next = depth + 1
            node.subgraphs["body"] = Onnx.graph(
                inputs: [
                    Onnx.value("i\(depth)", [Int64](), .int64), Onnx.value("g\(depth)", [Int64](), .bool),
                    OnnxValue(name: "x\(next)", elementType: .float, axes: nil),
                ],
                nodes: [
                    // The extent grows with each trip: the first guess at the carried value never holds.
                    next < Limits.subgraphNesting
                        ? nested(next) : Onnx.node("Relu", ["x\(next)"], ["r\(next)"]),
                    Onnx.node("Concat", ["r\(next)", "x\(next)"], ["c\(depth)"], ["axis": .int(0)]),
                ], outputs: ["g\(depth)", "c\(depth)"])
            return node
        }
        var graph = Onnx.graph(
            inputs: [Onnx.value("x0", [1, 8])],
            initializers: [Onnx.integers("trips", [3]), Onnx.boolean("go", true)],
            nodes: [nested(0)], outputs: ["r0"])
        graph.initializers[0].dimensions = []
        XCTAssertEqual(try GraphImporter.makeGraph(from: Onnx.model(graph)).operators, ["Loop"])
    }
}
