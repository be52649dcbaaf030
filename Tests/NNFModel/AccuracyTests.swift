import Foundation
import NNFCells
import NNFGraph
import NNFModel
import NNFWeights
import TestSupport
import XCTest

final class AccuracyTests: XCTestCase {
    private struct GoldenCell: Decodable {
        let space: String
        let architecture: String?
        let adjacency: [[UInt8]]?
        let operations: [String]?
        let percent: [Double]

        func cell() throws -> Cell {
            if let architecture { return try Cell(nasbench201: architecture) }
            return try Cell(
                nasbench101: try XCTUnwrap(adjacency).flatMap { $0 }, operations: try XCTUnwrap(operations))
        }
    }

    private func goldenCells() throws -> [GoldenCell] {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let data = try Data(contentsOf: folder.appendingPathComponent("Golden/accuracy.json"))
        return try JSONDecoder().decode([GoldenCell].self, from: data)
    }

    /// Parity with PyTorch: at most 1e-4 percentage points.
    func testShippedWeightsEstimateWhatPyTorchDoes() throws {
        let predictor = try AccuracyPredictor.embedded()
        let golden = try goldenCells()
        XCTAssertGreaterThan(golden.count, 100)
        for (index, dataset) in predictor.datasets.enumerated() {
            let own = golden.filter { $0.space == dataset.space.rawValue }
            let output = predictor.datasets.filter { $0.space == dataset.space }.firstIndex { $0.id == dataset.id }
            let estimates = try predictor.predict(own.map { try $0.cell() }, on: index)
            for (cell, estimate) in zip(own, estimates) {
                XCTAssertEqual(estimate, cell.percent[try XCTUnwrap(output)], accuracy: 1e-4)
            }
        }
    }

    /// An estimate belongs to the cell, not to its place in a batch.
    func testABatchEqualsItsCells() throws {
        let predictor = try AccuracyPredictor.embedded()
        let cells = try goldenCells().filter { $0.architecture != nil }.map { try $0.cell() }
        let together = try predictor.predict(cells + cells.reversed(), on: 0)
        for (cell, estimate) in zip(cells + cells.reversed(), together) {
            XCTAssertEqual(try predictor.predict([cell], on: 0), [estimate])
        }
        XCTAssertEqual(try predictor.predict([], on: 0), [])
    }

    func testIsomorphicCellsGetOneEstimate() throws {
        // The operations of both ways through the cell change places.
        let cells = try [
            "|nor_conv_3x3~0|+|nor_conv_1x1~0|none~1|+|none~0|avg_pool_3x3~1|nor_conv_3x3~2|",
            "|nor_conv_1x1~0|+|nor_conv_3x3~0|none~1|+|none~0|nor_conv_3x3~1|avg_pool_3x3~2|",
        ].map { try Cell(nasbench201: $0) }
        let estimates = try AccuracyPredictor.embedded().predict(cells, on: 0)
        XCTAssertEqual(estimates[0], estimates[1])
    }

    func testCellsOfAnotherSpaceAreRefused() throws {
        let predictor = try AccuracyPredictor.embedded()
        let cell = try Cell(nasbench101: [0, 1, 0, 0, 0, 1, 0, 0, 0], operations: ["input", "maxpool3x3", "output"])
        let dataset = try XCTUnwrap(predictor.datasets.firstIndex { $0.space == .nasbench201 })
        XCTAssertThrowsError(try predictor.predict([cell], on: dataset)) {
            XCTAssertEqual(($0 as? Failure)?.code, .invalidArgument)
        }
        for index in [-1, predictor.datasets.count] {
            XCTAssertThrowsError(try predictor.predict([cell], on: index))
        }
    }

    /// The kernels trust the positions of features: those of another schema must not reach them.
    func testLatencyOfCellsIsRefused() throws {
        let cell = try Cell(nasbench201: "|none~0|+|none~0|none~1|+|nor_conv_3x3~0|none~1|none~2|")
        XCTAssertThrowsError(try Predictor.embedded().predict(GraphEncoding(of: [cell]))) { error in
            XCTAssertEqual((error as? Failure)?.code, .internalError)
        }
    }

    func testLatencyWeightsAreRefused() {
        XCTAssertThrowsError(try AccuracyPredictor(.embedded())) { error in
            XCTAssertEqual((error as? Failure)?.code, .incompatibleWeights)
        }
        XCTAssertThrowsError(try Predictor(.embeddedAccuracy())) { error in
            XCTAssertEqual((error as? Failure)?.code, .incompatibleWeights)
        }
    }

    /// A small file of one model, with one thing changed at a time.
    func testUnusableMetadataIsRefused() throws {
        let dataset: [String: Any] = [
            "id": "cifar10", "quantity": "q", "source": "s", "licence": "l", "training_cells": 1, "validation_cells": 1,
            "kendall_tau": 0.5, "ceiling_percent": 100.5, "mean": -2, "deviation": 0.5,
        ]
        let model: [String: Any] = [
            "space": "nasbench101", "members": 1, "layers": 1, "width": 4, "feedforward_ratio": 1, "activation": "relu",
            "datasets": [dataset],
        ]
        func open(model: [String: Any], top: [String: Any] = [:]) throws -> AccuracyPredictor {
            var document: [String: Any] = [
                "format_version": 1, "cell_schema": Int(CellSchema.version), "feature_count": CellSchema.featureCount,
                "heads": 4, "models": [model],
            ]
            document.merge(top) { $1 }
            let text = String(decoding: try JSONSerialization.data(withJSONObject: document), as: UTF8.self)
            let bytes = try SafetensorsDocument.bytes(tensors: [], metadata: ["nnformer_accuracy": text])
            return try AccuracyPredictor(.copy(of: bytes))
        }
        func assertRefused(_ word: String, _ open: @autoclosure () throws -> AccuracyPredictor, line: UInt = #line) {
            XCTAssertThrowsError(try open(), line: line) { error in
                let message = (error as? Failure)?.message ?? "\(error)"
                XCTAssertTrue(message.contains(word), message, line: line)
            }
        }
        // As it stands, only the tensors are missing.
        assertRefused("nasbench101.0.embed.weight", try open(model: model))
        for (name, value) in [
            ("space", "darts"), ("members", 0), ("members", 65), ("layers", 0), ("width", 6), ("activation", "gelu"),
            ("datasets", [Any]()), ("datasets", [dataset, dataset]),
        ] as [(String, Any)] {
            assertRefused(name == "datasets" ? "dataset" : name, try open(model: model.merging([name: value]) { $1 }))
        }
        for (name, value) in [("deviation", 0), ("mean", NSNull()), ("kendall_tau", "x"), ("id", "")] as [(String, Any)] {
            let changed = dataset.merging([name: value]) { $1 }
            assertRefused(name, try open(model: model.merging(["datasets": [changed]]) { $1 }))
        }
        for (name, value) in [("cell_schema", 2), ("feature_count", 3), ("heads", 8), ("models", [Any]())] as [(String, Any)] {
            assertRefused(name == "models" ? "model" : name, try open(model: model, top: [name: value]))
        }
    }
}
