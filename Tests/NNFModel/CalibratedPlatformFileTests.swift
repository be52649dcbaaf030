import Foundation
import NNFGraph
import NNFModel
import NNFWeights
import TestSupport
import XCTest

/// Files of calibrated platforms: an honest one, and others made of its parts.
final class CalibratedPlatformFileTests: XCTestCase {
    private let predictor = try? Predictor(.copy(of: smallWeights().bytes()))
    private var parts: CalibratedPlatformParts?

    override func setUpWithError() throws {
        parts = try CalibratedPlatformParts(.twiceTheFirst(of: try XCTUnwrap(predictor)))
    }

    private func bytes(_ changes: [String: Any] = [:], _ changedTensors: [String: [Float]] = [:]) throws -> [UInt8] {
        try XCTUnwrap(parts).bytes(changes, changing: changedTensors)
    }

    private func assertRefused(
        _ code: Failure.Code, _ what: String = "", line: UInt = #line, _ body: () throws -> Void
    ) {
        XCTAssertThrowsError(try body(), what, line: line) { error in
            XCTAssertEqual((error as? Failure)?.code, code, "\(what): \(error)", line: line)
        }
    }

    func testThePartsMakeAnHonestFile() throws {
        let predictor = try XCTUnwrap(predictor)
        XCTAssertEqual(parts?.tensors.map(\.name), ["intercept", "coefficients", "interval", "shares"])
        var generator = SplitMix64(seed: 5)
        let graph = try GraphPlan.random(nodeCount: 19, using: &generator).encoding()
        let extended = try predictor.adding([try CalibratedPlatform(.copy(of: try bytes()))])
        XCTAssertEqual(try extended.predict(graph)[3] / (2 * (try predictor.predict(graph)[0])), 1, accuracy: 0.05)
    }

    /// The fingerprint is that of the weights, and yet the numbers are for others: they must not be taken, nor index anything.
    func testOtherNumbersOfPlatformsAndFeaturesAreOfOtherWeights() throws {
        let predictor = try XCTUnwrap(predictor)
        let features = FeatureSchema.graphFeatureNames.count
        for (platforms, graphFeatures) in [(1, features), (2, features), (4, features), (4096, features), (3, 0), (3, features + 1), (4, features - 1)] {
            let changes: [String: Any] = ["platforms": platforms, "graph_features": graphFeatures]
            let shares = [Float](repeating: 0, count: platforms - 1) + [1]
            let platform = try CalibratedPlatform(
                .copy(
                    of: try bytes(
                        changes,
                        [
                            "shares": shares,
                            "coefficients": [Float](repeating: 0, count: platforms + graphFeatures),
                        ])))
            assertRefused(.incompatibleWeights, "\(platforms) and \(graphFeatures)") { _ = try predictor.adding([platform]) }
        }
    }

    func testCountsThatContradictTheTensorsAreRefused() throws {
        let features = FeatureSchema.graphFeatureNames.count
        for (name, value) in [("platforms", 4), ("platforms", 2), ("graph_features", features + 1), ("platforms", 4097)] {
            assertRefused(.malformedInput, "\(name) \(value)") { _ = try CalibratedPlatform(.copy(of: try bytes([name: value]))) }
        }
    }

    func testNumbersThatCannotBeAreRefused() throws {
        for tensor in try XCTUnwrap(parts).tensors {
            for value: Float in [.nan, .infinity, -.infinity, 1e30, -1e30] {
                for position in tensor.elements.indices {
                    var elements = tensor.elements
                    elements[position] = value
                    assertRefused(.malformedInput, "\(tensor.name)[\(position)] = \(value)") {
                        _ = try CalibratedPlatform(.copy(of: try bytes([:], [tensor.name: elements])))
                    }
                }
            }
        }
    }

    func testFilesCutAnywhereAreRefused() throws {
        let bytes = try bytes()
        for count in 0..<bytes.count {
            assertRefused(.malformedInput, "\(count) bytes") { _ = try CalibratedPlatform(.copy(of: Array(bytes[..<count]))) }
        }
    }

    func testOtherElementTypesAreRefused() throws {
        for type in ["F16", "F64", "I32", "U8"] {
            // Of the same length, so that the rest of the file stays what it was.
            var changed = try bytes()
            let wanted = Array("\"F32\"".utf8)
            let start = try XCTUnwrap((8..<changed.count).first { Array(changed[$0...].prefix(5)) == wanted })
            let text = Array("\"\(type)\"".utf8)
            changed.replaceSubrange(start..<start + 5, with: text + [UInt8](repeating: 0x20, count: 5 - text.count))
            assertRefused(.incompatibleWeights, type) { _ = try CalibratedPlatform(.copy(of: changed)) }
        }
    }

    func testLargeFilesAreNotRead() throws {
        try inTemporaryFile { path in
            try Data(try bytes()).write(to: URL(fileURLWithPath: path))
            XCTAssertNoThrow(try CalibratedPlatform.open(path: path))
            XCTAssertEqual(truncate(path, 1 << 30), 0)
            assertRefused(.limitExceeded) { _ = try CalibratedPlatform.open(path: path) }
        }
    }
}
