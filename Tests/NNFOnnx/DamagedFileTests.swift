import Foundation
import NNFGraph
import NNFOnnx
import TestSupport
import XCTest

/// The whole way from a file to features, over files that are damaged or hostile: it ends in finite features or in a
/// failure that is the file's fault, and never ends the process.
final class DamagedFileTests: XCTestCase {
    /// - Returns: whether there were features.
    private func encodesOrRefuses(_ bytes: some Sequence<UInt8>, _ what: @autoclosure () -> String) -> Bool {
        do {
            let graph = try GraphImporter.makeGraph(
                from: try ModelBytes.read(bytes), options: ImportOptions(batchSize: 2))
            let encoding = try GraphEncoding(of: graph)
            XCTAssertTrue(encoding.nodeFeatures.allSatisfy(\.isFinite), what())
            XCTAssertTrue(encoding.graphFeatures.allSatisfy(\.isFinite), what())
            return true
        } catch let failure as Failure {
            XCTAssertNotEqual(failure.code, .internalError, "\(what()): \(failure.message)")
            XCTAssertFalse(failure.message.isEmpty, what())
        } catch {
            XCTFail("\(what()): \(error)")
        }
        return false
    }

    /// Files that must be refused are named `.bin`; those named `.onnx` are to be read, and ended the process once.
    func testHostileFilesAreRefusedOrEncodedAsTheirNamesSay() throws {
        let files = try FileManager.default.contentsOfDirectory(
            at: RepositoryFile.hostile("."), includingPropertiesForKeys: nil)
        for (pathExtension, isEncoded) in [("bin", false), ("onnx", true)] {
            let inputs = files.filter { $0.pathExtension == pathExtension }
            XCTAssertFalse(inputs.isEmpty)
            for input in inputs {
                let name = input.lastPathComponent
                XCTAssertEqual(encodesOrRefuses(try Data(contentsOf: input), name), isEncoded, name)
            }
        }
    }

    func testDamagedNetworks() throws {
        let seed: UInt64 = 2507
        var generator = SplitMix64(seed: seed)
        for name in readerFixtureNames {
            let whole = Array(try Data(contentsOf: RepositoryFile.fixture("\(name).onnx")))
            var encodedCount = 0
            for round in 0..<150 {
                var damaged = whole
                // Few enough bytes that a good part of the models stays readable and reaches inference.
                for _ in 0..<Int.random(in: 1...3, using: &generator) {
                    damaged[Int.random(in: 0..<damaged.count, using: &generator)] ^= 1 << UInt8.random(in: 0...7, using: &generator)
                }
                if encodesOrRefuses(damaged, "\(name), seed \(seed), round \(round)") { encodedCount += 1 }
            }
            XCTAssertTrue((1..<150).contains(encodedCount) || name == "constructs", "\(name): \(encodedCount) of 150")
        }
    }
}
