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
