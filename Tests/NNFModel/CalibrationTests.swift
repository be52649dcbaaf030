import NNFGraph
import NNFModel
import TestSupport
import XCTest

final class CalibrationTests: XCTestCase {
    private var generator = SplitMix64(seed: 77)

    private func predictor(head: String = "additive") throws -> Predictor {
        var weights = smallWeights()
        weights.head = head
        return try Predictor(.copy(of: try weights.bytes()))
    }

    private func graphs(_ count: Int) throws -> [GraphEncoding] {
        try (0..<count).map { try GraphPlan.random(nodeCount: 4 + 3 * $0, using: &generator).encoding() }
    }

    /// A device three times as slow as the second platform is found again from ten samples, whatever the head.
    func testAMultipleOfAKnownPlatformIsFound() throws {
        for head in ["additive", "pooled"] {
            let predictor = try predictor(head: head)
            let graphs = try graphs(20)
            let calibration = Calibration(predictor)
            for graph in graphs.prefix(10) {
                try calibration.addSample(graph, latencyMs: 3 * (try predictor.predict(graph)[1]))
            }
            let extended = try predictor.adding([try calibration.fit(id: "mine")])
            XCTAssertEqual(extended.platforms.map(\.id), predictor.platforms.map(\.id) + ["mine"])
            for graph in graphs {
                let estimates = try extended.predict(graph)
                XCTAssertEqual(estimates[3] / (3 * estimates[1]), 1, accuracy: 0.02, head)
                XCTAssertEqual(Array(estimates.prefix(3)), try predictor.predict(graph))
            }
        }
    }

    /// Measurements of one graph are one sample, their geometric mean.
    func testRepetitionsAreOneSample() throws {
        let predictor = try predictor()
        let graphs = try graphs(6)
        func estimates(_ factors: Double...) throws -> [Double] {
            let calibration = Calibration(predictor)
            for (number, graph) in graphs.enumerated() {
                let latencyMs = 2 * (try predictor.predict(graph)[0])
                for factor in number == 0 ? factors : [1] { try calibration.addSample(graph, latencyMs: factor * latencyMs) }
            }
            XCTAssertEqual(calibration.sampleCount, graphs.count)
            let extended = try predictor.adding([try calibration.fit(id: "mine")])
            return try graphs.map { try extended.predict($0)[3] }
        }
        let repeated = try estimates(0.9, 1.3)
        for (value, expected) in zip(repeated, try estimates((0.9 * 1.3).squareRoot())) {
            XCTAssertEqual(value / expected, 1, accuracy: 1e-6)
        }
        // A fit tells the geometric mean from the arithmetic one.
        XCTAssertNotEqual(try estimates(1.1)[0] / repeated[0], 1, accuracy: 1e-4)
    }

    /// Up to a factor of 1.5 from each earlier measurement of an equal graph, either way.
    func testMeasurementsThatContradictEachOtherAreRefused() throws {
        let predictor = try predictor()
        let graph = try XCTUnwrap(try graphs(1).first)
        let cases: [(earlier: [Double], latencyMs: Double, isAccepted: Bool)] = [
            ([2], 3, true), ([2], 3.0.nextUp, false), ([3], 2, true), ([3], 2.0.nextDown, false),
            ([2, 2.5], 3, true), ([2, 2.5], 3.1, false),
        ]
        for (earlier, latencyMs, isAccepted) in cases {
            let calibration = Calibration(predictor)
            for earlierMs in earlier { try calibration.addSample(graph, latencyMs: earlierMs) }
            do {
                try calibration.addSample(graph, latencyMs: latencyMs)
                XCTAssertTrue(isAccepted, "\(latencyMs) after \(earlier)")
            } catch {
                XCTAssertFalse(isAccepted, "\(latencyMs) after \(earlier)")
                XCTAssertEqual(error.code, .invalidArgument)
            }
        }
    }

    /// Platforms that were added count for nothing: a calibration on them is the one on the weights' own platforms.
    func testAddedPlatformsAreNoneToCalibrateOn() throws {
        let predictor = try predictor()
        let graphs = try graphs(30)
        func calibration(on predictor: Predictor, factor: Double) throws -> Calibration {
            let calibration = Calibration(predictor)
            for graph in graphs.prefix(8) {
                try calibration.addSample(graph, latencyMs: factor * (try predictor.predict(graph)[0]))
            }
            return calibration
        }
        // Of a level of its own: a thousandth of what it is made of.
        let extended = try predictor.adding([try calibration(on: predictor, factor: 0.001).fit(id: "first")])
        XCTAssertEqual(
            try Calibration(extended).suggest(count: 10, of: graphs), try Calibration(predictor).suggest(count: 10, of: graphs))
        let calibrations = try [predictor, extended].map { try calibration(on: $0, factor: 5) }
        XCTAssertEqual(
            try calibrations[1].suggest(count: 10, of: graphs), try calibrations[0].suggest(count: 10, of: graphs))
        let platforms = try calibrations.map { try $0.fit(id: "second") }
        XCTAssertEqual(platforms[0].report, platforms[1].report)
        for graph in graphs {
            let estimates = try platforms.map { try predictor.adding([$0]).predict(graph) }
            XCTAssertEqual(estimates[0], estimates[1])
        }
    }

