import COnnxOracle
import Foundation
import NNFGraph
import NNFOnnx
import XCTest

/// The importer's shapes against libonnx's own inference, on exported networks.
final class InferenceOracleTests: XCTestCase {
    /// Of every axis that a file leaves open.
    private let openExtent: Int64 = 3

    private var files: [URL] {
        get throws {
            let patterns = try FileManager.default.contentsOfDirectory(
                at: RepositoryFile.fixture("patterns"), includingPropertiesForKeys: nil)
            let networks = readerFixtureNames.filter { $0 != "constructs" }.map { RepositoryFile.fixture("\($0).onnx") }
            return networks + patterns.filter { $0.pathExtension == "onnx" }.sorted { $0.path < $1.path }
        }
    }

    /// Nodes are matched by name: what the importer fuses into a node keeps its shape.
    func testOutputsOfNodesAgree() throws {
        var comparedCount = 0, networkCount = 0
        for file in try files {
            let content = try Data(contentsOf: file)
            let inferred = content.withUnsafeBytes { oracle_infer($0.baseAddress, $0.count, openExtent) }
            // Not every pattern is one that libonnx 1.12 can infer; the networks are.
            guard let inferred else { continue }
            defer { oracle_free(inferred) }
            networkCount += 1

            var model = try OnnxReader.read(path: file.path)
            closeAxes(of: &model)
            let outputNames = Dictionary(model.graph.nodes.map { ($0.name, $0.outputs) }) { first, _ in first }
            let graph = try GraphImporter.makeGraph(from: model)
            for node in graph.nodes where !node.name.isEmpty {
                guard let names = outputNames[node.name] else { continue }
                for (name, type) in zip(names, node.outputs) {
                    let expected = oracle_value_type(inferred, name)
                    guard expected.rank >= 0 else { continue }
                    comparedCount += 1
                    let what = "\(file.lastPathComponent), node '\(node.name)' (\(node.operatorName)), value '\(name)'"
                    XCTAssertEqual(type.elementType.rawValue, expected.element_type, what)
                    XCTAssertTrue(agrees(type, with: expected), "\(what): \(text(type)) against \(text(expected))")
                }
            }
        }
        XCTAssertGreaterThanOrEqual(networkCount, 15)
        XCTAssertGreaterThan(comparedCount, 300)
    }

    private func closeAxes(of model: inout OnnxModel) {
        for index in model.graph.inputs.indices {
            model.graph.inputs[index].axes = model.graph.inputs[index].axes?.map { axis in
                if case .extent = axis { axis } else { .extent(openExtent) }
            }
        }
    }

    /// Equal, up to extents that libonnx leaves open.
    private func agrees(_ type: TensorType, with expected: oracle_type) -> Bool {
        guard let shape = type.shape, shape.count == Int(expected.rank) else { return false }
        return zip(shape, extents(of: expected)).allSatisfy { axis, extent in
            extent == Int64(ORACLE_UNKNOWN_EXTENT) || axis.extent.map(Int64.init) == extent
        }
    }

    private func extents(of type: oracle_type) -> [Int64] {
        withUnsafeBytes(of: type.extents) { Array($0.bindMemory(to: Int64.self).prefix(Int(type.rank))) }
    }

    private func text(_ type: TensorType) -> String {
        type.shape.map { "\($0.map { $0.extent.map(String.init) ?? "?" })" } ?? "unknown"
    }

    private func text(_ type: oracle_type) -> String { "\(extents(of: type))" }
}
