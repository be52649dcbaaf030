import Foundation
import NNFWeights
import XCTest

final class FileReplacementTests: XCTestCase {
    private var folder = URL(fileURLWithPath: "/")

    override func setUpWithError() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    override func tearDown() { try? FileManager.default.removeItem(at: folder) }

    private func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

    private func contents(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: folder.appendingPathComponent(name)))
    }

    private func mode(_ name: String) -> mode_t {
        var status = stat()
        XCTAssertEqual(lstat(path(name), &status), 0)
        return status.st_mode
    }

    private func assertRefused(_ name: String, mentioning part: String, line: UInt = #line) {
        XCTAssertThrowsError(try FileReplacement.replace(path(name), with: [1]), line: line) { error in
            XCTAssertEqual((error as? WeightsError)?.reason, .inputOutput, line: line)
            XCTAssertTrue("\(error)".contains(part), "\(error)", line: line)
        }
    }

    func testANewFileHasTheModeThatTheUmaskLeaves() throws {
        for (mask, expected) in [(0o077, 0o600), (0o022, 0o644), (0o002, 0o664)] as [(mode_t, mode_t)] {
            let earlier = umask(mask)
            defer { umask(earlier) }
            try FileReplacement.replace(path("new-\(mask)"), with: [1, 2, 3])
            XCTAssertEqual(mode("new-\(mask)"), S_IFREG | expected)
            XCTAssertEqual(try contents("new-\(mask)"), [1, 2, 3])
        }
    }

    func testAFileKeepsItsMode() throws {
        let earlier = umask(0o022)
        defer { umask(earlier) }
        for permissions: mode_t in [0o600, 0o664, 0o444] {
            try Data([9]).write(to: folder.appendingPathComponent("old"))
            XCTAssertEqual(chmod(path("old"), permissions), 0)
            try FileReplacement.replace(path("old"), with: [1])
            XCTAssertEqual(mode("old"), S_IFREG | permissions)
            XCTAssertEqual(try contents("old"), [1])
        }
    }

    func testLinksAreFollowed() throws {
        try Data([9]).write(to: folder.appendingPathComponent("target"))
        XCTAssertEqual(symlink("target", path("link")), 0)
        XCTAssertEqual(symlink(path("link"), path("link-to-link")), 0)
        try FileReplacement.replace(path("link-to-link"), with: [1])
        XCTAssertEqual(mode("link-to-link") & S_IFMT, S_IFLNK)
        XCTAssertEqual(mode("link") & S_IFMT, S_IFLNK)
        XCTAssertEqual(try contents("target"), [1])
    }

    func testWhatIsNoRegularFileStaysAsItIs() throws {
        XCTAssertEqual(mkfifo(path("pipe"), 0o600), 0)
        XCTAssertEqual(symlink("pipe", path("link-to-pipe")), 0)
        XCTAssertEqual(symlink("/dev/null", path("link-to-device")), 0)
        XCTAssertEqual(symlink("nowhere", path("link-to-nothing")), 0)
        XCTAssertEqual(symlink("circle", path("circle")), 0)
        XCTAssertEqual(mkdir(path("folder"), 0o700), 0)
        for name in ["pipe", "link-to-pipe", "link-to-device", "folder"] {
            assertRefused(name, mentioning: "not a regular file")
        }
        assertRefused("link-to-nothing", mentioning: "leads nowhere")
        assertRefused("circle", mentioning: "cannot write")
        XCTAssertEqual(mode("pipe"), S_IFIFO | 0o600)
        XCTAssertEqual(mode("link-to-device") & S_IFMT, S_IFLNK)
        XCTAssertEqual(
            Set(try FileManager.default.contentsOfDirectory(atPath: folder.path)),
            ["pipe", "link-to-pipe", "link-to-device", "link-to-nothing", "circle", "folder"])
    }

    func testNamesMayBeAsLongAsTheSystemHasThem() throws {
        let name = String(repeating: "n", count: 255)
        try FileReplacement.replace(path(name), with: [1])
        XCTAssertEqual(try contents(name), [1])
        assertRefused(name + "n", mentioning: "cannot write")
        assertRefused("no such folder/file", mentioning: "cannot write")
    }
}
