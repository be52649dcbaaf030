internal import NNFGraph

/// Operands that say a shape, a list of axes or a range, which operators take as an attribute in old operator sets and
/// as an input in new ones.
extension OperatorContext {
    /// The shape that an input holds, all entries of which must be extents; `nil` when not even the rank is known.
    func shapeArgument(_ index: Int) throws(Failure) -> [Dimension]? {
        try checkVector(try requiredInput(index), index)
        if let entries = constantIntegers(index), let negative = entries.first(where: { $0 < 0 }) {
            throw invalid("input \(index) holds the extent \(negative); extents must not be negative")
        }
        return heldExtents(index)
    }

    /// An operand that is the attribute `name` or, in later operator sets, an input.
    enum Integers: Equatable {
        case absent
        case known([Int])
        /// Given, but only known when the network runs. `count` is the number of entries, where that is known.
        case open(count: Int?)

        var values: [Int]? {
            if case .known(let values) = self { values } else { nil }
        }
    }

    /// The integers of an operand which is input `index`, or the attribute `name` where that input is left out.
    func integers(attribute name: String, orInput index: Int) throws(Failure) -> Integers {
        guard let value = input(index) else {
            return try intsAttribute(name).map { .known($0) } ?? .absent
        }
        return try integers(of: value, index)
    }

    /// The integers of input `index`.
    func integers(input index: Int) throws(Failure) -> Integers {
        guard let value = input(index) else { return .absent }
        return try integers(of: value, index)
    }

    private func integers(of value: InferredValue, _ index: Int) throws(Failure) -> Integers {
        try checkVector(value, index)
        return constantIntegers(index).map { .known($0) } ?? .open(count: value.type.elementCount)
    }

    /// Exporters write a single number as a scalar or as a vector of one: both pass.
    private func checkVector(_ value: InferredValue, _ index: Int) throws(Failure) {
        if let rank = value.type.shape?.count, rank > 1 {
            throw invalid("input \(index) must be a vector, but has rank \(rank)")
        }
        if value.type.elementType.isFloatingPoint {
            throw invalid("input \(index) must hold integers")
        }
    }
}
