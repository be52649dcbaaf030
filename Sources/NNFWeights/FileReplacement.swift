#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Writing files as a whole or not at all.
package enum FileReplacement {
    /// Puts `bytes` where `path` is: in the file that symbolic links lead to, or in a new one. Who reads the file meanwhile sees
    /// the old or the new one: it is written beside and renamed. A file keeps its permissions, a new one has those that the
    /// umask leaves.
    ///
    /// Throws for what is no regular file, such as a pipe, a device, and a link that leads nowhere.
    package static func replace(_ path: String, with bytes: [UInt8]) throws(WeightsError) {
        let (target, permissions) = try target(of: path)
        let (temporary, descriptor) = try makeFile(beside: target, path: path)
        var failure: WeightsError?
        // Before the first byte: what others may not read they never can.
        if let permissions, fchmod(descriptor, permissions) != 0 { failure = .cannotWrite(path) }
        var written = 0
        while written < bytes.count, failure == nil {
            let step = bytes.withUnsafeBytes { bytes in
                bytes.baseAddress.map { write(descriptor, $0 + written, bytes.count - written) } ?? -1
            }
            if step < 0, errno == EINTR { continue }
            if step <= 0 { failure = .cannotWrite(path) } else { written += step }
        }
        if close(descriptor) != 0, failure == nil { failure = .cannotWrite(path) }
        if failure == nil, rename(temporary, target) != 0 { failure = .cannotWrite(path) }
        if let failure {
            unlink(temporary)
            throw failure
        }
    }

    /// The path without links, and the permissions of the file there, if there is one.
    private static func target(of path: String) throws(WeightsError) -> (path: String, permissions: mode_t?) {
        var status = stat()
        guard let resolved = realpath(path, nil) else {
            guard errno == ENOENT else { throw .cannotWrite(path) }
            guard lstat(path, &status) != 0 else {
                throw WeightsError(.inputOutput, "cannot write '\(path)': it is a link that leads nowhere")
            }
            return (path, nil)
        }
        defer { free(resolved) }
        guard lstat(resolved, &status) == 0 else { throw .cannotWrite(path) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw WeightsError(.inputOutput, "cannot write '\(path)': it is not a regular file")
        }
        return (String(cString: resolved), status.st_mode & 0o777)
    }

    /// A new file in the folder of `target`, with a name of its own that is no longer than names may be.
    private static func makeFile(
        beside target: String, path: String
    ) throws(WeightsError) -> (path: String, descriptor: Int32) {
        let folder = target.lastIndex(of: "/").map { target[...$0] } ?? ""
        for _ in 0..<100 {
            let name = "\(folder).nnformer-\(String(UInt64.random(in: .min ... .max), radix: 16))"
            // The kernel takes the umask off, which cannot be asked for without changing it under other threads.
            let descriptor = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
            if descriptor >= 0 { return (name, descriptor) }
            guard errno == EEXIST || errno == EINTR else { break }
        }
        throw .cannotWrite(path)
    }
}

extension WeightsError {
    fileprivate static func cannotWrite(_ path: String) -> WeightsError { ofSystem("cannot write '\(path)'") }
}