    func testExplanationsSumToTheEstimate() throws {
        let predictor = try predictor()
        let graphs = try graphs(8)
        let calibration = Calibration(predictor)
        for graph in graphs { try calibration.addSample(graph, latencyMs: 2 * (try predictor.predict(graph)[0])) }
        let extended = try predictor.adding([try calibration.fit(id: "mine")])
        for graph in graphs {
            for (platform, estimate) in try extended.predict(graph).enumerated() {
                let explanation = try extended.explain(graph, platform: platform)
                XCTAssertEqual(explanation.nodeLatencyMs.count, graph.nodeCount)
                XCTAssertEqual(explanation.latencyMs / estimate, 1, accuracy: 1e-6)
                XCTAssertTrue(explanation.nodeLatencyMs.allSatisfy { $0 >= 0 })
            }
        }
    }

    func testThePooledHeadCannotBeExplained() throws {
        let graph = try XCTUnwrap(try graphs(1).first)
        XCTAssertThrowsError(try predictor(head: "pooled").explain(graph, platform: 0)) { error in
            XCTAssertEqual((error as? Failure)?.code, .incompatibleWeights)
        }
    }

    /// These weights say nothing of what they were trained on.
    func testEstimatesWithoutATrainingDomainHaveNoInterval() throws {
        let predictor = try predictor()
        let graph = try XCTUnwrap(try graphs(1).first)
        XCTAssertEqual(try predictor.estimates(of: graph).map(\.latencyMs), try predictor.predict(graph))
        for estimate in try predictor.estimates(of: graph) {
            XCTAssertTrue(estimate.lowerMs.isNaN && estimate.upperMs.isNaN && estimate.inDomainScore.isNaN)
        }
        XCTAssertTrue(predictor.hasSeen("SomethingNew", platform: 0))
    }

    func testSamplesThatAreAllAlikeAreRefused() throws {
        let calibration = Calibration(try predictor())
        // Extents that differ by a millionth, none of which fills blocks of channels.
        for extent in stride(from: 64_000_001, through: 64_000_001 + 5 * 64, by: 64) {
            let plan = GraphPlan(nodes: [GraphPlan.PlannedNode(operatorName: "Relu", extent: extent, parents: [])])
            try calibration.addSample(try plan.encoding(), latencyMs: 1)
        }
        XCTAssertThrowsError(try calibration.fit(id: "mine")) { error in
            XCTAssertTrue("\(error)".contains("different sizes"), "\(error)")
        }
    }

    /// A weights file may state thousands of platforms: time must not grow with their cube.
    func testManyPlatformsAreFittedInTime() throws {
        var weights = smallWeights()
        weights.platformIds = (0..<1000).map { "platform-\($0)" }
        let predictor = try Predictor(.copy(of: try weights.bytes()))
        let graphs = try graphs(12)
        let calibration = Calibration(predictor)
        for graph in graphs.prefix(6) { try calibration.addSample(graph, latencyMs: 3 * (try predictor.predict(graph)[1])) }
        let started = ContinuousClock.now
        let extended = try predictor.adding([try calibration.fit(id: "mine")])
        XCTAssertEqual(Set(try calibration.suggest(count: 4, of: graphs)).count, 4)
        XCTAssertLessThan(ContinuousClock.now - started, .seconds(1))
        for graph in graphs {
            let estimates = try extended.predict(graph)
            XCTAssertEqual(estimates[1000] / (3 * estimates[1]), 1, accuracy: 0.05)
        }
    }

    /// Networks that are nearly equal tell the same; one far from them all tells most, wherever it stands in the list.
    func testTheGraphUnlikeAllOthersIsSuggested() throws {
        let calibration = Calibration(try predictor())
        let alike = try (1000..<1009).map { extent in
            try GraphPlan(nodes: [GraphPlan.PlannedNode(operatorName: "Relu", extent: extent, parents: [])]).encoding()
        }
        let unlike = try GraphPlan.random(nodeCount: 200, using: &generator).encoding()
        for position in [9, 0, 5] {
            var graphs = alike
            graphs.insert(unlike, at: position)
            // The first is the most usual one.
            let suggested = try calibration.suggest(count: 2, of: graphs)
            XCTAssertNotEqual(suggested[0], position)
            XCTAssertEqual(suggested[1], position)
        }
    }

    /// The smaller of both forms of the same sums is taken: with few samples another one than with many.
    func testSuggestionsFollowWhatIsUncertain() throws {
        let predictor = try predictor()
        let graphs = try graphs(30)
        let few = Calibration(predictor)
        let chosen = try few.suggest(count: 8, of: graphs)
        // So many that sums over predictors are taken.
        XCTAssertEqual(Array(try few.suggest(count: 25, of: graphs).prefix(8)), chosen)
    }

    func testManySamplesAreFittedInTime() throws {
        let predictor = try predictor()
        let calibration = Calibration(predictor)
        for _ in 0..<50 {
            let graph = try GraphPlan.random(nodeCount: Int.random(in: 2...60, using: &generator), using: &generator)
                .encoding()
            try calibration.addSample(graph, latencyMs: Double.random(in: 1...100, using: &generator))
        }
        let started = ContinuousClock.now
        _ = try calibration.fit(id: "mine")
        XCTAssertLessThan(ContinuousClock.now - started, .seconds(1))
    }
}
