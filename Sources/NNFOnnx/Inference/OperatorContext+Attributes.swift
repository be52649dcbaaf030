internal import NNFGraph

/// Typed access to the attributes of the node. Each throws when the attribute is there but of another kind.
extension OperatorContext {
    /// How messages call this node: its name, or its first output where it has none, and its operator.
    var nodeDescription: String {
        let name = node.name.isEmpty ? (node.outputs.first { !$0.isEmpty } ?? "") : node.name
        return "node '\(name)' (\(node.operatorType))"
    }

    /// The failure of a node that contradicts the specification of its operator.
    func invalid(_ reason: String) -> Failure {
        Failure(.invalidModel, "\(nodeDescription): \(reason)")
    }

    func intAttribute(_ name: String) throws(Failure) -> Int? {
        guard let value = node.attributes[name] else { return nil }
        guard case .int(let number) = value, let result = Int(exactly: number) else {
            throw invalid("attribute '\(name)' must be an integer")
        }
        return result
    }

    func intAttribute(_ name: String, default value: Int) throws(Failure) -> Int {
        try intAttribute(name) ?? value
    }

    /// An integer attribute that stands for a truth value.
    func flagAttribute(_ name: String, default value: Bool) throws(Failure) -> Bool {
        try intAttribute(name).map { $0 != 0 } ?? value
    }

    func intsAttribute(_ name: String) throws(Failure) -> [Int]? {
        guard let value = node.attributes[name] else { return nil }
        switch value {
        case .ints(let numbers):
            return numbers.map { Int($0) }  // Int is 64 bits wide on every platform that builds this library.
        case .floats(let numbers) where numbers.isEmpty:
            return []  // An empty list carries no kind in some writers.
        default:
            throw invalid("attribute '\(name)' must be a list of integers")
        }
    }

    func floatAttribute(_ name: String, default value: Float) throws(Failure) -> Float {
        switch node.attributes[name] {
        case nil: return value
        case .float(let number): return number
        default: throw invalid("attribute '\(name)' must be a floating-point number")
        }
    }

    func stringAttribute(_ name: String, default value: String) throws(Failure) -> String {
        switch node.attributes[name] {
        case nil: return value
        case .string(let text): return text
        default: throw invalid("attribute '\(name)' must be a string")
        }
    }

    /// An attribute that holds the number of an element type, as `dtype` and `to` do.
    func elementTypeAttribute(_ name: String) throws(Failure) -> ElementType? {
        guard let number = try intAttribute(name) else { return nil }
        guard let rawValue = Int32(exactly: number), rawValue > 0 else {
            throw invalid("attribute '\(name)' is \(number), which is no element type")
        }
        return ElementType(rawValue: rawValue)
    }
}
