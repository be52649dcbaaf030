/// A JSON document (RFC 8259).
package enum JSONValue: Equatable, Sendable {
    case null
    case boolean(Bool)
    /// A number written without fraction and exponent that fits 64 bits.
    case integer(Int64)
    /// Any other number; always finite.
    case real(Double)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)
}

/// Members of a JSON object in the order of the document, each name once.
package struct JSONObject: Equatable, Sendable {
    package struct Member: Equatable, Sendable {
        package let name: String
        package let value: JSONValue
    }

    package private(set) var members: [Member] = []
    private var positions: [String: Int] = [:]

    package subscript(name: String) -> JSONValue? {
        guard let position = positions[name], members.indices.contains(position) else { return nil }
        return members[position].value
    }

    /// False, and nothing is added, when the name is taken.
    mutating func append(_ name: String, _ value: JSONValue) -> Bool {
        guard positions.updateValue(members.count, forKey: name) == nil else { return false }
        members.append(Member(name: name, value: value))
        return true
    }
}
