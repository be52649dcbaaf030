import NNFGraph

/// NUL-terminated copies of strings, in one block of memory that lives as long as the arena.
///
/// Pointers handed out stay valid and their bytes unchanged until the arena goes, which is what the C API promises for
/// strings of a handle. A string that holds NUL appears cut there to a C caller.
///
/// Long strings that share their bytes share a copy: a function's name of megabytes may stand in each of its calls.
final class CStringArena: @unchecked Sendable {
    // Unchecked: both fields are set once in `init` and the block is only read until `deinit`.
    private let block: UnsafeMutableRawPointer
    private let offsets: [Int]

    /// Far more than the names of any network take.
    private static let maximumSizeInBytes = 1 << 28

    /// Copies `strings`, in O(strings + bytes of different ones). Throws for more than `maximumSizeInBytes`.
    init(_ strings: [String]) throws(Failure) {
        var offsets: [Int] = []
        offsets.reserveCapacity(strings.count)
        var copies: [SharedBytes: Int] = [:]
        var size = 0
        for string in strings {
            if let bytes = SharedBytes(of: string) {
                if let offset = copies[bytes] {
                    offsets.append(offset)
                    continue
                }
                copies[bytes] = size
            }
            let length = string.utf8.count
            guard length < Self.maximumSizeInBytes - size else {
                throw Failure(.limitExceeded, "names take more than \(Self.maximumSizeInBytes >> 20) MiB: shorten them")
            }
            offsets.append(size)
            size += length + 1
        }
        block = try HostMemory.allocate(byteCount: size)
        var end = 0
        // What has an offset before the end shares an earlier copy; no copy is empty, it has a NUL at least. In bounds: `size` is
        // the sum of the lengths of those that are copied, and of their NULs.
        for (string, offset) in zip(strings, offsets) where offset == end {
            for byte in string.utf8 {
                block.storeBytes(of: byte, toByteOffset: end, as: UInt8.self)
                end += 1
            }
            block.storeBytes(of: 0, toByteOffset: end, as: UInt8.self)
            end += 1
        }
        self.offsets = offsets
    }

    deinit { HostMemory.free(block) }

    var count: Int { offsets.count }

    /// The copy of string `index`, `nil` past the last.
    subscript(index: Int) -> UnsafePointer<CChar>? {
        guard offsets.indices.contains(index) else { return nil }
        return UnsafePointer((block + offsets[index]).assumingMemoryBound(to: CChar.self))
    }
}

/// Where the bytes of a long string lie: equal for strings that share them, as copies of one do. While the strings live, no
/// others lie there.
private struct SharedBytes: Hashable {
    private let address: UInt
    private let count: Int

    /// `nil` for a string so short that it may lie within its own value, and costs no more than to tell it apart.
    init?(of string: String) {
        count = string.utf8.count
        guard count >= 64 else { return nil }
        // The address is compared, never read.
        let found = string.utf8.withContiguousStorageIfAvailable { UInt(bitPattern: $0.baseAddress) }
        guard let found else { return nil }
        address = found
    }
}
