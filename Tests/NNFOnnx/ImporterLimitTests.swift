import Foundation
import NNFGraph
import NNFOnnx
import TestSupport
import XCTest

/// What a small file may ask of its host: functions multiply what their bodies hold, bodies are inferred several times.
final class ImporterLimitTests: XCTestCase {
    /// A model that calls function `F` one call after the other.
    private func chain(of count: Int, _ functions: [OnnxFunction], shape: [Int64] = [1, 4], call: [String: AttributeValue] = [:]) -> OnnxModel {
        let nodes = (0..<count).map {
            Onnx.node("F", [$0 == 0 ? "x" : "v\($0 - 1)"], ["v\($0)"], domain: "local", call)
        }
        return Onnx.model(
            Onnx.graph(inputs: [Onnx.value("x", shape)], nodes: nodes, outputs: ["v\(count - 1)"]), functions: functions)
    }

    private func assertBeyondLimit(_ part: String, line: UInt = #line, _ model: OnnxModel) {
        let failure = failure(line: line) { try GraphImporter.makeGraph(from: model).nodes.count }
        XCTAssertEqual(failure.code, .limitExceeded, failure.message, line: line)
        XCTAssertTrue(failure.message.contains(part), failure.message, line: line)
    }

    private let long = String(repeating: "é", count: 1 << 19)

    // MARK: What functions multiply

    func testNamesAreCutInCopies() throws {
        let named = Onnx.function("F", [Onnx.node("Relu", ["a"], ["b"], name: long)])
        var names = try GraphImporter.makeGraph(from: chain(of: 1000, [named])).nodes.map(\.name)
        XCTAssertLessThan(names.map(\.utf8.count).max() ?? .max, Limits.inlinedNameBytes + 8)
        XCTAssertTrue(names[0].hasPrefix("ééé"))
        XCTAssertFalse(names[0].contains("\u{fffd}"))
        // A node without a name is called after its operator.
        let unnamed = Onnx.function("F", [Onnx.node(String(long.prefix(1000)), ["a"], ["b"])])
        names = try GraphImporter.makeGraph(from: chain(of: 100, [unnamed])).nodes.map(\.name)
        XCTAssertLessThan(names.map(\.utf8.count).max() ?? .max, Limits.inlinedNameBytes + 16)
        XCTAssertEqual(Set(names).count, 100)
        // The main graph's names are the file's own, and stay whole.
        let own = Onnx.graph(
            inputs: [Onnx.value("x", [1])], nodes: [Onnx.node("Relu", ["x"], ["y"], name: long)], outputs: ["y"])
        XCTAssertEqual(try GraphImporter.makeGraph(from: Onnx.model(own)).nodes[0].name, long)
    }

    func testNamesOfWhatFunctionsHandThroughAreCut() throws {
        let names = (0..<2000).map { "a\($0)" }
        let call = Onnx.node(
            "F", Array(repeating: "x", count: names.count), names.map { "y\($0)" }, domain: "local", name: long)
        let model = Onnx.model(
            Onnx.graph(inputs: [Onnx.value("x", [1])], nodes: [call, Onnx.node("Relu", ["ya7"], ["z"])], outputs: ["z"]),
            functions: [Onnx.function("F", inputs: names, outputs: names, [])])
        let growth = try MemoryUse.growthInBytes {
            XCTAssertEqual(try GraphImporter.makeGraph(from: model).operators, ["Relu"])
        }
        XCTAssertLessThan(growth, 200 << 20)
    }

    func testNamesAreBounded() {
        let part = "names and attributes of the model's functions"
        assertBeyondLimit(part, chain(of: 1000, [Onnx.function("F", [Onnx.node(long, ["a"], ["b"])])]))
        let inner = [Onnx.node("Relu", ["a"], [long]), Onnx.node("Relu", [long], ["b"])]
        assertBeyondLimit(part, chain(of: 1000, [Onnx.function("F", inner)]))
        var branch = Onnx.graph(nodes: [Onnx.node("Relu", ["a"], ["inner"])], outputs: ["inner"])
        branch.values = [Onnx.value(long, [1])]
        var choice = Onnx.node("If", ["a"], ["b"])
        choice.subgraphs = ["then_branch": branch, "else_branch": branch]
        assertBeyondLimit(part, chain(of: 1000, [Onnx.function("F", [choice])]))
    }

    func testAttributesAreBounded() {
        let part = "names and attributes of the model's functions"
        let list = AttributeValue.ints(Array(repeating: 1, count: 100_000))
        assertBeyondLimit(part, chain(of: 1000, [Onnx.function("F", [Onnx.node("Relu", ["a"], ["b"], ["kernel_shape": list])])]))
        // One call gives its list to many nodes.
        let body = (0..<1000).map {
            var node = Onnx.node("Relu", ["a"], ["b\($0)"])
            node.attributeReferences = ["kernel_shape": "list"]
            return node
        }
        assertBeyondLimit(part, chain(of: 1, [Onnx.function("F", outputs: ["b0"], body)], call: ["list": list]))
    }

