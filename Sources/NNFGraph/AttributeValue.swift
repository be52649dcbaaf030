/// The value of an operator's attribute, as far as cost and features need it: tensors and subgraphs stay in `NNFOnnx`.
package enum AttributeValue: Hashable, Sendable {
    case int(Int64)
    case float(Float)
    case string(String)
    case ints([Int64])
    case floats([Float])
    case strings([String])
}

/// Attributes of one node by name.
package struct Attributes: Hashable, Sendable {
    private var values: [String: AttributeValue]

    package init(_ values: [String: AttributeValue] = [:]) { self.values = values }

    package subscript(name: String) -> AttributeValue? {
        get { values[name] }
        set { values[name] = newValue }
    }

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

    package func floats(_ name: String) -> [Float]? {
        if case .floats(let value)? = values[name] { value } else { nil }
    }

    package func strings(_ name: String) -> [String]? {
        if case .strings(let value)? = values[name] { value } else { nil }
    }

    /// Names in ascending order, so that what is made from attributes does not depend on hashing.
    package var names: [String] { values.keys.sorted() }
}
