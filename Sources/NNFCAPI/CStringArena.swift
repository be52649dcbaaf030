/// NUL-terminated copies of strings, in one block of memory that lives as long as the arena.
///
/// Pointers handed out stay valid and their bytes unchanged until the arena goes, which is what the C API promises for
/// strings of a handle. A string that holds NUL appears cut there to a C caller.
final class CStringArena: @unchecked Sendable {
    // Unchecked: both fields are set once in `init` and the block is only read until `deinit`.
    private let block: UnsafeMutableBufferPointer<CChar>
    private let offsets: [Int]

    /// Copies `strings`, in O(bytes).
    init(_ strings: [String]) {
        block = .allocate(capacity: strings.reduce(0) { $0 + $1.utf8.count + 1 })
        var offsets: [Int] = []
        offsets.reserveCapacity(strings.count)
        var position = 0
        for string in strings {
            offsets.append(position)
            for byte in string.utf8 {
                block.initializeElement(at: position, to: CChar(bitPattern: byte))
                position += 1
            }
            block.initializeElement(at: position, to: 0)
            position += 1
        }
        self.offsets = offsets
    }

    deinit { block.deallocate() }

    var count: Int { offsets.count }

    /// The copy of string `index`, `nil` past the last.
    subscript(index: Int) -> UnsafePointer<CChar>? {
        guard offsets.indices.contains(index), let base = block.baseAddress else { return nil }
        return UnsafePointer(base + offsets[index])
    }
}
