#if _endian(big)
    #error("Weights are little-endian and read in place: a big-endian host needs a reader that swaps bytes.")
#endif

/// A safetensors file (https://github.com/huggingface/safetensors), validated as a whole before anything of it is used.
///
/// | bytes | what |
/// |---|---|
/// | 0 ..< 8 | N, length of the header, unsigned, little-endian; at most 100,000,000 |
/// | 8 ..< 8 + N | header: a JSON object in UTF-8 that begins with `{`, padded with spaces at its end |
/// | 8 + N ..< end | data: the tensors without gap or overlap, row-major, little-endian |
///
/// The header maps each tensor's name to `{"dtype": "F32", "shape": [...], "data_offsets": [begin, end]}`, offsets counted
/// from the start of the data, and `__metadata__`, if present, to an object of strings.
///
/// Beyond the format this reader asks that every tensor is F32, that the data begins at a multiple of 4, so that tensors
/// are read in place, and that the header has at most 16 MiB, for its texts are copied.
package struct WeightsFile: Sendable {
    /// The format's own bound.
    package static let formatHeaderLength = 100_000_000
    /// Of this reader.
    package static let maximumHeaderLength = 1 << 24
    /// Bytes that tell a weights file from others: the length of the header and its first character.
    package static let prefixLength = 9
    /// Axes of a tensor.
    package static let maximumRank = 8

    /// Names of the tensors in the order of the header.
    package let tensorNames: [String]
    private let tensors: [String: WeightsTensor]
    private let metadata: [String: String]

    package func tensor(named name: String) -> WeightsTensor? { tensors[name] }

    /// The entry of `__metadata__` of that name.
    package func metadata(named name: String) -> String? { metadata[name] }

    /// Reads and checks the header; O(length of the header), the tensors are not touched.
    package init(_ bytes: WeightsBytes) throws(WeightsError) {
        let prefix = UnsafeRawBufferPointer(start: bytes.base, count: min(bytes.count, Self.prefixLength))
        let dataStart = try Self.dataStart(prefix: Array(prefix), fileSize: bytes.count)
        let header = try Self.header(bytes, dataStart: dataStart)

        var entries: [WeightsFileEntry] = []
        var metadata: [String: String] = [:]
        for member in header.members {
            if member.name == "__metadata__" {
                metadata = try Self.strings(member.value)
            } else {
                entries.append(try WeightsFileEntry(name: member.name, member.value))
            }
        }
        try Self.checkPartition(entries, dataSize: bytes.count - dataStart)

        var tensors: [String: WeightsTensor] = [:]
        for entry in entries {
            // No overflow: checkPartition has shown that every range lies within the file.
            tensors[entry.name] = WeightsTensor(
                shape: entry.shape, count: entry.elementCount, bytes: bytes,
                byteOffset: dataStart + entry.dataRange.lowerBound)
        }
        tensorNames = entries.map(\.name)
        self.tensors = tensors
        self.metadata = metadata
    }

    /// Where the data of a file of that size begins, by its first `prefixLength` bytes; fewer are those of a shorter file.
    static func dataStart(prefix: [UInt8], fileSize: Int) throws(WeightsError) -> Int {
        guard prefix.count >= 8 else {
            throw WeightsError(
                .malformed, "a weights file has at least 8 bytes, this one \(fileSize)", byteOffset: fileSize)
        }
        let stated = prefix[..<8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard stated <= UInt64(formatHeaderLength), let length = Int(exactly: stated) else {
            throw WeightsError(
                .malformed,
                "the first 8 bytes state a header of \(stated) bytes, more than \(formatHeaderLength): "
                    + "this is not a safetensors file", byteOffset: 0)
        }
        // No underflow: a file of at least 8 bytes has a prefix of as many.
        guard length <= fileSize - 8 else {
            throw WeightsError(
                .malformed, "the file ends within its header, which has \(length) bytes", byteOffset: fileSize)
        }
        guard length > 0, prefix.last == UInt8(ascii: "{") else {
            throw WeightsError(.malformed, "a safetensors header begins with '{'", byteOffset: 8)
        }
        guard length <= maximumHeaderLength else {
            throw WeightsError(
                .limitExceeded, "the header has \(length) bytes; at most \(maximumHeaderLength) are read", byteOffset: 0)
        }
        guard length % 4 == 0 else {
            throw WeightsError(
                .unsupported,
                "the header has \(length) bytes; pad it with spaces to a multiple of 4, so that tensors are aligned",
                byteOffset: 0)
        }
        return 8 + length
    }

    private static func header(_ bytes: WeightsBytes, dataStart: Int) throws(WeightsError) -> JSONObject {
        // In bounds: 8 <= dataStart <= bytes.count.
        let text = Array(UnsafeRawBufferPointer(start: bytes.base + 8, count: dataStart - 8))
        do throws(WeightsError) {
            guard case .object(let header) = try JSONReader.parse(text) else {
                throw WeightsError(.malformed, "the safetensors header is not a JSON object", byteOffset: 0)
            }
            return header
        } catch {
            throw WeightsError(
                error.reason, "safetensors header: \(error.message)",
                byteOffset: error.byteOffset.flatMap(Int.init(exactly:)).map { $0 + 8 })
        }
    }

    private static func strings(_ value: JSONValue) throws(WeightsError) -> [String: String] {
        guard case .object(let object) = value else {
            throw WeightsError(.malformed, "__metadata__ of a safetensors file is an object of strings")
        }
        var strings: [String: String] = [:]
        for member in object.members {
            guard case .string(let text) = member.value else {
                throw WeightsError(.malformed, "__metadata__ of a safetensors file: '\(member.name)' is not a string")
            }
            strings[member.name] = text
        }
        return strings
    }

    /// The tensors fill the data exactly. Sorted by where they begin, each begins where the one before it ends.
    private static func checkPartition(_ entries: [WeightsFileEntry], dataSize: Int) throws(WeightsError) {
        let ordered = entries.sorted {
            ($0.dataRange.lowerBound, $0.dataRange.upperBound) < ($1.dataRange.lowerBound, $1.dataRange.upperBound)
        }
        var end = 0
        for entry in ordered {
            guard entry.dataRange.lowerBound == end else {
                let what = entry.dataRange.lowerBound < end ? "overlaps the tensor before it" : "follows a gap"
                throw WeightsError(
                    .malformed,
                    "tensor '\(entry.name)' begins at byte \(entry.dataRange.lowerBound) of the data and \(what), "
                        + "which ends at \(end)")
            }
            end = entry.dataRange.upperBound
        }
        guard end == dataSize else {
            throw WeightsError(
                .malformed, "the tensors take \(end) bytes, the file holds \(dataSize) bytes of data; is it truncated?")
        }
    }
}
