import NNFGraph
import NNFModel
import NNFWeights
import TestSupport
import XCTest

final class PredictorTests: XCTestCase {
    private var generator = SplitMix64(seed: 20_250_700_880)

    private func predictor(_ weights: SeededWeights) throws -> Predictor {
        try Predictor(.copy(of: try weights.bytes()))
    }

    /// Layers, widths and ratios around what the encoder splits: heads, halves, parts; graphs beyond a head's block.
    func testAgreesWithTheDenseReference() throws {
        for head in ["additive", "pooled"] {
            for (layers, width, ratio) in [(1, 4, 1), (2, 8, 4), (3, 12, 3), (1, 8, 5), (2, 16, 2)] {
                var weights = smallWeights()
                (weights.head, weights.layers, weights.width, weights.feedForwardRatio) = (head, layers, width, ratio)
                let predictor = try predictor(weights)
                let reference = DenseReference(weights)
                for nodeCount in [1, 2, 3, 9, 40] {
                    try check(predictor, reference, nodeCount, "\(head) \(layers)×\(width)×\(ratio), \(nodeCount) nodes")
                }
            }
        }
    }

    func testAgreesWithTheDenseReferenceBeyondOneBlockOfTheHead() throws {
        for head in ["additive", "pooled"] {
            var weights = smallWeights()
            weights.head = head
            try check(try predictor(weights), DenseReference(weights), 300, "\(head), 300 nodes")
        }
    }

    private func check(
        _ predictor: Predictor, _ reference: DenseReference, _ nodeCount: Int, _ what: String
    ) throws {
        let plan = GraphPlan.random(nodeCount: nodeCount, using: &generator)
        let encoding = try plan.encoding()
        let estimate = try predictor.predict(encoding)
        let expected = reference.predict(
            features: encoding.rowsOfNodes, costs: encoding.costsOfNodes,
            graphFeatures: encoding.graphFeatures.map(Double.init),
            adjacency: plan.adjacency)
        XCTAssertEqual(estimate.count, expected.count)
        for (value, exact) in zip(estimate, expected) {
            XCTAssertEqual(value / exact, 1, accuracy: 1e-4, what)
        }
    }

    /// Hubs included: which siblings a hub shows must not depend on the order either.
    func testOrderOfNodesDoesNotMatter() throws {
        for head in ["additive", "pooled"] {
            var weights = smallWeights()
            (weights.head, weights.width) = (head, 16)
            let predictor = try predictor(weights)
            for reach in [3, 300] {
                var plan = GraphPlan.random(nodeCount: 120, reach: reach, using: &generator)
                if reach > 100 {
                    for child in 1..<120 where !plan.nodes[child].parents.contains(0) {
                        plan.nodes[child].parents.append(0)
                    }
                }
                let estimate = try predictor.predict(try plan.encoding())
                for _ in 0..<3 {
                    let reordered = plan.reordered(using: &generator)
                    XCTAssertEqual(reordered.nodes.count, plan.nodes.count)
                    let other = try predictor.predict(try reordered.encoding())
                    for (value, expected) in zip(other, estimate) {
                        XCTAssertEqual(value / expected, 1, accuracy: 1e-5)
                    }
                }
            }
        }
    }

    /// Whatever goes along, and on however many threads: rows that graphs share are computed once, to the same bits.
    func testBatchesGiveTheSameBitsAsGraphsAlone() throws {
        for head in ["additive", "pooled"] {
            var weights = smallWeights()
            (weights.head, weights.width) = (head, 16)
            let predictor = try predictor(weights)
            var plans = (1...12).map { GraphPlan.random(nodeCount: 17 * $0, using: &generator) }
            // The first graphs again, with another end: most of their rows are those of the originals.
            plans += plans.prefix(4).map { plan in
                var longer = plan
                longer.nodes.append(GraphPlan.PlannedNode(operatorName: "Relu", extent: 3, parents: [0]))
                return longer
            }
            // A network of equal branches, and of equal blocks in a row.
            plans.append(GraphPlan.repeatedBlocks(blockCount: 30, branchCount: 5))
            let encodings = try plans.map { try $0.encoding() }
            let alone = try encodings.flatMap { try predictor.predict($0) }
            for threadCount in [1, 2, 3] {
                let session = PredictionSession(predictor, threadCount: threadCount)
                for order in [Array(encodings.indices), encodings.indices.reversed(), []] {
                    try session.predict(order.map { encodings[$0] })
                    let platforms = predictor.platforms.count
                    let expected = order.flatMap { alone[$0 * platforms..<($0 + 1) * platforms] }
                    XCTAssertEqual(Array(session.estimates), expected, "\(head), \(threadCount) threads")
                }
            }
        }
    }

    /// Rows that appear often count as often as they appear.
    func testRepeatedBlocksAgreeWithTheDenseReference() throws {
        for head in ["additive", "pooled"] {
            var weights = smallWeights()
            weights.head = head
            let plan = GraphPlan.repeatedBlocks(blockCount: 12, branchCount: 4)
            let encoding = try plan.encoding()
            XCTAssertLessThan(encoding.featureColours.count, 5)
            let expected = DenseReference(weights).predict(
                features: encoding.rowsOfNodes, costs: encoding.costsOfNodes,
                graphFeatures: encoding.graphFeatures.map(Double.init), adjacency: plan.adjacency)
            for (value, exact) in zip(try predictor(weights).predict(encoding), expected) {
                XCTAssertEqual(value / exact, 1, accuracy: 1e-4)
            }
        }
    }

