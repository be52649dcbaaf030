import NNFGraph
import NNFOnnx
import XCTest

/// Calls of model-local functions become the nodes of their bodies.
final class ImporterFunctionTests: XCTestCase {
    private func model(_ nodes: [OnnxNode], _ functions: [OnnxFunction]) -> OnnxModel {
        Onnx.model(
            Onnx.graph(inputs: [Onnx.value("x", [1, 4])], nodes: nodes, outputs: ["y"]),
            functions: functions)
    }

    func testBodiesTakeThePlaceOfCalls() throws {
        let twice = Onnx.function(
            "Twice", [Onnx.node("Relu", ["a"], ["t"], name: "first"), Onnx.node("Tanh", ["t"], ["b"])])
        let graph = try GraphImporter.makeGraph(
            from: model(
                [
                    Onnx.node("Twice", ["x"], ["m"], domain: "local", name: "one"),
                    Onnx.node("Twice", ["m"], ["y"], domain: "local", name: "two"),
                ], [twice]))
        XCTAssertEqual(graph.operators, ["Relu", "Tanh", "Relu", "Tanh"])
        XCTAssertEqual(graph.nodes[0].name, "one/first")
        XCTAssertEqual(graph.nodes[2].name, "two/first")
        XCTAssertEqual(graph.nodes[2].inputs.map(\.source), [.node(1)])
        XCTAssertEqual(graph.unknownOperators, [])
    }

    func testAttributesComeFromTheCallOrTheDefault() throws {
        var leaky = Onnx.node("LeakyRelu", ["a"], ["b"])
        leaky.attributeReferences = ["alpha": "slope"]
        let activation = Onnx.function("Activation", [leaky], defaults: ["slope": .float(0.5)])
        for (attributes, expected): ([String: AttributeValue], Float) in [
            (["slope": .float(0.25)], 0.25), ([:], 0.5),
        ] {
            let graph = try GraphImporter.makeGraph(
                from: model([Onnx.node("Activation", ["x"], ["y"], domain: "local", attributes)], [activation]))
            XCTAssertEqual(graph.nodes[0].attributes.float("alpha"), expected)
        }
    }

    func testOptionalInputsOmittedByTheCallAreOmittedInTheBody() throws {
        let clip = Onnx.function("Bound", inputs: ["a", "low", "high"], [Onnx.node("Clip", ["a", "low", "high"], ["b"])])
        let graph = try GraphImporter.makeGraph(
            from: model([Onnx.node("Bound", ["x"], ["y"], domain: "local")], [clip]))
        XCTAssertEqual(graph.operators, ["Clip"])
        XCTAssertEqual(graph.nodes[0].inputs.count, 1)
    }

    func testFunctionsThatHandAnInputThroughVanish() throws {
        let same = Onnx.function("Same", outputs: ["a"], [])
        let graph = try GraphImporter.makeGraph(
            from: model(
                [Onnx.node("Same", ["x"], ["m"], domain: "local"), Onnx.node("Relu", ["m"], ["y"])], [same]))
        XCTAssertEqual(graph.operators, ["Relu"])
        XCTAssertEqual(graph.nodes[0].inputs.map(\.source), [.graphInput(0)])
    }

    func testBodiesMayCallFunctionsAndUseTheirOwnOperatorSet() throws {
        // Before operator set 13 the axes of Squeeze are an attribute.
        var inner = Onnx.function("Inner", [Onnx.node("Squeeze", ["a"], ["b"], ["axes": .ints([0])])])
        inner.operatorSets = ["": 11]
        let outer = Onnx.function("Outer", [Onnx.node("Inner", ["a"], ["b"], domain: "local")])
        let graph = try GraphImporter.makeGraph(
            from: model([Onnx.node("Outer", ["x"], ["y"], domain: "local")], [inner, outer]))
        XCTAssertEqual(graph.operators, ["Squeeze"])
        XCTAssertEqual(graph.extents(0), [4])
    }

    func testRecursionIsAnError() {
        let ping = Onnx.function("Ping", [Onnx.node("Pong", ["a"], ["b"], domain: "local")])
        let pong = Onnx.function("Pong", [Onnx.node("Ping", ["a"], ["b"], domain: "local")])
        let failure = failure {
            try GraphImporter.makeGraph(
                from: model([Onnx.node("Ping", ["x"], ["y"], domain: "local")], [ping, pong]))
        }
        XCTAssertEqual(failure.code, .invalidModel)
        XCTAssertTrue(failure.message.contains("calls itself"), failure.message)
    }

    /// Sixteen functions of a hundred calls each would be 10³² nodes.
    func testMultiplicationIsBounded() {
        let functions = (0..<14).map { level in
            Onnx.function(
                "F\(level)",
                (0..<100).map { position in
                    Onnx.node(
                        "F\(level + 1)", [position == 0 ? "a" : "t\(position)"],
                        [position == 99 ? "b" : "t\(position + 1)"], domain: "local")
                })
        }
        let failure = failure {
            try GraphImporter.makeGraph(
                from: model([Onnx.node("F0", ["x"], ["y"], domain: "local")], functions))
        }
        XCTAssertEqual(failure.code, .limitExceeded)
    }

    /// What calls of a function multiply need not be nodes: here it is what a branch inside it states of its values.
    func testMultiplicationOfStatementsIsBounded() {
        var choice = Onnx.node("If", ["a"], ["b"])
        var branch = Onnx.graph(nodes: [Onnx.node("Relu", ["a"], ["inner"])], outputs: ["inner"])
        branch.values = (0..<10_000).map { Onnx.value("v\($0)", [1]) }
        choice.subgraphs = ["then_branch": branch, "else_branch": branch]
        let calls = (0..<10_000).map { Onnx.node("Choose", ["x"], ["y\($0)"], domain: "local") }
        let failure = failure {
            try GraphImporter.makeGraph(from: model(calls, [Onnx.function("Choose", [choice])]))
        }
        XCTAssertEqual(failure.code, .limitExceeded)
    }

    func testNestingIsBounded() throws {
        func nested(_ depth: Int) -> OnnxModel {
            let functions = (1...depth).map { level in
                let call = Onnx.node("F\(level + 1)", ["a"], ["b"], domain: "local")
                return Onnx.function("F\(level)", [level == depth ? Onnx.node("Relu", ["a"], ["b"]) : call])
            }
            return model([Onnx.node("F1", ["x"], ["y"], domain: "local")], functions)
        }
        XCTAssertEqual(try GraphImporter.makeGraph(from: nested(Limits.nesting)).operators, ["Relu"])
        let failure = failure { try GraphImporter.makeGraph(from: nested(Limits.nesting + 1)) }
        XCTAssertEqual(failure.code, .limitExceeded)
        XCTAssertTrue(failure.message.contains("nest deeper than \(Limits.nesting)"), failure.message)
    }

    func testAnOutputThatTheBodyLacksIsAnError() {
        let broken = Onnx.function("Broken", [Onnx.node("Relu", ["a"], ["elsewhere"])])
        let failure = failure {
            try GraphImporter.makeGraph(
                from: model([Onnx.node("Broken", ["x"], ["y"], domain: "local")], [broken]))
        }
        XCTAssertTrue(failure.message.contains("does not produce its output 'b'"), failure.message)
    }
}
