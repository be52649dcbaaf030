import Foundation
import XCTest

/// Files of the repository, found next to this source file.
enum RepositoryFile {
    static let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()

    static func fixture(_ name: String) -> URL { tests.appendingPathComponent("Fixtures/\(name)") }
    static func hostile(_ name: String) -> URL { tests.appendingPathComponent("Hostile/\(name)") }
}

/// Names of the models that `Fixtures/make_fixtures.py` makes.
let readerFixtureNames = [
    "constructs", "mobilenet_v3_small_opset15", "resnet18_opset13", "squeezenet1_1_opset17",
]

extension XCTestCase {
    /// A file in a folder of its own, removed after the test.
    func makeTemporaryFile(named name: String = "model.onnx") throws -> URL {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        addTeardownBlock { try FileManager.default.removeItem(at: folder) }
        return folder.appendingPathComponent(name)
    }
}
