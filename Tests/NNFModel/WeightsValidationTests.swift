import Foundation
import NNFGraph
import NNFModel
import NNFWeights
import TestSupport
import XCTest

final class WeightsValidationTests: XCTestCase {
    private let weights = smallWeights()
    private var metadata: [String: Any] { weights.metadata(featureSchema: FeatureSchema.version) }

    private func assertRefused(
        _ bytes: [UInt8], _ code: Failure.Code, mentioning words: String..., line: UInt = #line
    ) {
        XCTAssertThrowsError(try Predictor(.copy(of: bytes)), line: line) { error in
            guard let failure = error as? Failure else { return XCTFail("\(error)", line: line) }
            XCTAssertEqual(failure.code, code, failure.message, line: line)
            XCTAssertFalse(failure.message.contains("\n"), line: line)
            for word in words { XCTAssertTrue(failure.message.contains(word), failure.message, line: line) }
        }
    }

    func testPlatformsAreRead() throws {
        let platforms = try Predictor(.copy(of: try weights.bytes())).platforms
        XCTAssertEqual(platforms.map(\.id), weights.platformIds)
        let first = try XCTUnwrap(platforms.first)
        XCTAssertEqual(first.quantity, .latency)
        XCTAssertEqual(first.source, "random weights")
        let labels = try XCTUnwrap(first.labels.first)
        XCTAssertEqual(labels.batchSize, 32)
        XCTAssertEqual(labels.trainingNetworkCount, 10)
        XCTAssertEqual(labels.meanAbsolutePercentageError, 1.5)
        XCTAssertEqual(labels.within10Percent, 99)
        XCTAssertTrue(labels.spearman.isNaN)
    }

    func testOtherVersionsAreRefusedByName() throws {
        let changes: [(String, Any)] = [
            ("format_version", 1), ("feature_schema", Int(FeatureSchema.version) + 1),
            ("feature_count", FeatureSchema.nodeFeatureNames.count + 1),
            ("graph_feature_count", FeatureSchema.graphFeatureNames.count - 1), ("heads", 8),
        ]
        for (name, value) in changes {
            var metadata = metadata
            let ours = try XCTUnwrap(metadata[name])
            metadata[name] = value
            assertRefused(
                try weights.bytes(metadata: metadata), .incompatibleWeights, mentioning: name, "\(value)", "\(ours)")
        }
        var metadata = metadata
        metadata["activation"] = "gelu"
        assertRefused(try weights.bytes(metadata: metadata), .incompatibleWeights, mentioning: "gelu")
    }

    func testUnusableMetadataIsRefused() throws {
        let changes: [(String, Any?)] = [
            ("layers", 0), ("layers", 65), ("layers", "2"), ("layers", 2.5), ("layers", nil), ("layers", -1),
            ("width", 6), ("width", 1 << 40), ("width", 0), ("feedforward_ratio", 0), ("feedforward_ratio", 17),
            ("head", "linear"), ("head", 1), ("head_width", 0), ("format_version", "1"), ("format_version", nil),
            ("platforms", [Any]()), ("platforms", [1]), ("platforms", "x"), ("activation", nil),
        ]
        for (name, value) in changes {
            var metadata = metadata
            metadata[name] = value
            assertRefused(try weights.bytes(metadata: metadata), .malformedInput, mentioning: name)
        }
    }

    func testUnusablePlatformsAreRefused() throws {
        let changes: [(String, Any?)] = [
            ("id", ""), ("id", "gtx1660-tensorrt7.1-fp32"), ("id", "a\0b"), ("id", nil), ("quantity", "joule"),
            ("device", 1), ("labels", nil), ("labels", [["file": "f"]]),
        ]
        for (name, value) in changes {
            var metadata = metadata
            var platforms = try XCTUnwrap(metadata["platforms"] as? [[String: Any]])
            platforms[0][name] = value
            metadata["platforms"] = platforms
            assertRefused(try weights.bytes(metadata: metadata), .malformedInput, mentioning: "platforms[")
        }
    }

    func testMetadataThatIsNoDocument() throws {
        let tensors = weights.tensors
        assertRefused(
            try SafetensorsDocument.bytes(tensors: tensors, metadata: [:]), .incompatibleWeights,
            mentioning: "nnformer")
        for text in ["", "[]", "{", "1"] {
            assertRefused(
                try SafetensorsDocument.bytes(tensors: tensors, metadata: ["nnformer": text]), .malformedInput,
                mentioning: "metadata")
        }
    }

    /// Every tensor in turn: missing, of another shape, with an element that is not finite.
    func testEveryTensorIsChecked() throws {
        for head in ["additive", "pooled"] {
            var weights = weights
            weights.head = head
            let metadata = weights.metadata(featureSchema: FeatureSchema.version)
            let tensors = weights.tensors
            for index in tensors.indices {
                let name = tensors[index].name
                var changed = tensors
                changed.remove(at: index)
                assertRefused(
                    try weights.bytes(metadata: metadata, tensors: changed), .malformedInput, mentioning: name)
                changed = tensors
                changed[index].shape.append(1)
                assertRefused(
                    try weights.bytes(metadata: metadata, tensors: changed), .malformedInput, mentioning: name)
                for value in [Float.nan, .infinity] {
                    changed = tensors
                    changed[index].elements[changed[index].elements.count - 1] = value
                    assertRefused(
                        try weights.bytes(metadata: metadata, tensors: changed), .malformedInput,
                        mentioning: name, "finite")
                }
            }
        }
    }

    func testUnknownTensorIsRefused() throws {
        let extra = NamedTensor("layers.2.attention_scale", [1], [0])
        assertRefused(
            try weights.bytes(metadata: metadata, tensors: weights.tensors + [extra]), .malformedInput,
            mentioning: extra.name)
    }

    /// The size that the metadata claims must not be believed before the tensors confirm it.
    func testClaimedSizesAllocateNothing() throws {
        var metadata = metadata
        (metadata["width"], metadata["layers"], metadata["head_width"]) = (4096, 64, 4096)
        assertRefused(try weights.bytes(metadata: metadata), .malformedInput, mentioning: "embed.weight")
    }

    func testMissingFile() {
        XCTAssertThrowsError(try Predictor.open(path: "/nonexistent/weights.safetensors")) {
            XCTAssertEqual(($0 as? Failure)?.code, .inputOutput)
        }
    }
}
