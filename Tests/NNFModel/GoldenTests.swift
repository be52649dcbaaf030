import Foundation
import NNFGraph
import NNFKernels
import NNFModel
import NNFOnnx
import NNFWeights
import TestSupport
import XCTest

/// The library against the dense PyTorch reference, from the bytes of an ONNX file to milliseconds; Tests/Golden says
/// how the files come about (`nnformer_training.fixtures.golden`).
final class GoldenTests: XCTestCase {
    /// Of an estimate: the reference computes in double precision, the library in single or in integers.
    private static let tolerance = 1e-4
    /// Of an estimate of random weights in integers: a pooled head exponentiates a sum over all nodes, and here the sums are
    /// far larger than those of trained weights.
    private static let quantizedTolerance = 5e-3
    /// Of an estimate in 8-bit integers; Documentation/Precision.md has the largest of thousands.
    private static let coarseTolerance = 1e-2
    /// Operators mixed at random lie far from what training saw, where the rounding to integers is amplified.
    private static let randomGraphFactor = 2.0

    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Golden")

    private struct GraphList: Decodable {
        struct Entry: Decodable {
            let name: String
            let batch: Int64
            let nodes: Int
            /// Entries of successors, predecessors, co-children, co-parents.
            let relationSizes: [Int]
            let hash: String
        }

        let featureSchema: UInt32
        let graphs: [Entry]
    }

    private struct Estimates: Decodable {
        struct Entry: Decodable {
            let name: String
            let milliseconds: [Double]
        }

        struct Configuration: Decodable {
            let featureCount: Int
            let graphFeatureCount: Int
            let platformCount: Int
            let layers: Int
            let width: Int
            let feedforwardRatio: Int
            let head: String
            let headWidth: Int
        }

        /// Of seeded weights.
        let seed: UInt64?
        let configuration: Configuration?
        /// Of the embedded weights: ids.
        let platforms: [String]?
        let estimates: [Entry]
    }

    private func decode<Document: Decodable>(_ name: String) throws -> Document {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(Document.self, from: Data(contentsOf: Self.folder.appendingPathComponent(name)))
    }

    private func graph(_ entry: GraphList.Entry) throws -> Graph {
        let path = Self.folder.appendingPathComponent("graphs/\(entry.name).onnx").path
        return try GraphImporter.makeGraph(
            from: try OnnxReader.read(path: path), options: ImportOptions(batchSize: entry.batch))
    }

    /// The numbers were written by this library: they say that a graph is read as it was when the estimates were made.
    func testGraphsAreReadAsRecorded() throws {
        let list: GraphList = try decode("graphs.json")
        XCTAssertEqual(list.featureSchema, FeatureSchema.version)
        XCTAssertGreaterThanOrEqual(list.graphs.count, 50)
        for entry in list.graphs {
            let graph = try graph(entry)
            let encoding = try GraphEncoding(of: graph)
            let relations = encoding.relations
            XCTAssertEqual(encoding.nodeCount, entry.nodes, entry.name)
            XCTAssertEqual(
                [relations.successors, relations.predecessors, relations.coChildren, relations.coParents]
                    .map(\.indices.count), entry.relationSizes, entry.name)
            let hash = GraphHash.hash(of: graph, relations: relations)
            XCTAssertEqual(hash.map { String(format: "%02x", $0) }.joined(), entry.hash, entry.name)
        }
    }

    func testEmbeddedWeights() throws {
        let expected: Estimates = try decode("shipped.json")
        for precision in [Precision.single, .quantized] {
            let predictor = try Predictor.embedded(precision: precision)
            XCTAssertEqual(
                predictor.platforms.map(\.id), expected.platforms, "write Tests/Golden anew for these weights")
            try compare(
                predictor, expected, tolerance: Self.tolerance,
                randomGraphFactor: precision == .quantized ? Self.randomGraphFactor : 1)
        }
        try compare(
            try Predictor.embedded(precision: .coarse), expected, tolerance: Self.coarseTolerance,
            randomGraphFactor: Self.randomGraphFactor)
    }

    /// Close is what any precision is: that it was heeded shows in the bits, where the processor has the integers asked for.
    func testPrecisionsAreComputedInWhatTheySay() throws {
        let list: GraphList = try decode("graphs.json")
        let encoding = try GraphEncoding(of: try graph(try XCTUnwrap(list.graphs.first)))
        let estimates = try [Precision.single, .quantized, .coarse].map { precision in
            try Predictor.embedded(precision: precision).predict(encoding)
        }
        let instructions = nnf_best_instructions()
        for (number, integers) in [NNF_INTEGERS_16, NNF_INTEGERS_8].enumerated() {
            XCTAssertEqual(
                estimates[number] != estimates[number + 1], nnf_multiplies_quantized(instructions, integers), "\(integers)")
        }
    }

    func testSeededWeightsOfThePapersSize() throws {
        for name in ["random_additive.json", "random_pooled.json"] {
            let expected: Estimates = try decode(name)
            let sizes = try XCTUnwrap(expected.configuration)
            var weights = SeededWeights(
                featureCount: sizes.featureCount, graphFeatureCount: sizes.graphFeatureCount)
            weights.seed = try XCTUnwrap(expected.seed)
            (weights.layers, weights.width) = (sizes.layers, sizes.width)
            (weights.head, weights.headWidth) = (sizes.head, sizes.headWidth)
            weights.feedForwardRatio = sizes.feedforwardRatio
            weights.platformIds = (0..<sizes.platformCount).map { "platform\($0)" }
            for (precision, tolerance) in [
                (Precision.single, Self.tolerance), (.quantized, Self.quantizedTolerance),
            ] {
                try compare(
                    try Predictor(.copy(of: try weights.bytes()), precision: precision), expected, tolerance: tolerance)
            }
        }
    }

    private func compare(
        _ predictor: Predictor, _ expected: Estimates, tolerance: Double, randomGraphFactor: Double = 1
    ) throws {
        let list: GraphList = try decode("graphs.json")
        XCTAssertEqual(expected.estimates.map(\.name), list.graphs.map(\.name))
        for (entry, estimate) in zip(list.graphs, expected.estimates) {
            let actual = try predictor.predict(try GraphEncoding(of: try graph(entry)))
            XCTAssertEqual(actual.count, estimate.milliseconds.count)
            let factor = entry.name.hasPrefix("random_") ? randomGraphFactor : 1
            for (value, exact) in zip(actual, estimate.milliseconds) {
                XCTAssertEqual(value / exact, 1, accuracy: factor * tolerance, entry.name)
            }
        }
    }
}
