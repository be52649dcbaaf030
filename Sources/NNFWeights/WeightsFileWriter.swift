/// Makes safetensors files as `WeightsFile` reads them.
package enum WeightsFileWriter {
    /// Tensors of one axis in the given order, and entries of `__metadata__`.
    package static func bytes(tensors: [(name: String, elements: [Float])], metadata: [(name: String, text: String)]) -> [UInt8] {
        var header = "{\"__metadata__\":{"
        header += metadata.map { JSONWriter.string($0.name) + ":" + JSONWriter.string($0.text) }.joined(separator: ",") + "}"
        var end = 0
        for tensor in tensors {
            let begin = end
            end += 4 * tensor.elements.count
            header += ",\(JSONWriter.string(tensor.name)):{\"dtype\":\"F32\",\"shape\":[\(tensor.elements.count)],"
            header += "\"data_offsets\":[\(begin),\(end)]}"
        }
        header += "}"
        // Padded, so that the data begins at a multiple of 8.
        while header.utf8.count % 8 != 0 { header += " " }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(8 + header.utf8.count + end)
        append(UInt64(header.utf8.count), to: &bytes)
        bytes += header.utf8
        for tensor in tensors {
            for element in tensor.elements { append(element.bitPattern, to: &bytes) }
        }
        return bytes
    }

    private static func append(_ integer: some FixedWidthInteger, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: integer.littleEndian) { bytes.append(contentsOf: $0) }
    }
}

/// Text of JSON documents (RFC 8259).
package enum JSONWriter {
    package static func string(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\u{0}"..."\u{1F}":
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    /// `null` for what JSON has no number for.
    package static func number(_ value: Double) -> String { value.isFinite ? "\(value)" : "null" }
}
