import Foundation
import NNFOnnx
import XCTest

/// The reader against Python's onnx package, which wrote the listings.
final class ReaderListingTests: XCTestCase {
    func testFixturesReadAsPythonReadsThem() throws {
        for name in readerFixtureNames {
            let model = try OnnxReader.read(path: RepositoryFile.fixture("\(name).onnx").path)
            let expected = try String(contentsOf: RepositoryFile.fixture("\(name).listing"), encoding: .utf8)
            let expectedLines = expected.split(separator: "\n").map(String.init)
            let lines = ReaderListing(model).lines
            for (line, expectedLine) in zip(lines, expectedLines) where line != expectedLine {
                XCTFail("\(name): read '\(line)', expected '\(expectedLine)'")
            }
            XCTAssertEqual(lines.count, expectedLines.count, name)
        }
    }

    func testBytesReadAsTheFileDoes() throws {
        for name in readerFixtureNames {
            let url = RepositoryFile.fixture("\(name).onnx")
            let fromBytes = try Data(contentsOf: url).withUnsafeBytes { try OnnxReader.read(bytes: $0) }
            let fromPath = try OnnxReader.read(path: url.path)
            XCTAssertEqual(ReaderListing(fromBytes).lines, ReaderListing(fromPath).lines)
        }
    }
}
