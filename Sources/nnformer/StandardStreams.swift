import Glibc

/// What the tool reads from and writes to: results on standard output, everything else on standard error.
enum StandardStreams {
    /// All bytes of standard input.
    static func readInput() throws(LibraryError) -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = read(STDIN_FILENO, &buffer, buffer.count)
            if count > 0 {
                bytes.append(contentsOf: buffer.prefix(count))
            } else if count == 0 {
                return bytes
            } else if errno != EINTR {
                throw LibraryError(
                    inputOutput: "standard input cannot be read: \(String(cString: strerror(errno)))")
            }
        }
    }

    /// Writes a result, which ends in a line break.
    static func write(_ text: String) { print(text, terminator: "") }

    /// Writes `nnformer: file: message`, one line; the library's own `'file': ` in front of a message is not repeated.
    static func report(_ message: String, file: String? = nil) {
        let name = file.map(OneLine.text)
        let libraryPrefix = name.map { "'\($0)': " } ?? ""
        let text = message.hasPrefix(libraryPrefix) ? String(message.dropFirst(libraryPrefix.count)) : message
        let parts = ["nnformer", name, text].compactMap { $0 }
        let line = Array((parts.joined(separator: ": ") + "\n").utf8)
        // One call: lines of programs that share the terminal do not mix. If it fails there is no one to tell.
        _ = Glibc.write(STDERR_FILENO, line, line.count)
    }
}

/// Text for a line of a terminal: names out of files may hold line breaks and control sequences.
enum OneLine {
    static func text(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { scalar in
                    switch scalar.properties.generalCategory {
                    case .control, .format, .lineSeparator, .paragraphSeparator: " "
                    default: scalar
                    }
                }))
    }
}
