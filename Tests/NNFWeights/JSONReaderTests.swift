import Foundation
import NNFWeights
import XCTest

final class JSONReaderTests: XCTestCase {
    private func parse(_ text: String) throws -> JSONValue { try JSONReader.parse(Array(text.utf8)) }

    func testScalars() throws {
        XCTAssertEqual(try parse("null"), .null)
        XCTAssertEqual(try parse(" true\n"), .boolean(true))
        XCTAssertEqual(try parse("false"), .boolean(false))
        XCTAssertEqual(try parse("0"), .integer(0))
        XCTAssertEqual(try parse("-0"), .integer(0))
        XCTAssertEqual(try parse("-9223372036854775808"), .integer(.min))
        XCTAssertEqual(try parse("9223372036854775807"), .integer(.max))
        XCTAssertEqual(try parse("9223372036854775808"), .real(9223372036854775808))
        XCTAssertEqual(try parse("1.5e3"), .real(1500))
        XCTAssertEqual(try parse("1E-2"), .real(0.01))
        XCTAssertEqual(try parse("1e-999"), .real(0))
    }

    func testStrings() throws {
        XCTAssertEqual(try parse(#""a\"\\\/\b\f\n\r\t""#), .string("a\"\\/\u{8}\u{c}\n\r\t"))
        XCTAssertEqual(try parse(#""\u00e9\u20AC""#), .string("é€"))
        XCTAssertEqual(try parse(#""\ud83d\ude00""#), .string("😀"))
        XCTAssertEqual(try parse(#""\u0000""#), .string("\0"))
        XCTAssertEqual(try parse("\"😀\u{7f}\""), .string("😀\u{7f}"))
    }

    func testContainers() throws {
        XCTAssertEqual(try parse("[ ]"), .array([]))
        XCTAssertEqual(try parse("[1, [2]]"), .array([.integer(1), .array([.integer(2)])]))
        guard case .object(let object) = try parse(#"{"b": 1, "a": {}}"#) else { return XCTFail("no object") }
        XCTAssertEqual(object.members.map(\.name), ["b", "a"])
        XCTAssertEqual(object["b"], .integer(1))
        XCTAssertNil(object["c"])
    }

    /// Document, and the byte at which reading must give up.
    func testMalformedDocumentsAreRefusedWhereTheyGoWrong() {
        let documents: [(String, UInt64)] = [
            ("", 0), ("  ", 2), ("nul", 3), ("nulL", 3), ("truefalse", 4), ("1 2", 2), ("\u{feff}1", 0),
            ("01", 1), ("-", 1), ("+1", 0), (".5", 0), ("1.", 2), ("1.e1", 2), ("1e", 2), ("1e+", 3), ("0x1", 1),
            ("NaN", 0), ("Infinity", 0), ("1e999", 0), ("'a'", 0), ("\"", 1), ("\"a", 2), ("\"\n\"", 1),
            (#""\x""#, 2), (#""\u12"#, 5), (#""\u12g4""#, 5), (#""\ud800""#, 3), (#""\ud800\n""#, 3),
            (#""\ud800\u0041""#, 3), (#""\udc00""#, 3), ("\"\\", 2), ("[", 1), ("[1", 2), ("[1,]", 3), ("[,1]", 1),
            ("[1 2]", 3), ("]", 0), ("{", 1), ("{a:1}", 1), ("{\"a\"}", 4), ("{\"a\":}", 5), ("{\"a\":1,}", 7),
            ("{\"a\":1 \"b\":2}", 7), ("{\"a\":1,\"a\":2}", 7), ("// c\n1", 0), ("[1}", 2),
        ]
        for (document, offset) in documents { assertMalformed(Array(document.utf8), at: offset, document) }
    }

    func testInvalidUTF8IsRefused() {
        let sequences: [[UInt8]] = [
            [0x80], [0xC0, 0x80], [0xC3], [0xE2, 0x82], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xFF],
        ]
        for sequence in sequences { assertMalformed([0x22] + sequence + [0x22], at: 0, "\(sequence)") }
    }

    private func assertMalformed(_ bytes: [UInt8], at offset: UInt64, _ what: String) {
        XCTAssertThrowsError(try JSONReader.parse(bytes), what) { error in
            XCTAssertEqual((error as? WeightsError)?.reason, .malformed, what)
            XCTAssertEqual((error as? WeightsError)?.byteOffset, offset, what)
        }
    }

    func testNestingIsBounded() throws {
        func nested(_ depth: Int, _ open: String, _ close: String) -> String {
            String(repeating: open, count: depth) + "1" + String(repeating: close, count: depth)
        }
        XCTAssertNoThrow(try parse(nested(JSONReader.maximumNesting, "[", "]")))
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            for depth in [JSONReader.maximumNesting + 1, 200_000] {
                assertBeyondLimit(nested(depth, open, close))
            }
        }
        assertBeyondLimit(String(repeating: "[", count: 1_000_000))
    }

    func testValuesAndNumbersAreBounded() {
        assertBeyondLimit("[" + String(repeating: "0,", count: JSONReader.maximumValues) + "0]")
        assertBeyondLimit(String(repeating: "1", count: JSONReader.maximumNumberLength + 1))
    }

    private func assertBeyondLimit(_ document: String) {
        XCTAssertThrowsError(try parse(document)) {
            XCTAssertEqual(($0 as? WeightsError)?.reason, .limitExceeded)
        }
    }

    /// Foundation writes random documents; this reader must see in them what was written.
    func testReadsWhatFoundationWrites() throws {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<500 {
            let (object, expected) = randomValue(depth: 4, &generator)
            let data = try JSONSerialization.data(
                withJSONObject: ["v": object], options: Bool.random() ? [.prettyPrinted] : [])
            guard case .object(let document) = try JSONReader.parse(Array(data)) else { return XCTFail("no object") }
            XCTAssertTrue(agree(document["v"], expected), String(decoding: data, as: UTF8.self))
        }
    }

    private func randomValue(depth: Int, _ generator: inout SystemRandomNumberGenerator) -> (Any, JSONValue) {
        switch Int.random(in: 0...(depth > 0 ? 5 : 3), using: &generator) {
        case 0: return (NSNull(), .null)
        case 1:
            let value = Int32.random(in: .min ... .max, using: &generator)
            return (Int(value), .integer(Int64(value)))
        case 2:
            let value = Double.random(in: -1e20...1e20, using: &generator)
            return (value, .real(value))
        case 3:
            let scalars = (0..<Int.random(in: 0...8, using: &generator)).compactMap { _ in
                Unicode.Scalar(UInt32.random(in: 0...0x10FFFF, using: &generator))
            }
            let text = String(String.UnicodeScalarView(scalars))
            return (text, .string(text))
        case 4:
            let values = (0..<3).map { _ in randomValue(depth: depth - 1, &generator) }
            return (values.map(\.0), .array(values.map(\.1)))
        default:
            let (object, value) = randomValue(depth: depth - 1, &generator)
            return (["k": object], .array([value]))
        }
    }

    /// `expected` shows an object of one member as an array of one, as only the reader can make objects.
    private func agree(_ value: JSONValue?, _ expected: JSONValue) -> Bool {
        switch (value, expected) {
        case (.object(let object), .array(let elements)):
            return object.members.count == 1 && elements.count == 1 && agree(object["k"], elements[0])
        case (.array(let values), .array(let elements)):
            return values.count == elements.count && zip(values, elements).allSatisfy { agree($0, $1) }
        case (.integer(let integer), .real(let real)):
            // Foundation may write a whole number without its fraction.
            return Double(integer) == real
        case (.string(let text), .string(let other)):
            return Array(text.unicodeScalars) == Array(other.unicodeScalars)
        default: return value == expected
        }
    }
}
