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

    private func tensors(usualDistances: [Float] = [1, 1], reference: Float = 0, scale: Float = 1) -> [NamedTensor] {
        let columns = weights.width + OperatorVocabulary.count
        var projection = [Float](repeating: 0, count: 2 * columns)
        (projection[0], projection[columns + 1]) = (1, 1)
        return [
            NamedTensor("training_domain.projection", [2, columns], projection),
            NamedTensor("training_domain.offset", [2], [0, 0]),
            NamedTensor("training_domain.references", [3, 2], [reference, 0, reference, 1, reference + 50, 50]),
            NamedTensor("training_domain.reference_groups", [3], [0, 0, 1]),
            NamedTensor("training_domain.group_scales", [2], [scale, scale]),
            NamedTensor("training_domain.usual_distances", [3], usualDistances + [0]),
            // The third platform has no labels.
            NamedTensor("training_domain.log_half_widths", [3, 2], [0.1, 0, 0.2, 0.3, 0, 0]),
        ]
    }

    private func predictor(
        _ domain: [String: Any], _ tensors: [NamedTensor], precision: Precision = .quantized
    ) throws -> Predictor {
        var metadata = weights.metadata(featureSchema: FeatureSchema.version)
        metadata["training_domain"] = domain
        let bytes = try weights.bytes(metadata: metadata, tensors: weights.tensors + tensors)
        return try Predictor(.copy(of: bytes), precision: precision)
    }

    private func graph() throws -> GraphEncoding { try GraphPlan.random(nodeCount: 9, using: &generator).encoding() }

    func testIntervalsHaveTheWidthOfTheNearestGroup() throws {
        let predictor = try predictor(domain, tensors(usualDistances: [100, 100]))
        let estimates = try predictor.estimates(of: try graph())
        for (estimate, halfWidth) in zip(estimates, [0.1, 0.2]) {
            XCTAssertEqual(log(estimate.upperMs / estimate.latencyMs), halfWidth, accuracy: 1e-6)
            XCTAssertEqual(log(estimate.latencyMs / estimate.lowerMs), halfWidth, accuracy: 1e-6)
            XCTAssertEqual(estimate.inDomainScore, 1)
        }
        XCTAssertTrue(estimates[2].upperMs.isNaN && estimates[2].inDomainScore.isNaN)
    }

    /// Documentation/Trust.md written down in double precision, for a projection to which embedding and shares of operators both
    /// count, and groups of several references, each in its own unit.
    func testDistancesAreThoseOfTheDefinition() throws {
        let plan = GraphPlan.random(nodeCount: 9, using: &generator)
        let encoding = try plan.encoding()
        let nodeCount = Double(plan.nodes.count)
        let embeddings = DenseReference(weights).embeddings(features: encoding.rowsOfNodes, adjacency: plan.adjacency)
        let means = (0..<weights.width).map { column in embeddings.reduce(0) { $0 + $1[column] } / nodeCount }
        let shares = (0..<OperatorVocabulary.count).map { number in
            Double(plan.nodes.count { OperatorVocabulary.index(of: $0.operatorName) == number }) / nodeCount
        }
        let inputs = means + shares.map { $0.squareRoot() }
        func random(_ rows: Int, _ columns: Int) -> [[Float]] {
            (0..<rows).map { _ in (0..<columns).map { _ in Float.random(in: -1...1, using: &generator) } }
        }
        let (projection, offset, references) = (random(5, inputs.count), random(1, 5), random(6, 5))
        let point = zip(projection, offset[0]).map { row, start in
            zip(row, inputs).reduce(Double(start)) { $0 + Double($1.0) * $1.1 }
        }
        let groupOfReference = [2, 0, 1, 0, 1, 2]
        let scales: [Float] = [0.5, 2, 8]
        let distances = scales.enumerated().map { group, scale in
            let toReferences = references.indices.filter { groupOfReference[$0] == group }.map { reference in
                zip(references[reference], point).reduce(0) { $0 + (Double($1.0) - $1.1) * (Double($1.0) - $1.1) }.squareRoot()
            }
            return (toReferences.min() ?? 0) / Double(scale)
        }
        // The nearest is none of the first platform's, and of its own it is the second.
        XCTAssertLessThan(distances[2], distances[1])
        XCTAssertLessThan(distances[1], distances[0])

        var domain = domain
        (domain["dimensions"], domain["references"], domain["growth"]) = (5, 6, 3)
        domain["groups"] = ["a", "b", "c"].map { ["family": $0, "batch": 1, "operators": ["Relu"]] as [String: Any] }
        let tensors = [
            NamedTensor("training_domain.projection", [5, inputs.count], Array(projection.joined())),
            NamedTensor("training_domain.offset", [5], offset[0]),
            NamedTensor("training_domain.references", [6, 5], Array(references.joined())),
            NamedTensor("training_domain.reference_groups", [6], groupOfReference.map { Float($0) }),
            NamedTensor("training_domain.group_scales", [3], scales),
            // The graph lies half as far again as is usual for the first platform, and closer than that for the second.
            NamedTensor("training_domain.usual_distances", [3], [Float(distances[1] / 1.5), Float(distances[2] * 1.25), 0]),
            NamedTensor("training_domain.log_half_widths", [3, 3], [0.1, 0.2, 0, 0, 0, 0.3, 0, 0, 0]),
        ]
        let estimates = try predictor(domain, tensors, precision: .single).estimates(of: encoding)
        for (estimate, (score, halfWidth)) in zip(estimates, [(1 / (1.5 * 1.5), 0.2 * 1.5 * 1.5 * 1.5), (1, 0.3)]) {
            XCTAssertEqual(estimate.inDomainScore, score, accuracy: 1e-4)
            XCTAssertEqual(log(estimate.upperMs / estimate.latencyMs), halfWidth, accuracy: 1e-4)
        }
    }

    /// A calibrated platform is judged by the known ones that it is made of, by their shares, as far as these have labels.
    func testCalibratedPlatformsAreJudgedByWhatTheyAreMadeOf() throws {
        let predictor = try predictor(domain, tensors(usualDistances: [5, 10], reference: 20))
        let parts = try CalibratedPlatformParts(.twiceTheFirst(of: predictor))
        let graph = try graph()
        let known = try predictor.estimates(of: graph)
        let scores = known.map(\.inDomainScore)
        XCTAssertLessThan(scores[1], 0.5)
        XCTAssertLessThan(scores[0], 0.5 * scores[1])
        // Beyond half widths of 0.1 and 0.2.
        let widenings = zip(known, [0.1, 0.2]).map { log($0.upperMs / $0.latencyMs) / $1 }
        let cases: [(shares: [Float], score: Double, widening: Double, hasSeenRelu: Bool, hasSeenAdd: Bool)] = [
            ([1, 0, 0], scores[0], widenings[0], true, false),
            ([0.25, 0.75, 0], 0.25 * scores[0] + 0.75 * scores[1], 0.25 * widenings[0] + 0.75 * widenings[1], true, true),
            ([0.5, 0, 0.5], scores[0], widenings[0], true, false),
            ([0, 0, 1], .nan, 1.25, false, false),
        ]
        for (shares, score, widening, hasSeenRelu, hasSeenAdd) in cases {
            // The samples' intervals were a quarter wider than in the domain, and only what exceeds that widens this one.
            let bytes = try parts.bytes(changing: ["shares": shares, "interval": [0.05, 1.25]])
            let extended = try predictor.adding([try CalibratedPlatform(.copy(of: bytes))])
            let estimate = try extended.estimates(of: graph)[3]
            if score.isNaN {
                XCTAssertTrue(estimate.inDomainScore.isNaN)
            } else {
                XCTAssertEqual(estimate.inDomainScore, score, accuracy: 1e-6, "\(shares)")
            }
            XCTAssertEqual(log(estimate.upperMs / estimate.latencyMs), 0.05 * widening / 1.25, accuracy: 1e-6, "\(shares)")
            XCTAssertEqual(extended.hasSeen("Relu", platform: 3), hasSeenRelu, "\(shares)")
            XCTAssertEqual(extended.hasSeen("Add", platform: 3), hasSeenAdd, "\(shares)")
        }
    }

    func testIntervalsWidenAndScoresFallWithDistance() throws {
        // The embedding is normalised: its elements are a few units at most.
        let near = try predictor(domain, tensors(usualDistances: [10, 10], reference: 20))
        let far = try predictor(domain, tensors(usualDistances: [10, 10], reference: 30))
        let beyond = try predictor(domain, tensors(usualDistances: [10, 10], reference: 10_000))
        let graph = try graph()
        let (first, second) = (try near.estimates(of: graph)[0], try far.estimates(of: graph)[0])
        XCTAssertLessThan(first.inDomainScore, 0.5)
        XCTAssertLessThan(second.inDomainScore, first.inDomainScore)
        XCTAssertGreaterThan(second.upperMs, first.upperMs)
        let last = try beyond.estimates(of: graph)[0]
        XCTAssertEqual(last.upperMs / last.latencyMs, 10, accuracy: 1e-4)
    }

    func testDistancesAreInUnitsOfTheGroup() throws {
        let graph = try graph()
        let inOnes = try predictor(domain, tensors(usualDistances: [10, 10], reference: 20)).estimates(of: graph)[0]
        let inTwos = try predictor(domain, tensors(usualDistances: [5, 5], reference: 20, scale: 2)).estimates(of: graph)[0]
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
