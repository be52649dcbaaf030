#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Measurements of networks: comma-separated values with a header that names model, batch and milliseconds, among others.
struct SamplesFile {
    struct Sample {
        /// Of the file, from 1.
        let line: Int
        /// As the file has it.
        let model: String
        /// The same, from the folder of the file.
        let path: String
        let batchSize: Int64
        let milliseconds: Double
    }

    /// Larger files are no measurements.
    private static let maximumSizeInBytes = 1 << 24

    let samples: [Sample]

    /// Throws what is wrong with the file, by line.
    init(_ path: String) throws(LibraryError) {
        let bytes: [UInt8]
        if path == NetworkGraph.standardInput {
            bytes = try StandardStreams.readInput()
        } else {
            do {
                bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
            } catch {
                throw LibraryError(inputOutput: "cannot be read: does it exist, and is it a file?")
            }
        }
        guard bytes.count <= Self.maximumSizeInBytes else {
            throw LibraryError(malformedInput: "\(bytes.count) bytes are more than a file of samples has")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw LibraryError(malformedInput: "the file is not text in UTF-8")
        }
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        guard let header = lines.first.map({ Self.fields($0) }) else { throw LibraryError(malformedInput: "the file is empty") }
        var columns: [String: Int] = [:]
        // A byte order mark, which spreadsheets write, is no part of the first name.
        for (position, name) in header.enumerated() {
            columns[name.replacing("\u{FEFF}", with: "").lowercased()] = position
        }
        guard let model = columns["model"], let batch = columns["batch"], let milliseconds = columns["milliseconds"] else {
            throw LibraryError(
                malformedInput: "line 1 must name the columns model, batch and milliseconds, as in 'model,batch,milliseconds'")
        }
        let folder = path.contains("/") ? String(path.prefix(through: path.lastIndex(of: "/") ?? path.startIndex)) : ""
        var samples: [Sample] = []
        for (position, text) in lines.enumerated().dropFirst() where !text.allSatisfy(\.isWhitespace) {
            let line = position + 1
            let fields = Self.fields(text)
            guard fields.count == header.count else {
                throw LibraryError(
                    malformedInput: "line \(line) has \(fields.count) fields, the header has \(header.count)")
            }
            guard let batchSize = Int64(fields[batch]), batchSize > 0 else {
                throw LibraryError(
                    malformedInput: "line \(line): batch is '\(fields[batch])': give a whole number of at least 1")
            }
            guard let latency = Double(fields[milliseconds]), latency > 0, latency.isFinite else {
                throw LibraryError(
                    malformedInput: "line \(line): milliseconds is '\(fields[milliseconds])': give a positive number")
            }
            guard !fields[model].isEmpty else { throw LibraryError(malformedInput: "line \(line) names no model") }
            let isAbsolute = fields[model].hasPrefix("/")
            samples.append(
                Sample(
                    line: line, model: fields[model], path: isAbsolute ? fields[model] : folder + fields[model],
                    batchSize: batchSize, milliseconds: latency))
        }
        self.samples = samples
    }

    /// Fields of a line as RFC 4180 has them, without the spaces around them.
    private static func fields(_ line: Substring) -> [String] {
        var fields: [String] = []
        var field = ""
        var isQuoted = false
        var previous: Character?
        for character in line {
            if character == "\"" {
                isQuoted.toggle()
                // Two in a row within quotes stand for one.
                if isQuoted, previous == "\"" { field.append("\"") }
            } else if character == ",", !isQuoted {
                fields.append(field.trimmingSpaces)
                field = ""
            } else {
                field.append(character)
            }
            previous = character
        }
        return fields + [field.trimmingSpaces]
    }
}

extension String {
    fileprivate var trimmingSpaces: String {
        String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }
}
