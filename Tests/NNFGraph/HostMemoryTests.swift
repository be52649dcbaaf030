import NNFGraph
import XCTest

final class HostMemoryTests: XCTestCase {
    func testMemoryIsAlignedAndWritable() throws {
        for size in [0, 1, 63, 4096] {
            let memory = try HostMemory.allocate(byteCount: size)
            defer { HostMemory.free(memory) }
            XCTAssertEqual(UInt(bitPattern: memory) % 64, 0)
            memory.initializeMemory(as: UInt8.self, repeating: 1, count: size)
        }
    }

    func testWhatIsNotThereIsAFailure() {
        for size in [-1, 1 << 60, .max] {
            XCTAssertThrowsError(try HostMemory.allocate(byteCount: size)) { error in
                XCTAssertEqual((error as? Failure)?.code, .limitExceeded)
            }
        }
    }
}