    /// Moving one edge changes all four relations and nothing else. Each head of attention and each half of the aggregation, left
    /// alone, must tell the graphs apart: successors, predecessors, co-children and co-parents each have a say.
    func testEachRelationHasASay() throws {
        // Nodes 0 and 1 hold the same, so the last node has the same features whichever of them it reads.
        func encoding(lastReads parent: Int) throws -> GraphEncoding {
            let nodes: [(String, Int, [Int])] = [
                ("Relu", 16, []), ("Sigmoid", 16, []), ("Tanh", 16, []), ("Conv", 8, [0]), ("Concat", 4096, [1]),
                ("Add", 16, [2, parent]),
            ]
            return try GraphPlan(
                nodes: nodes.map { GraphPlan.PlannedNode(operatorName: $0, extent: $1, parents: $2) }
            ).encoding()
        }
        let (one, other) = (try encoding(lastReads: 0), try encoding(lastReads: 1))
        XCTAssertEqual(one.nodeFeatures, other.nodeFeatures)
        XCTAssertEqual(one.graphFeatures, other.graphFeatures)
        func difference(attending head: Int? = nil, aggregating half: Int? = nil) throws -> Double {
            let weights = smallWeights()
            let tensors = weights.tensors.map { hearing(head: head, half: half, $0, width: weights.width) }
            let bytes = try weights.bytes(
                metadata: weights.metadata(featureSchema: FeatureSchema.version), tensors: tensors)
            let predictor = try Predictor(.copy(of: bytes), precision: .single)
            return zip(try predictor.predict(one), try predictor.predict(other)).map { ($0 / $1 - 1).magnitude }.max() ?? 0
        }
        XCTAssertLessThan(try difference(), 1e-9)
        for head in 0..<4 { XCTAssertGreaterThan(try difference(attending: head), 1e-5, "head \(head)") }
        for half in 0..<2 { XCTAssertGreaterThan(try difference(aggregating: half), 1e-5, "half \(half)") }
    }

    /// The tensor without the values of all other heads and without the other half of what is aggregated.
    private func hearing(head: Int?, half: Int?, _ tensor: NamedTensor, width: Int) -> NamedTensor {
        let rows = tensor.shape.first ?? 0
        let silent: [Range<Int>]
        if tensor.name.contains("attention.qkv") {
            let values = (0..<4).filter { $0 != head }
            silent = values.map { 2 * width + $0 * width / 4..<2 * width + ($0 + 1) * width / 4 }
        } else if tensor.name.hasSuffix("aggregate.weight") {
            silent = (0..<2).filter { $0 != half }.map { $0 * rows / 2..<($0 + 1) * rows / 2 }
        } else {
            return tensor
        }
        var elements = tensor.elements
        let columns = elements.count / rows
        for element in elements.indices where silent.contains(where: { $0.contains(element / columns) }) {
            elements[element] = 0
        }
        return NamedTensor(tensor.name, tensor.shape, elements)
    }

    func testEmptyGraphIsRefused() throws {
        let encoding = try GraphPlan(nodes: []).encoding()
        XCTAssertThrowsError(try predictor(smallWeights()).predict(encoding)) {
            XCTAssertEqual(($0 as? Failure)?.code, .invalidArgument)
        }
    }

    func testOverflowingWeightsAreReportedNotReturned() throws {
        let weights = smallWeights()
        let tensors = weights.tensors.map { tensor in
            NamedTensor(tensor.name, tensor.shape, tensor.elements.map { $0 * 1e38 })
        }
        let bytes = try weights.bytes(
            metadata: weights.metadata(featureSchema: FeatureSchema.version), tensors: tensors)
        let encoding = try GraphPlan.random(nodeCount: 5, using: &generator).encoding()
        XCTAssertThrowsError(try Predictor(.copy(of: bytes)).predict(encoding)) {
            XCTAssertEqual(($0 as? Failure)?.code, .invalidModel)
        }
    }

    func testThreadsShareOnePredictor() async throws {
        let predictor = try predictor(smallWeights())
        let encodings = try (1...8).map { try GraphPlan.random(nodeCount: 20 * $0, using: &generator).encoding() }
        let expected = try encodings.map { try predictor.predict($0) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (encoding, expected) in zip(encodings, expected) {
                group.addTask {
                    for _ in 0..<10 { XCTAssertEqual(try predictor.predict(encoding), expected) }
                }
            }
            try await group.waitForAll()
        }
    }

    func testEmbeddedWeightsAreUsable() throws {
        let predictor = try Predictor.embedded()
        XCTAssertTrue(predictor.platforms.contains { $0.id == "2080ti-pytorch-fp32" })
        let estimate = try predictor.predict(try GraphPlan.random(nodeCount: 30, using: &generator).encoding())
        XCTAssertEqual(estimate.count, predictor.platforms.count)
        XCTAssertTrue(estimate.allSatisfy { $0 > 0 && $0.isFinite })
    }
}