    func testOperatorSetsAreNotCopiedForEachCall() throws {
        var model = chain(of: 60_000, [Onnx.function("F", [Onnx.node("Relu", ["a"], ["b"])])])
        for number in 0..<60_000 { model.operatorSets["domain\(number)"] = 1 }
        // Merged at each call, these would be 3.6·10⁹ entries.
        XCTAssertLessThan(try processorSeconds { _ = try GraphImporter.makeGraph(from: model) }, 10)
    }

    func testOperatorSetsComeFromTheInnermostThatHasTheDomain() throws {
        // Before operator set 13 the axes of Squeeze are an attribute.
        let squeeze = Onnx.node("Squeeze", ["a"], ["b"], ["axes": .ints([0])])
        var outer = Onnx.function("F", [Onnx.node("G", ["a"], ["b"], domain: "local")])
        var inner = Onnx.function("G", [squeeze])
        outer.operatorSets = ["": 11]
        inner.operatorSets = ["other": 1]
        let graph = try GraphImporter.makeGraph(from: chain(of: 1, [outer, inner]))
        XCTAssertEqual(graph.extents(0), [4])
    }

    // MARK: What inference holds

    private let manyAxes: [Int64] = [65] + Array(repeating: 1, count: Limits.rank - 1)

    func testShapesAreBounded() {
        let outputs = (0..<1000).map { "n\($0)" }
        let split = Onnx.function("F", outputs: ["n0"], [Onnx.node("Split", ["a"], outputs)])
        let shape = [1000] + manyAxes.dropFirst()
        let calls = (0..<600).map { Onnx.node("F", ["x"], ["v\($0)"], domain: "local") }
        let graph = Onnx.graph(inputs: [Onnx.value("x", shape)], nodes: calls, outputs: calls.map { $0.outputs[0] })
        assertBeyondLimit("the shapes of the model's values", Onnx.model(graph, functions: [split]))
        // One node is refused before its outputs are made.
        let names = (0..<600_000).map { "n\($0)" }
        let single = Onnx.graph(
            inputs: [Onnx.value("x", [600_000] + manyAxes.dropFirst())], nodes: [Onnx.node("Split", ["x"], names)],
            outputs: ["n0"])
        assertBeyondLimit("the shapes of the model's values", Onnx.model(single))
    }

    /// Each sequence here takes 64 types of 64 axes. What is followed of all of them together is bounded.
    func testTypesOfSequencesAreForgotten() throws {
        let count = 6000
        var nodes: [OnnxNode] = []
        for number in 0..<count {
            nodes.append(Onnx.node("SplitToSequence", ["x", "sizes"], ["s\(number)"]))
            nodes.append(Onnx.node("SequenceAt", ["s\(number)", "first"], ["e\(number)"]))
        }
        let graph = try GraphImporter.makeGraph(
            from: Onnx.model(
                Onnx.graph(
                    inputs: [Onnx.value("x", manyAxes)],
                    initializers: [
                        Onnx.integers("sizes", [2] + Array(repeating: 1, count: 63)), Onnx.integers("first", [0]),
                    ],
                    nodes: nodes, outputs: (0..<count).map { "e\($0)" })))
        XCTAssertEqual(graph.extents(1)?.first, 2)
        XCTAssertEqual(graph.extents(2 * count - 1)?.first, -1)
    }

    // MARK: Bodies

    /// Loops within each other whose value changes its extents from trip to trip, so that each body is inferred three times.
    private func loops(depth: Int, innermost: [OnnxNode]) -> OnnxModel {
        func loop(_ level: Int) -> OnnxNode {
            var node = Onnx.node("Loop", ["trips", "go", "x"], ["w\(level)"])
            let turn = Onnx.node("Transpose", ["v\(level)"], ["o\(level)"], ["perm": .ints([1, 2, 0])])
            node.subgraphs["body"] = Onnx.graph(
                inputs: [
                    Onnx.value("i\(level)", [Int64](), .int64), Onnx.value("c\(level)", [Int64](), .bool),
                    OnnxValue(name: "v\(level)", elementType: .float, axes: nil),
                ],
                nodes: [turn] + (level < depth ? [loop(level + 1)] : innermost),
                outputs: ["c\(level)", "o\(level)"])
            return node
        }
        return Onnx.model(
            Onnx.graph(
                inputs: [
                    Onnx.value("x", [1, 1, 2]), Onnx.value("trips", [1], .int64), Onnx.value("go", [1], .bool),
                ], nodes: [loop(1)], outputs: ["w1"]))
    }

    func testBodiesThatMultiplyAreBounded() throws {
        let wide = (0..<3000).map { Onnx.node("Relu", ["x"], ["r\($0)"]) }
        // Three levels of a large body are well within what may be done.
        XCTAssertEqual(try GraphImporter.makeGraph(from: loops(depth: 3, innermost: wide)).operators, ["Loop"])
        assertBeyondLimit("nest too deeply to be inferred", loops(depth: 7, innermost: wide))
    }

