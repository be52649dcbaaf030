#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Writing files as a whole or not at all.
package enum FileReplacement {
    /// Puts `bytes` where `path` is. Who reads the file meanwhile sees the old or the new one: it is written beside and renamed.
    package static func replace(_ path: String, with bytes: [UInt8]) throws(WeightsError) {
        var template = Array("\(path).XXXXXX".utf8CString)
        let descriptor = mkstemp(&template)
        guard descriptor >= 0 else { throw WeightsError.ofSystem("cannot write '\(path)'") }
        var failure: WeightsError?
        var written = 0
        while written < bytes.count, failure == nil {
            let step = bytes.withUnsafeBytes { bytes in
                bytes.baseAddress.map { write(descriptor, $0 + written, bytes.count - written) } ?? -1
            }
            if step < 0, errno == EINTR { continue }
            if step <= 0 { failure = WeightsError.ofSystem("cannot write '\(path)'") } else { written += step }
        }
        // mkstemp lets no one else read it. (The umask cannot be asked for without changing it under other threads.)
        if failure == nil, fchmod(descriptor, 0o644) != 0 { failure = WeightsError.ofSystem("cannot write '\(path)'") }
        if close(descriptor) != 0, failure == nil { failure = WeightsError.ofSystem("cannot write '\(path)'") }
        if failure == nil, rename(template, path) != 0 { failure = WeightsError.ofSystem("cannot write '\(path)'") }
        if let failure {
            unlink(template)
            throw failure
        }
    }
}
