import Foundation
import NNFGraph
import NNFOnnx
import TestSupport
import XCTest

/// Damaged models are refused or read, and never end the process.
final class ReaderMutationTests: XCTestCase {
    private func bytes(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: RepositoryFile.fixture("\(name).onnx")))
    }

    /// Reads, and lets nothing but a `Failure` of an expected kind out.
    private func readsOrRefuses(_ bytes: some Sequence<UInt8>, _ what: @autoclosure () -> String) -> Bool {
        do {
            _ = try ModelBytes.read(bytes)
            return true
        } catch let failure as Failure {
            let isExpected = failure.code == .malformedInput || failure.code == .limitExceeded
            XCTAssertTrue(isExpected && !failure.message.isEmpty, "\(what()): \(failure)")
        } catch {
            XCTFail("\(what()): \(error)")
        }
        return false
    }

    /// A file cut off anywhere is refused; only where it ends after an operator set is it whole to a reader of protobuf.
    func testTruncationAtEveryByte() throws {
        for name in readerFixtureNames {
            let whole = try bytes(name)
            XCTAssertTrue(readsOrRefuses(whole, name))
            let readable = (0..<whole.count).filter { readsOrRefuses(whole.prefix($0), "\(name), \($0) bytes") }
            // `constructs` has three fields after its first operator set: another one, metadata, a function.
            XCTAssertEqual(readable.count, name == "constructs" ? 3 : 0, "\(name): \(readable)")
        }
    }

    /// A graph cut off anywhere under a length that says so: the outermost message is intact, the ones inside are not.
    func testTruncationInsideTheGraph() throws {
        let whole = try bytes("resnet18_opset13")
        // Tag 0x3a of the graph, its length in two bytes, its content.
        let tag = try XCTUnwrap(whole.firstIndex(of: 0x3a))
        let length = Int(whole[tag + 1] & 0x7f) | Int(whole[tag + 2]) << 7
        let content = whole[(tag + 3)..<(tag + 3 + length)]
        let readableCount = (0...length).count { readsOrRefuses(ModelBytes.model(graph: content.prefix($0)), "\($0) bytes") }
        // A cut is seen unless it falls between two fields of the graph: its name, its nodes, its values.
        let graph = try ModelBytes.read(whole).graph
        let fieldCount =
            1 + graph.nodes.count + graph.initializers.count + graph.inputs.count + graph.outputs.count + graph.values.count
        XCTAssertEqual(readableCount, fieldCount + 1)
    }

    func testFlippedBytes() throws {
        let seed: UInt64 = 20_250_700
        var generator = SplitMix64(seed: seed)
        for name in readerFixtureNames {
            let whole = try bytes(name)
            var readableCount = 0
            for round in 0..<1500 {
                var damaged = whole
                for _ in 0..<Int.random(in: 1...8, using: &generator) {
                    damaged[Int.random(in: 0..<damaged.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
                }
                if readsOrRefuses(damaged, "\(name), seed \(seed), round \(round)") { readableCount += 1 }
            }
            XCTAssertTrue((1..<1500).contains(readableCount), "\(name): damage must reach the parser and be seen")
        }
    }

    /// Pieces of one model copied over another place of it: lengths stay plausible more often than with flipped bytes.
    func testTransplantedPieces() throws {
        let seed: UInt64 = 7880
        var generator = SplitMix64(seed: seed)
        for name in readerFixtureNames {
            let whole = try bytes(name)
            for round in 0..<500 {
                var damaged = whole
                let count = Int.random(in: 1...200, using: &generator)
                let source = Int.random(in: 0..<whole.count - count, using: &generator)
                let target = Int.random(in: 0..<whole.count - count, using: &generator)
                damaged.replaceSubrange(target..<target + count, with: whole[source..<source + count])
                _ = readsOrRefuses(damaged, "\(name), seed \(seed), round \(round)")
            }
        }
    }
}
