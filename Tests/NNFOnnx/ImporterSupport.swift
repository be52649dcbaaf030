import Foundation
import NNFGraph
import NNFOnnx
import XCTest

/// Short ways to write models down, for tests of the importer.
enum Onnx {
    static func value(_ name: String, _ axes: [OnnxAxis], _ type: ElementType = .float) -> OnnxValue {
        OnnxValue(name: name, elementType: type, axes: axes)
    }

    static func value(_ name: String, _ extents: [Int64], _ type: ElementType = .float) -> OnnxValue {
        value(name, extents.map { .extent($0) }, type)
    }

    static func output(_ name: String) -> OnnxValue {
        OnnxValue(name: name, elementType: .undefined, axes: nil)
    }

    /// A weight: its payload is not there.
    static func weight(_ name: String, _ extents: [Int64], _ type: ElementType = .float) -> OnnxTensor {
        OnnxTensor(name: name, elementType: type, dimensions: extents, elements: nil)
    }

    static func integers(_ name: String, _ elements: [Int64]) -> OnnxTensor {
        OnnxTensor(
            name: name, elementType: .int64, dimensions: [Int64(elements.count)],
            elements: .integers(elements))
    }

    static func scalar(_ name: String, _ number: Double) -> OnnxTensor {
        OnnxTensor(name: name, elementType: .float, dimensions: [], elements: .reals([number]))
    }

    static func boolean(_ name: String, _ value: Bool) -> OnnxTensor {
        OnnxTensor(name: name, elementType: .bool, dimensions: [], elements: .integers([value ? 1 : 0]))
    }

    static func node(
        _ operatorType: String, _ inputs: [String], _ outputs: [String], domain: String = "",
        name: String = "", _ attributes: [String: AttributeValue] = [:]
    ) -> OnnxNode {
        OnnxNode(
            name: name, operatorType: operatorType, domain: domain, inputs: inputs, outputs: outputs,
            attributes: Attributes(attributes))
    }

    static func graph(
        inputs: [OnnxValue] = [], initializers: [OnnxTensor] = [], nodes: [OnnxNode],
        outputs: [String]
    ) -> OnnxGraph {
        var graph = OnnxGraph()
        graph.inputs = inputs
        graph.initializers = initializers
        graph.nodes = nodes
        graph.outputs = outputs.map { output($0) }
        return graph
    }

    static func model(_ graph: OnnxGraph, operatorSet: Int64 = 17, functions: [OnnxFunction] = []) -> OnnxModel {
        OnnxModel(irVersion: 8, operatorSets: ["": operatorSet], graph: graph, functions: functions)
    }

    /// A function of the domain `local`.
    static func function(
        _ name: String, inputs: [String] = ["a"], outputs: [String] = ["b"], _ nodes: [OnnxNode],
        defaults: [String: AttributeValue] = [:]
    ) -> OnnxFunction {
        OnnxFunction(
            name: name, domain: "local", inputs: inputs, outputs: outputs, operatorSets: ["": 17], nodes: nodes,
            defaults: Attributes(defaults))
    }

    /// A committed export, by its name in `Tests/Fixtures/patterns`.
    static func fixture(_ name: String) throws -> OnnxModel {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Fixtures/patterns")
        return try OnnxReader.read(path: folder.appendingPathComponent("\(name).onnx").path)
    }
}

extension Graph {
    var operators: [String] { nodes.map(\.operatorName) }
    var parameterCount: Int { nodes.reduce(0) { $0 + $1.parameterCount } }
    var flops: UInt64 { nodes.reduce(0) { $0 + $1.cost.flops } }
    var macs: UInt64 { nodes.reduce(0) { $0 + $1.cost.macs } }

    /// Extents of the first result of a node; -1 where unknown, `nil` without rank.
    func extents(_ position: Int) -> [Int]? {
        nodes[position].outputs.first?.shape?.map { $0.extent ?? -1 }
    }
}

/// Time of the processor that something takes, in this process: what runs beside it does not count.
func processorSeconds(_ body: () throws -> Void) rethrows -> Double {
    let start = clock()
    try body()
    return Double(clock() - start) / Double(CLOCKS_PER_SEC)
}

/// The failure that an expression ends in.
func failure(
    file: StaticString = #filePath, line: UInt = #line, _ body: () throws -> some Any
) -> Failure {
    do {
        let result = try body()
        XCTFail("no failure, but \(result)", file: file, line: line)
    } catch let failure as Failure {
        return failure
    } catch {
        XCTFail("another error: \(error)", file: file, line: line)
    }
    return Failure(.internalError, "")
}
