/// Reads one JSON document, strictly as RFC 8259 has it, from bytes that nobody vouches for.
///
/// Stricter than the standard where it leaves a choice: text is valid UTF-8 without byte order mark, surrogates come in
/// pairs, names within an object differ, numbers are finite. Time and memory are linear in the bytes; nesting and the
/// number of values are bounded. Errors carry the byte offset.
package struct JSONReader {
    /// Arrays and objects within each other. Also bounds the recursion of this reader.
    package static let maximumNesting = 32
    /// Values of a document: one takes a byte of text, but tens of bytes of memory.
    package static let maximumValues = 1 << 20
    /// Characters of a number.
    package static let maximumNumberLength = 64

    private let bytes: [UInt8]
    private var position = 0
    private var valueCount = 0

    /// The document that is the whole of `bytes`, but for white space around it.
    package static func parse(_ bytes: [UInt8]) throws(WeightsError) -> JSONValue {
        var reader = JSONReader(bytes: bytes)
        let value = try reader.readValue(nesting: 0)
        reader.skipWhiteSpace()
        guard reader.peek() == nil else { throw reader.malformed("something follows the JSON document") }
        return value
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    // MARK: Values

    private mutating func readValue(nesting: Int) throws(WeightsError) -> JSONValue {
        valueCount += 1
        guard valueCount <= Self.maximumValues else {
            throw WeightsError(
                .limitExceeded, "JSON with more than \(Self.maximumValues) values", byteOffset: position)
        }
        skipWhiteSpace()
        guard let first = peek() else { throw malformed("the JSON document ends where a value should be") }
        switch first {
        case UInt8(ascii: "{"): return .object(try readObject(nesting: try deeper(nesting)))
        case UInt8(ascii: "["): return .array(try readArray(nesting: try deeper(nesting)))
        case UInt8(ascii: "\""): return .string(try readString())
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try readNumber()
        case UInt8(ascii: "t"): return try readLiteral("true", .boolean(true))
        case UInt8(ascii: "f"): return try readLiteral("false", .boolean(false))
        case UInt8(ascii: "n"): return try readLiteral("null", .null)
        default: throw malformed("no JSON value begins with this character")
        }
    }

    private func deeper(_ nesting: Int) throws(WeightsError) -> Int {
        guard nesting < Self.maximumNesting else {
            throw WeightsError(
                .limitExceeded, "JSON nested deeper than \(Self.maximumNesting)", byteOffset: position)
        }
        return nesting + 1
    }

    private mutating func readObject(nesting: Int) throws(WeightsError) -> JSONObject {
        var object = JSONObject()
        position += 1
        skipWhiteSpace()
        if take(UInt8(ascii: "}")) { return object }
        repeat {
            skipWhiteSpace()
            let start = position
            guard peek() == UInt8(ascii: "\"") else { throw malformed("a member name in double quotes is missing") }
            let name = try readString()
            skipWhiteSpace()
            guard take(UInt8(ascii: ":")) else { throw malformed("':' is missing after a member name") }
            guard object.append(name, try readValue(nesting: nesting)) else {
                throw WeightsError(.malformed, "the JSON member '\(name)' occurs twice", byteOffset: start)
            }
            skipWhiteSpace()
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "}")) else { throw malformed("',' or '}' is missing in a JSON object") }
        return object
    }

    private mutating func readArray(nesting: Int) throws(WeightsError) -> [JSONValue] {
        var elements: [JSONValue] = []
        position += 1
        skipWhiteSpace()
        if take(UInt8(ascii: "]")) { return elements }
        repeat {
            elements.append(try readValue(nesting: nesting))
            skipWhiteSpace()
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "]")) else { throw malformed("',' or ']' is missing in a JSON array") }
        return elements
    }

    private mutating func readLiteral(_ text: StaticString, _ value: JSONValue) throws(WeightsError) -> JSONValue {
        for character in text.description.utf8 {
            guard take(character) else { throw malformed("'\(text)' is misspelt") }
        }
        return value
    }

    private mutating func readNumber() throws(WeightsError) -> JSONValue {
        let start = position
        _ = take(UInt8(ascii: "-"))
        if !take(UInt8(ascii: "0")) { try skipDigits() }
        var isInteger = true
        if take(UInt8(ascii: ".")) {
            isInteger = false
            try skipDigits()
        }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            isInteger = false
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            try skipDigits()
        }
        guard position - start <= Self.maximumNumberLength else {
            throw WeightsError(
                .limitExceeded, "a number of more than \(Self.maximumNumberLength) characters", byteOffset: start)
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if isInteger, let integer = Int64(text) { return .integer(integer) }
        guard let real = Double(text), real.isFinite else {
            throw WeightsError(.malformed, "the number \(text) is beyond double precision", byteOffset: start)
        }
        return .real(real)
    }

    private mutating func skipDigits() throws(WeightsError) {
        let start = position
        while let byte = peek(), UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte { position += 1 }
        guard position > start else { throw malformed("a digit is missing") }
    }

    // MARK: Strings

    private mutating func readString() throws(WeightsError) -> String {
        let start = position
        position += 1
        var contents: [UInt8] = []
        while true {
            guard let byte = peek() else { throw malformed("the JSON document ends within a string") }
            if byte < 0x20 { throw malformed("a control character within a string; write it as an escape") }
            position += 1
            if byte == UInt8(ascii: "\"") { break }
            if byte == UInt8(ascii: "\\") {
                contents.append(contentsOf: try readEscape())
            } else {
                contents.append(byte)
            }
        }
        guard let text = String(validating: contents, as: UTF8.self) else {
            throw WeightsError(.malformed, "a string is not valid UTF-8", byteOffset: start)
        }
        return text
    }

    /// UTF-8 of the character whose escape follows the backslash just read.
    private mutating func readEscape() throws(WeightsError) -> [UInt8] {
        guard let byte = peek() else { throw malformed("the JSON document ends within an escape") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "f"): return [0x0C]
        case UInt8(ascii: "n"): return [0x0A]
        case UInt8(ascii: "r"): return [0x0D]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "u"): return Array(String(try readScalar()).utf8)
        default:
            position -= 1
            throw malformed("no such escape in JSON")
        }
    }

    /// The character of \uXXXX, or of two of them that form a surrogate pair (RFC 8259, section 7).
    private mutating func readScalar() throws(WeightsError) -> Unicode.Scalar {
        let start = position
        let first = try readFourHexDigits()
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard 0xD800..<0xDC00 ~= first, take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else {
            throw WeightsError(.malformed, "half of a surrogate pair", byteOffset: start)
        }
        let second = try readFourHexDigits()
        guard 0xDC00..<0xE000 ~= second,
            let scalar = Unicode.Scalar(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00))
        else { throw WeightsError(.malformed, "half of a surrogate pair", byteOffset: start) }
        return scalar
    }

    private mutating func readFourHexDigits() throws(WeightsError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = peek(), let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else {
                throw malformed("\\u needs four hexadecimal digits")
            }
            value = value << 4 | UInt32(truncatingIfNeeded: digit)
            position += 1
        }
        return value
    }

    // MARK: Bytes

    private func peek() -> UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard peek() == byte else { return false }
        position += 1
        return true
    }

    private mutating func skipWhiteSpace() {
        while let byte = peek(), byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { position += 1 }
    }

    private func malformed(_ message: String) -> WeightsError {
        WeightsError(.malformed, message, byteOffset: position)
    }
}
