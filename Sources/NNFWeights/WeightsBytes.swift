internal import CNNFWeights
internal import NNFKernels

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// The bytes of a weights file: those within the library, or a private copy.
///
/// A file is read, not mapped: what has been validated must not change when the file does, and reading the mapping of a
/// file that was truncated meanwhile would kill the host with SIGBUS.
///
/// `@unchecked Sendable`: the compiler cannot judge `base`. The memory behind it is written before `init` returns and
/// never after, and is freed by `deinit`, when no reference is left.
package final class WeightsBytes: @unchecked Sendable {
    /// Of the largest file that is read.
    package static let maximumSizeInBytes = 1 << 30

    /// Aligned to 64. Good for reading `count` bytes as long as `self` lives.
    let base: UnsafeRawPointer
    package let count: Int
    private let isOwned: Bool

    private init(base: UnsafeRawPointer, count: Int, isOwned: Bool) {
        self.base = base
        self.count = count
        self.isOwned = isOwned
    }

    deinit {
        if isOwned { nnf_free(UnsafeMutableRawPointer(mutating: base)) }
    }

    /// The weights that are part of the library. O(1): pages are loaded when they are read.
    package static func embedded() -> WeightsBytes {
        WeightsBytes(
            base: UnsafeRawPointer(nnf_embedded_weights()), count: nnf_embedded_weights_size_in_bytes(),
            isOwned: false)
    }

    /// The accuracy weights that are part of the library. O(1), as `embedded`.
    package static func embeddedAccuracy() -> WeightsBytes {
        WeightsBytes(
            base: UnsafeRawPointer(nnf_embedded_accuracy_weights()),
            count: nnf_embedded_accuracy_weights_size_in_bytes(), isOwned: false)
    }

    package static func copy(of bytes: [UInt8]) throws(WeightsError) -> WeightsBytes {
        let memory = try allocate(bytes.count)
        UnsafeMutableRawBufferPointer(start: memory, count: bytes.count).copyBytes(from: bytes)
        return WeightsBytes(base: UnsafeRawPointer(memory), count: bytes.count, isOwned: true)
    }

    /// Differs between files that differ, but for chance; not cryptographic. O(bytes).
    package var fingerprint: UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325 ^ UInt64(count)
        let bytes = UnsafeRawBufferPointer(start: base, count: count)
        let whole = count & ~7
        for offset in stride(from: 0, to: whole, by: 8) {
            // In bounds, and aligned because `base` is. Eight bytes a step of FNV-1a, its upper bits folded into the lower.
            hash = (hash ^ bytes.load(fromByteOffset: offset, as: UInt64.self)) &* 0x100_0000_01B3
            hash ^= hash >> 32
        }
        for byte in bytes[whole...] { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return hash
    }

    /// The whole of a regular file that begins as a weights file does and has at most `maximumSizeInBytes`.
    package static func contents(
        ofFile path: String, maximumSizeInBytes: Int = WeightsBytes.maximumSizeInBytes
    ) throws(WeightsError) -> WeightsBytes {
        // Without O_NONBLOCK, opening a named pipe would wait for a writer.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw WeightsError.ofSystem("cannot open the weights file '\(path)'") }
        defer { close(descriptor) }

        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw WeightsError.ofSystem("cannot examine '\(path)'") }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw WeightsError(.inputOutput, "'\(path)' is not a regular file")
        }
        guard let size = Int(exactly: status.st_size), size >= 0, size <= maximumSizeInBytes else {
            throw WeightsError(
                .limitExceeded,
                "'\(path)' has \(status.st_size) bytes; files of its kind have at most \(maximumSizeInBytes)")
        }
        // The beginning says whether the rest is worth its memory: a sparse file may state any size.
        let prefixLength = min(size, WeightsFile.prefixLength)
        var prefix = [UInt8](repeating: 0, count: prefixLength)
        try fill(&prefix, prefixLength, from: descriptor, path: path)
        _ = try WeightsFile.dataStart(prefix: prefix, fileSize: size)
        let memory = try allocate(size)
        do throws(WeightsError) {
            try fill(memory, size, from: descriptor, path: path)
        } catch {
            nnf_free(memory)
            throw error
        }
        return WeightsBytes(base: UnsafeRawPointer(memory), count: size, isOwned: true)
    }

    /// Fills `memory` with the `size` bytes of the file that it begins with.
    private static func fill(
        _ memory: UnsafeMutableRawPointer, _ size: Int, from descriptor: Int32, path: String
    ) throws(WeightsError) {
        var filled = 0
        while filled < size {
            // In bounds: `filled` < `size`, the capacity of `memory`, and `pread` writes at most what is asked for.
            let step = pread(descriptor, memory + filled, size - filled, off_t(filled))
            if step < 0, errno == EINTR { continue }
            guard step >= 0 else { throw WeightsError.ofSystem("cannot read '\(path)'") }
            guard step > 0 else {
                throw WeightsError(.inputOutput, "'\(path)' became shorter while it was read")
            }
            filled += step
        }
    }

    /// `nnf_free` takes it back. An empty file has an address too.
    private static func allocate(_ size: Int) throws(WeightsError) -> UnsafeMutableRawPointer {
        guard let memory = nnf_allocate(size) else {
            throw WeightsError(.limitExceeded, "there is no memory for a file of \(size) bytes")
        }
        return memory
    }
}

extension WeightsError {
    /// What the last call of the system complained of.
    static func ofSystem(_ what: String) -> WeightsError {
        WeightsError(.inputOutput, "\(what): \(String(cString: strerror(errno)))")
    }
}
