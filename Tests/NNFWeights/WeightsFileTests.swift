import Foundation
import NNFWeights
import TestSupport
import XCTest

final class WeightsFileTests: XCTestCase {
    private let honest = [
        NamedTensor("b", [2, 3], [1, 2, 3, 4, 5, 6]), NamedTensor("a", [], [7]), NamedTensor("e", [0, 5], []),
    ]

    private func open(_ bytes: [UInt8]) throws -> WeightsFile { try WeightsFile(.copy(of: bytes)) }

    func testReadsTensorsAndMetadata() throws {
        let file = try open(try SafetensorsDocument.bytes(tensors: honest, metadata: ["k": "ä"]))
        XCTAssertEqual(Set(file.tensorNames), ["a", "b", "e"])
        XCTAssertEqual(file.metadata(named: "k"), "ä")
        XCTAssertNil(file.metadata(named: "l"))
        XCTAssertNil(file.tensor(named: "__metadata__"))
        for tensor in honest {
            let read = try XCTUnwrap(file.tensor(named: tensor.name))
            XCTAssertEqual(read.shape, tensor.shape)
            XCTAssertEqual(read.count, tensor.elements.count)
            XCTAssertEqual(read.withElements { Array($0) }, tensor.elements)
        }
    }

    /// A tensor keeps the bytes alive by itself.
    func testTensorOutlivesItsFile() throws {
        func tensor() throws -> WeightsTensor? {
            try open(try SafetensorsDocument.bytes(tensors: honest, metadata: [:])).tensor(named: "b")
        }
        XCTAssertEqual(try tensor()?.withElements { Array($0) }, [1, 2, 3, 4, 5, 6])
    }

