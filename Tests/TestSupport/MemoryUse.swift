import Foundation
import XCTest

package enum MemoryUse {
    /// By how much the resident set of this process grew at its largest while something was done, in bytes.
    ///
    /// The kernel's peak never falls by itself, so that an earlier one would hide this one: it is made to forget. Memory that was
    /// freed and kept is given back first, for the same reason. Skips the test where the kernel does not forget.
    package static func growthInBytes(of body: () throws -> Void) throws -> Int {
        giveBackFreedMemory()
        do {
            try Data("5".utf8).write(to: URL(fileURLWithPath: "/proc/self/clear_refs"))
        } catch {
            throw XCTSkip("the peak of memory cannot be reset: /proc/self/clear_refs: \(error.localizedDescription)")
        }
        let before = try peakInBytes()
        try body()
        return try peakInBytes() - before
    }

    /// What glibc has for it, where there is glibc; its header is none of those that Swift imports.
    private static func giveBackFreedMemory() {
        guard let symbol = dlsym(nil, "malloc_trim") else { return }
        _ = unsafeBitCast(symbol, to: (@convention(c) (Int) -> CInt).self)(0)
    }

    /// VmHWM of /proc/self/status.
    private static func peakInBytes() throws -> Int {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        let kibibytes = line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) }
        return try XCTUnwrap(kibibytes, "no VmHWM in /proc/self/status") << 10
    }
}
