import Foundation
import NNFModel
import NNFWeights
import TestSupport
import XCTest

extension CalibratedPlatform {
    /// Fitted to six graphs that take twice as long as on the first platform of the weights.
    static func twiceTheFirst(of predictor: Predictor) throws -> CalibratedPlatform {
        var generator = SplitMix64(seed: 4)
        let calibration = Calibration(predictor)
        for number in 0..<6 {
            let graph = try GraphPlan.random(nodeCount: 4 + 3 * number, using: &generator).encoding()
            try calibration.addSample(graph, latencyMs: 2 * (try predictor.predict(graph)[0]))
        }
        return try calibration.fit(id: "mine")
    }
}

/// What the file of a calibrated platform is made of, to make others of it.
struct CalibratedPlatformParts {
    private let document: [String: Any]
    let tensors: [NamedTensor]

    init(_ platform: CalibratedPlatform) throws {
        let file = try inTemporaryFile { path in
            try platform.save(path: path)
            return try WeightsFile(try WeightsBytes.contents(ofFile: path))
        }
        let text = try XCTUnwrap(file.metadata(named: "nnformer_platform"))
        document = try XCTUnwrap(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        tensors = try file.tensorNames.map { name in
            let tensor = try XCTUnwrap(file.tensor(named: name))
            return NamedTensor(name, tensor.shape, tensor.withElements { Array($0) })
        }
    }

    /// A file with other entries of the document and other elements of tensors.
    func bytes(_ changes: [String: Any] = [:], changing changedTensors: [String: [Float]] = [:]) throws -> [UInt8] {
        let text = try JSONSerialization.data(withJSONObject: document.merging(changes) { $1 })
        let tensors = tensors.map { tensor in
            changedTensors[tensor.name].map { NamedTensor(tensor.name, [$0.count], $0) } ?? tensor
        }
        return try SafetensorsDocument.bytes(
            tensors: tensors, metadata: ["nnformer_platform": String(decoding: text, as: UTF8.self)])
    }
}

/// What is done with a path that is free, and whose file goes afterwards.
func inTemporaryFile<Result>(_ body: (String) throws -> Result) throws -> Result {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: url) }
    return try body(url.path)
}