    /// A rule's work may lie in an attribute.
    func testAttributesOfBodiesThatMultiplyAreBounded() throws {
        let equation = "abc->abc" + String(repeating: " ", count: 1 << 20)
        let einsum = Onnx.node("Einsum", ["x"], ["e"], ["equation": .string(equation)])
        XCTAssertNoThrow(try GraphImporter.makeGraph(from: loops(depth: 2, innermost: [einsum])))
        assertBeyondLimit("nest too deeply to be inferred", loops(depth: 6, innermost: [einsum]))
    }

    func testSubgraphNestingIsBounded() throws {
        let deepest = Limits.subgraphNesting
        XCTAssertNoThrow(try GraphImporter.makeGraph(from: loops(depth: deepest, innermost: [])))
        assertBeyondLimit("subgraphs nest more than \(deepest) deep", loops(depth: deepest + 1, innermost: []))
    }

    /// Threads of musl have 128 KiB of stack; the deepest model that is read has to do with less.
    func testTheDeepestModelFitsASmallStack() throws {
        #if DEBUG
            throw XCTSkip("frames are larger without optimisation")
        #else
            try importTheDeepestModelsOnASmallStack()
        #endif
    }

    private func importTheDeepestModelsOnASmallStack() throws {
        var models = [loops(depth: Limits.subgraphNesting, innermost: [])]
        // The rule with the largest frame.
        var scan = Onnx.node("Scan", ["x", "x"], ["y"], ["num_scan_inputs": .int(1)])
        for level in 0..<Limits.subgraphNesting {
            let body = Onnx.graph(
                inputs: [
                    OnnxValue(name: "v\(level)", elementType: .float, axes: nil),
                    OnnxValue(name: "s\(level)", elementType: .float, axes: nil),
                ], nodes: level == 0 ? [] : [scan], outputs: ["v\(level)"])
            scan = Onnx.node("Scan", ["x", "x"], ["y"], ["num_scan_inputs": .int(1)])
            scan.subgraphs["body"] = body
        }
        models.append(Onnx.model(Onnx.graph(inputs: [Onnx.value("x", [4, 4])], nodes: [scan], outputs: ["y"])))
        let done = expectation(description: "imported")
        let thread = Thread { [models] in
            for model in models {
                do { _ = try GraphImporter.makeGraph(from: model) } catch { XCTFail("\(error)") }
            }
            done.fulfill()
        }
        thread.stackSize = 112 << 10
        thread.start()
        wait(for: [done], timeout: 60)
    }

    // MARK: Long chains

    func testAChainOfKnownBranchesIsFollowedOnce() throws {
        let count = 60_000
        var nodes = [Onnx.node("Tanh", ["x"], ["v0"])]
        for number in 1...count {
            var choice = Onnx.node("If", ["yes"], ["v\(number)"])
            let branch = Onnx.graph(nodes: [], outputs: ["v\(number - 1)"])
            choice.subgraphs = ["then_branch": branch, "else_branch": branch]
            nodes.append(choice)
        }
        nodes.append(Onnx.node("Relu", ["v\(count)"], ["y"]))
        let model = Onnx.model(
            Onnx.graph(
                inputs: [Onnx.value("x", [1, 4])], initializers: [Onnx.boolean("yes", true)], nodes: nodes, outputs: ["y"]))
        // Followed anew from each link, these would be 1.8·10⁹ steps.
        let seconds = try processorSeconds {
            let graph = try GraphImporter.makeGraph(from: model)
            XCTAssertEqual(graph.operators, ["Tanh", "Relu"])
            XCTAssertEqual(graph.nodes[1].inputs.map(\.source), [.node(0)])
        }
        XCTAssertLessThan(seconds, 10)
    }

    func testSourcesOfAFoldedNodeAreWalkedOnce() throws {
        let count = 120_000
        let outputs = (0..<count).map { "o\($0)" }
        let model = Onnx.model(
            Onnx.graph(
                inputs: [Onnx.value("x", [1, 4])], initializers: [Onnx.weight("c", [3]), Onnx.weight("d", [3])],
                nodes: [
                    Onnx.node("Sum", ["d"] + Array(repeating: "c", count: count), outputs),
                    Onnx.node("Foo", ["x"] + outputs.reversed(), ["y"], domain: "my"),
                ], outputs: ["y"]))
        // Sources times outputs would be 1.4·10¹⁰ steps.
        let seconds = try processorSeconds {
            let graph = try GraphImporter.makeGraph(from: model)
            XCTAssertEqual(graph.operators, ["my::Foo"])
            XCTAssertEqual(graph.parameterCount, 6)
        }
        XCTAssertLessThan(seconds, 10)
    }
}
