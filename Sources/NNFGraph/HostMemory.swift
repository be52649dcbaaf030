import NNFKernels

/// Memory whose size follows a file or a caller. Where there is none, that is a failure: an allocation of Swift's own
/// would end the host's process.
package enum HostMemory {
    /// `byteCount` bytes of whatever value, aligned to 64; `free` takes them back. At least one byte, so that there is an
    /// address to none too.
    package static func allocate(byteCount: Int) throws(Failure) -> UnsafeMutableRawPointer {
        guard byteCount >= 0, let memory = nnf_allocate(byteCount) else {
            throw Failure(.limitExceeded, "there is no memory for \(byteCount) bytes")
        }
        return memory
    }

    package static func free(_ memory: UnsafeMutableRawPointer) { nnf_free(memory) }
}