    func testReadsFromDisk() throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: path) }
        try Data(try SafetensorsDocument.bytes(tensors: honest, metadata: [:])).write(to: path)
        let bytes = try WeightsBytes.contents(ofFile: path.path)
        // What was read must not change with the file.
        try Data().write(to: path)
        XCTAssertEqual(try WeightsFile(bytes).tensor(named: "a")?.withElements { Array($0) }, [7])
    }

    func testPathsThatAreNoWeightsFile() throws {
        let pipe = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        XCTAssertEqual(mkfifo(pipe, 0o600), 0)
        defer { unlink(pipe) }
        for path in ["/nonexistent/weights", "", "/", "/dev/null", pipe] {
            XCTAssertThrowsError(try WeightsBytes.contents(ofFile: path), path) {
                XCTAssertEqual(($0 as? WeightsError)?.reason, .inputOutput, path)
            }
        }
    }

    /// A file that takes no room on the disk must take none in memory, unless it begins as weights do.
    func testASparseFileIsRefusedByItsBeginning() throws {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: url) }
        let beginnings: [([UInt8], WeightsError.Reason)] = [
            ([], .malformed), ([8, 0, 0, 0, 0, 0, 0, 0, 0x20], .malformed), ([7, 0, 0, 0, 0, 0, 0, 0, 0x7B], .unsupported),
            ([0, 0, 0, 0x30, 0, 0, 0, 0, 0x7B], .malformed), ([0, 0, 0, 2, 0, 0, 0, 0, 0x7B], .limitExceeded),
        ]
        for (beginning, reason) in beginnings {
            try Data(beginning).write(to: url)
            XCTAssertEqual(truncate(url.path, off_t(WeightsBytes.maximumSizeInBytes)), 0)
            let growth = try MemoryUse.growthInBytes {
                XCTAssertThrowsError(try WeightsBytes.contents(ofFile: url.path)) { error in
                    XCTAssertEqual((error as? WeightsError)?.reason, reason, "\(error)")
                }
            }
            XCTAssertLessThan(growth, 1 << 26)
        }
        XCTAssertEqual(truncate(url.path, off_t(WeightsBytes.maximumSizeInBytes) + 1), 0)
        XCTAssertThrowsError(try WeightsBytes.contents(ofFile: url.path)) {
            XCTAssertEqual(($0 as? WeightsError)?.reason, .limitExceeded)
        }
    }

    func testTheCallerMayAllowLess() throws {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: url) }
        let bytes = try SafetensorsDocument.bytes(tensors: honest, metadata: [:])
        try Data(bytes).write(to: url)
        XCTAssertNoThrow(try WeightsBytes.contents(ofFile: url.path, maximumSizeInBytes: bytes.count))
        XCTAssertThrowsError(try WeightsBytes.contents(ofFile: url.path, maximumSizeInBytes: bytes.count - 1)) {
            XCTAssertEqual(($0 as? WeightsError)?.reason, .limitExceeded)
        }
    }

    func testEveryTruncationIsRefused() throws {
        let bytes = try SafetensorsDocument.bytes(tensors: honest, metadata: ["k": "v"])
        for count in 0..<bytes.count {
            XCTAssertThrowsError(try open(Array(bytes[..<count])), "truncated to \(count) bytes") {
                XCTAssertEqual(($0 as? WeightsError)?.reason, .malformed)
            }
        }
        XCTAssertThrowsError(try open(bytes + [0]))
    }

    /// Whatever one byte of the header is changed to, the file is refused or its tensors lie within it.
    func testMutationsOfTheHeaderNeverEscapeTheFile() throws {
        let bytes = try SafetensorsDocument.bytes(tensors: honest, metadata: ["k": "v"])
        let dataCount = honest.map(\.elements.count).reduce(0, +)
        var refused = 0
        for position in 0..<bytes.count - 4 * dataCount {
            for value in UInt8.min...UInt8.max where value != bytes[position] {
                var mutated = bytes
                mutated[position] = value
                guard let file = try? open(mutated) else {
                    refused += 1
                    continue
                }
                let elements = file.tensorNames.compactMap { file.tensor(named: $0) }
                    .map { $0.withElements { Array($0).count } }
                XCTAssertEqual(elements.reduce(0, +), dataCount)
            }
        }
        XCTAssertGreaterThan(refused, 10_000)
    }

    /// Each file of `Tests/Hostile/weights` with why it must be refused.
    func testHostileFiles() throws {
        let reasons: [String: WeightsError.Reason] = [
            "begins-with-space.safetensors": .malformed, "duplicate-key.safetensors": .malformed,
            "element-type-f16.safetensors": .unsupported, "empty.safetensors": .malformed,
            "gap.safetensors": .malformed, "header-length-huge.safetensors": .malformed,
            "header-length-maximum.safetensors": .malformed, "header-not-object.safetensors": .malformed,
            "metadata-not-strings.safetensors": .malformed, "misaligned.safetensors": .unsupported,
            "nested-deeply.safetensors": .limitExceeded, "offset-beyond-file.safetensors": .malformed,
            "offsets-huge.safetensors": .malformed, "offsets-negative.safetensors": .malformed,
            "offsets-reversed.safetensors": .malformed, "overlap.safetensors": .malformed,
            "rank-excessive.safetensors": .limitExceeded, "shape-fractional.safetensors": .malformed,
            "shape-negative.safetensors": .malformed, "shape-overflow.safetensors": .malformed,
            "shape-size-mismatch.safetensors": .malformed, "trailing-data.safetensors": .malformed,
            "unterminated-string.safetensors": .malformed,
        ]
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Hostile/weights")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            .filter { $0.hasSuffix(".safetensors") }
        XCTAssertEqual(Set(names), Set(reasons.keys))
        for name in names {
            // From the disk and from memory: the former looks at the beginning before it reads the rest.
            let url = folder.appendingPathComponent(name)
            XCTAssertThrowsError(try WeightsFile(.copy(of: Array(try Data(contentsOf: url)))), name) { error in
                XCTAssertEqual((error as? WeightsError)?.reason, reasons[name], "\(name): \(error)")
            }
            XCTAssertThrowsError(try WeightsFile(try WeightsBytes.contents(ofFile: url.path)), name) { error in
                XCTAssertEqual((error as? WeightsError)?.reason, reasons[name], "\(name): \(error)")
            }
        }
    }
}
