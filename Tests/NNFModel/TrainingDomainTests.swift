import Foundation
import NNFGraph
import NNFModel
import TestSupport
import XCTest

/// Weights that say what they were trained on: a made-up domain of two groups in a space of the embedding's first two
/// elements.
final class TrainingDomainTests: XCTestCase {
    private let weights = smallWeights()
    private var generator = SplitMix64(seed: 5)

    private var domain: [String: Any] {
        [
            "dimensions": 2, "references": 3, "growth": 2,
            "groups": [
                ["family": "a", "batch": 1, "operators": ["Relu", "Conv"]],
                ["family": "b", "batch": 1, "operators": ["Add"]],
            ],
        ]
    }

    private func tensors(usualDistance: Float = 1, reference: Float = 0, scale: Float = 1) -> [NamedTensor] {
        let columns = weights.width + OperatorVocabulary.count
        var projection = [Float](repeating: 0, count: 2 * columns)
        (projection[0], projection[columns + 1]) = (1, 1)
        return [
            NamedTensor("training_domain.projection", [2, columns], projection),
            NamedTensor("training_domain.offset", [2], [0, 0]),
            NamedTensor("training_domain.references", [3, 2], [reference, 0, reference, 1, reference + 50, 50]),
            NamedTensor("training_domain.reference_groups", [3], [0, 0, 1]),
            NamedTensor("training_domain.group_scales", [2], [scale, scale]),
            NamedTensor("training_domain.usual_distances", [3], [usualDistance, usualDistance, 0]),
            // The third platform has no labels.
            NamedTensor("training_domain.log_half_widths", [3, 2], [0.1, 0, 0.2, 0.3, 0, 0]),
        ]
    }

    private func predictor(_ domain: [String: Any], _ tensors: [NamedTensor]) throws -> Predictor {
        var metadata = weights.metadata(featureSchema: FeatureSchema.version)
        metadata["training_domain"] = domain
        return try Predictor(.copy(of: try weights.bytes(metadata: metadata, tensors: weights.tensors + tensors)))
    }

    private func graph() throws -> GraphEncoding { try GraphPlan.random(nodeCount: 9, using: &generator).encoding() }

    func testIntervalsHaveTheWidthOfTheNearestGroup() throws {
        let predictor = try predictor(domain, tensors(usualDistance: 100))
        let estimates = try predictor.estimates(of: try graph())
        for (estimate, halfWidth) in zip(estimates, [0.1, 0.2]) {
            XCTAssertEqual(log(estimate.upperMs / estimate.latencyMs), halfWidth, accuracy: 1e-6)
            XCTAssertEqual(log(estimate.latencyMs / estimate.lowerMs), halfWidth, accuracy: 1e-6)
            XCTAssertEqual(estimate.inDomainScore, 1)
        }
        XCTAssertTrue(estimates[2].upperMs.isNaN && estimates[2].inDomainScore.isNaN)
    }

    func testIntervalsWidenAndScoresFallWithDistance() throws {
        // The embedding is normalised: its elements are a few units at most.
        let near = try predictor(domain, tensors(usualDistance: 10, reference: 20))
        let far = try predictor(domain, tensors(usualDistance: 10, reference: 30))
        let beyond = try predictor(domain, tensors(usualDistance: 10, reference: 10_000))
        let graph = try graph()
        let (first, second) = (try near.estimates(of: graph)[0], try far.estimates(of: graph)[0])
        XCTAssertLessThan(first.inDomainScore, 0.5)
        XCTAssertLessThan(second.inDomainScore, first.inDomainScore)
        XCTAssertGreaterThan(second.upperMs, first.upperMs)
        // Growth 2 and the square of the score undo each other.
        XCTAssertEqual(log(first.upperMs / first.latencyMs) * first.inDomainScore, 0.1, accuracy: 1e-5)
        let last = try beyond.estimates(of: graph)[0]
        XCTAssertEqual(last.upperMs / last.latencyMs, 10, accuracy: 1e-4)
    }

    func testDistancesAreInUnitsOfTheGroup() throws {
        let graph = try graph()
        let inOnes = try predictor(domain, tensors(usualDistance: 10, reference: 20)).estimates(of: graph)[0]
        let inTwos = try predictor(domain, tensors(usualDistance: 5, reference: 20, scale: 2)).estimates(of: graph)[0]
        XCTAssertLessThan(inOnes.inDomainScore, 0.5)
        XCTAssertEqual(inOnes.inDomainScore, inTwos.inDomainScore, accuracy: 1e-6)
        XCTAssertEqual(inOnes.upperMs, inTwos.upperMs, accuracy: 1e-6)
    }

    func testOperatorsAreThoseOfThePlatformsGroups() throws {
        let predictor = try predictor(domain, tensors())
        XCTAssertTrue(predictor.hasSeen("Relu", platform: 0))
        XCTAssertFalse(predictor.hasSeen("Add", platform: 0))
        XCTAssertTrue(predictor.hasSeen("Add", platform: 1))
        XCTAssertFalse(predictor.hasSeen("Relu", platform: 2))
        XCTAssertEqual(predictor.operators(seenBy: 0), ["Relu", "Conv"])
        XCTAssertEqual(predictor.operators(seenBy: 1), ["Relu", "Conv", "Add"])
        XCTAssertEqual(predictor.operators(seenBy: 2), [])
        for platform in [-1, 3, .max] {
            XCTAssertFalse(predictor.hasSeen("Relu", platform: platform))
            XCTAssertEqual(predictor.operators(seenBy: platform), [])
        }
    }

    func testMoreOperatorsThanThereAreAreRefused() throws {
        var changed = domain
        changed["groups"] = [0, 1].map { group in
            ["family": "a", "batch": 1, "operators": (0..<4096).map { "\(group == 0 ? "a" : "b")\($0)" }] as [String: Any]
        }
        XCTAssertThrowsError(try predictor(changed, tensors())) { XCTAssertTrue("\($0)".contains("4096 kinds"), "\($0)") }
    }

    func testDomainsThatCannotBeAreRefused() throws {
        let changes: [(String, Any?)] = [
            ("dimensions", 0), ("dimensions", 3), ("references", 2), ("references", 1 << 40), ("growth", -1),
            ("growth", "2"), ("growth", NSNull()), ("groups", [Any]()), ("groups", [["operators": [1]]]), ("groups", nil),
        ]
        for (name, value) in changes {
            var changed = domain
            changed[name] = value
            XCTAssertThrowsError(try predictor(changed, tensors()), name) { XCTAssertTrue($0 is Failure) }
        }
        for (position, tensor) in tensors().enumerated() {
            var fewer = tensors()
            fewer.remove(at: position)
            XCTAssertThrowsError(try predictor(domain, fewer), tensor.name)
            for value: Float in [-1, .nan, .infinity, 2.5, 7] {
                let isImpossible = tensor.name.hasSuffix("reference_groups") || tensor.name.hasSuffix("scales") && value < 0
                guard isImpossible || !value.isFinite else { continue }
                var changed = tensors()
                changed[position] = NamedTensor(
                    tensor.name, tensor.shape, [value] + tensor.elements.dropFirst())
                XCTAssertThrowsError(try predictor(domain, changed), "\(tensor.name) \(value)")
            }
        }
    }
}
