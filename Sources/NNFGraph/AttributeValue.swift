/// The value of an operator's attribute, as far as cost and features need it: tensors and subgraphs stay in `NNFOnnx`.
package enum AttributeValue: Hashable, Sendable {
    case int(Int64)
    case float(Float)
    case string(String)
    case ints([Int64])
    case floats([Float])
    case strings([String])

    /// Bytes that the value takes, roughly, and that whoever reads all of it walks through. O(1), but for `strings`.
    package var sizeInBytes: Int {
        switch self {
        case .int, .float: 8
        case .string(let value): value.utf8.count
        case .ints(let values): 8 * values.count
        case .floats(let values): 4 * values.count
        case .strings(let values): values.reduce(0) { $0 + 16 + $1.utf8.count }
        }
    }
}

/// Attributes of one node by name.
package struct Attributes: Hashable, Sendable {
    private var values: [String: AttributeValue]

    /// Bytes of all names and values. What it costs to copy the attributes, or to walk through them, without doing so.
    package private(set) var sizeInBytes: Int

    package init(_ values: [String: AttributeValue] = [:]) {
        self.values = values
        sizeInBytes = values.reduce(0) { $0 + Self.size(of: $1.key, $1.value) }
    }

    package subscript(name: String) -> AttributeValue? {
        get { values[name] }
        set {
            let old: AttributeValue?
            if let newValue {
                old = values.updateValue(newValue, forKey: name)
                sizeInBytes += Self.size(of: name, newValue)
            } else {
                old = values.removeValue(forKey: name)
            }
            if let old { sizeInBytes -= Self.size(of: name, old) }
        }
    }

    private static func size(of name: String, _ value: AttributeValue) -> Int {
        // The entry of the table itself; no overflow, as these are bytes that are in memory.
        64 + name.utf8.count + value.sizeInBytes
    }

    package var count: Int { values.count }

    package func int(_ name: String) -> Int? {
        if case .int(let value)? = values[name] { Int(exactly: value) } else { nil }
    }

    package func float(_ name: String) -> Float? {
        if case .float(let value)? = values[name] { value } else { nil }
    }

    package func string(_ name: String) -> String? {
        if case .string(let value)? = values[name] { value } else { nil }
    }

    package func ints(_ name: String) -> [Int]? {
        guard case .ints(let value)? = values[name] else { return nil }
        return value.map { Int($0) }  // Int is 64 bits wide on every platform that builds this library.
    }

    /// The last `count` numbers of a list, or all where it is shorter, without a copy of the others.
    package func lastInts(_ count: Int, of name: String) -> [Int]? {
        guard case .ints(let value)? = values[name] else { return nil }
        return value.suffix(max(count, 0)).map { Int($0) }
    }

    package func floats(_ name: String) -> [Float]? {
        if case .floats(let value)? = values[name] { value } else { nil }
    }

    package func strings(_ name: String) -> [String]? {
        if case .strings(let value)? = values[name] { value } else { nil }
    }

    /// Names in ascending order, so that what is made from attributes does not depend on hashing.
    package var names: [String] { values.keys.sorted() }
}
