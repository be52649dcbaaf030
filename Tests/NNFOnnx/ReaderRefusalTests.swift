import Foundation
import NNFGraph
import NNFOnnx
import TestSupport
import XCTest

/// What cannot be read, or made a graph of, is refused with a status and a message that say why.
final class ReaderRefusalTests: XCTestCase {
    func testHostileFiles() throws {
        let table = try String(contentsOf: RepositoryFile.hostile("expected.tsv"), encoding: .utf8)
        let rows = table.split(separator: "\n").map { $0.split(separator: "\t").map(String.init) }
        XCTAssertGreaterThan(rows.count, 20)
        let files = try FileManager.default.contentsOfDirectory(atPath: RepositoryFile.hostile(".").path)
        XCTAssertEqual(Set(rows.map { $0[0] }), Set(files.filter { $0.hasSuffix(".bin") }))
        for row in rows {
            XCTAssertEqual(row.count, 3)
            let code = Failure.Code(rawValue: try XCTUnwrap(Int32(row[1])))
            XCTAssertThrowsError(try encode(RepositoryFile.hostile(row[0]).path), row[0]) {
                check($0, code, row[2], what: row[0])
            }
        }
    }

    func testPathsWithoutAFileToRead() throws {
        let file = try makeTemporaryFile()
        assertRefused(file.path, .inputOutput, "No such file or directory")
        assertRefused(file.deletingLastPathComponent().path, .inputOutput, "is a directory")
        assertRefused("", .inputOutput, "No such file or directory")
        assertRefused("/dev/null", .inputOutput, "not a regular file")
        XCTAssertEqual(mkfifo(file.path, 0o600), 0)
        assertRefused(file.path, .inputOutput, "not a regular file")
    }

    func testUnreadableFile() throws {
        try XCTSkipIf(geteuid() == 0, "every file is readable to root")
        let file = try makeTemporaryFile()
        XCTAssertTrue(FileManager.default.createFile(atPath: file.path, contents: Data([8]), attributes: [.posixPermissions: 0]))
        assertRefused(file.path, .inputOutput, "Permission denied")
    }

    func testNoBytes() {
        XCTAssertThrowsError(try OnnxReader.read(bytes: UnsafeRawBufferPointer(start: nil, count: 0))) { error in
            XCTAssertEqual((error as? Failure)?.code, .malformedInput)
            XCTAssertEqual((error as? Failure)?.message.contains("0 bytes"), true)
        }
    }

    func testNodesBeyondTheLimit() throws {
        let emptyNodes = ModelBytes.emptyMessages(1, count: Limits.nodes + 1)
        assertRefused(ModelBytes.model(graph: emptyNodes), .limitExceeded, "more than \(Limits.nodes) nodes")
        XCTAssertNoThrow(try ModelBytes.read(ModelBytes.model(graph: emptyNodes.dropLast(2))))
    }

    /// Two bytes in the file, a hundred in memory: the structure is refused before it is built.
    func testStructureBeyondTheLimit() throws {
        let model = ModelBytes.model(graph: ModelBytes.emptyMessages(11, count: 16 << 20))
        let growth = try MemoryUse.growthInBytes { assertRefused(model, .limitExceeded, "MiB of memory") }
        XCTAssertLessThan(growth, 300 << 20)
    }

    func testNamesThatAreNotUTF8AreRepaired() throws {
        let name = ModelBytes.delimited(2, [0x61, 0xff, 0x62])
        XCTAssertEqual(try ModelBytes.read(ModelBytes.model(graph: name)).graph.name, "a\u{fffd}b")
    }

    /// The whole way from a file to features.
    private func encode(_ path: String) throws -> GraphEncoding {
        try GraphEncoding(of: try GraphImporter.makeGraph(from: try OnnxReader.read(path: path)))
    }

    private func assertRefused(
        _ path: String, _ code: Failure.Code?, _ part: String, line: UInt = #line
    ) {
        XCTAssertThrowsError(try OnnxReader.read(path: path), path, line: line) {
            check($0, code, part, what: path, line: line)
        }
    }

    private func assertRefused(
        _ bytes: [UInt8], _ code: Failure.Code?, _ part: String, line: UInt = #line
    ) {
        XCTAssertThrowsError(try ModelBytes.read(bytes), part, line: line) {
            check($0, code, part, what: "bytes", line: line)
        }
    }

    private func check(_ error: any Error, _ code: Failure.Code?, _ part: String, what: String, line: UInt = #line) {
        guard let failure = error as? Failure else { return XCTFail("\(error) is no Failure", line: line) }
        XCTAssertEqual(failure.code, code, "\(what): \(failure.message)", line: line)
        XCTAssertTrue(failure.message.contains(part), "\(what): '\(failure.message)' lacks '\(part)'", line: line)
    }
}
