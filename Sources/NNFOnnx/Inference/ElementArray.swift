internal import NNFGraph

/// One element of a value that shape arithmetic follows.
enum Element: Hashable, Sendable {
    case integer(Int64)
    case real(Double)
    /// An extent known by its symbol only; never a known or unknown `Dimension`, for which there are the other cases.
    case symbol(Dimension)
    case unknown

    init(_ dimension: Dimension) {
        if let extent = dimension.extent {
            self = .integer(Int64(extent))
        } else {
            self = dimension == .unknown ? .unknown : .symbol(dimension)
        }
    }

    /// The element as an extent: unknown for what is negative, real or unknown.
    var dimension: Dimension {
        switch self {
        case .integer(let number): Int(exactly: number).map { Dimension($0) } ?? .unknown
        case .symbol(let dimension): dimension
        case .real, .unknown: .unknown
        }
    }

    /// The element as the tensor type stores it; unknown when it does not fit, as is every real that is not finite.
    ///
    /// A result of one addition, product, quotient or root of two `float` numbers that was computed in double precision
    /// and is then rounded here equals the one computed in `float` (Figueroa, "When is double rounding innocuous?", 1995).
    func stored(as type: ElementType) -> Element {
        switch self {
        case .integer(let number):
            type.integerRange?.contains(number) == true ? self : .unknown
        case .real(let number):
            type.rounded(number).map { .real($0) } ?? .unknown
        case .symbol, .unknown:
            self
        }
    }
}

extension ElementType {
    /// The integers of the type, `nil` for types that hold none. `uint64` reaches as far as constants are kept.
    fileprivate var integerRange: ClosedRange<Int64>? {
        switch self {
        case .bool: 0...1
        case .uint8: 0...Int64(UInt8.max)
        case .int8: Int64(Int8.min)...Int64(Int8.max)
        case .uint16: 0...Int64(UInt16.max)
        case .int16: Int64(Int16.min)...Int64(Int16.max)
        case .uint32: 0...Int64(UInt32.max)
        case .int32: Int64(Int32.min)...Int64(Int32.max)
        case .uint64: 0...Int64.max
        case .int64: Int64.min...Int64.max
        default: nil
        }
    }

    /// The nearest number of a floating-point type, `nil` when it is not finite or the type is not computed with.
    fileprivate func rounded(_ number: Double) -> Double? {
        let result: Double? =
            switch self {
            case .double: number
            case .float: Double(Float(number))
            case .float16: Self.rounded(number, fractionBits: 10, leastExponent: -14, largest: 65504)
            case .bfloat16:
                Self.rounded(
                    number, fractionBits: 7, leastExponent: -126, largest: 0x1.FEp127)
            default: nil
            }
        guard let result, result.isFinite else { return nil }
        return result
    }

    /// Rounds to the nearest multiple, ties to even, of the unit in the last place of a narrower binary format.
    private static func rounded(
        _ number: Double, fractionBits: Int, leastExponent: Int, largest: Double
    ) -> Double? {
        guard number.isFinite, number != 0 else { return number.isFinite ? number : nil }
        let exponent = max(Int(number.exponent), leastExponent)  // Finite and not zero: at most 1023.
        let unit = Double(sign: .plus, exponent: exponent - fractionBits, significand: 1)
        let result = (number / unit).rounded(.toNearestOrEven) * unit
        return result.magnitude <= largest ? result : nil
    }
}

/// The elements of a small tensor, each of them known or not, for element-wise computation.
///
/// Constants and shape vectors with symbols take the same way through here, so that `known · known` and `symbol · 1`
/// need no rules of their own.
struct ElementArray {
    var elementType: ElementType
    var extents: [Int]
    /// Row-major; as many as the product of `extents`, at most `Limits.constantElements`.
    var elements: [Element]

    /// `nil` when nothing is known of the elements of `value`.
    init?(_ value: InferredValue) {
        elementType = value.type.elementType
        if let constant = value.constant {
            extents = constant.extents
            elements =
                switch constant.elements {
                case .integers(let numbers): numbers.map { .integer($0) }
                case .reals(let numbers): numbers.map { .real($0) }
                }
        } else if let partial = value.partialElements, let rank = value.type.shape?.count, rank <= 1 {
            extents = rank == 0 ? [] : [partial.count]
            elements = partial.map { Element($0) }
        } else {
            return nil
        }
        guard ConstantValue.elementCount(of: extents) == elements.count else { return nil }
    }

    /// Elements are stored as `elementType` holds them. `elements` must be as many as `extents` say.
    private init(_ elementType: ElementType, extents: [Int], elements: [Element]) {
        self.elementType = elementType
        self.extents = extents
        self.elements = elements.map { $0.stored(as: elementType) }
    }

    /// The array that one element-wise function gives.
    func map(to type: ElementType, _ function: (Element) -> Element) -> ElementArray {
        ElementArray(type, extents: extents, elements: elements.map(function))
    }

    /// The array that an element-wise function of two arguments gives, after broadcasting. `nil` when the shapes cannot be
    /// broadcast or the result has more than `Limits.constantElements` elements.
    func combined(
        with other: ElementArray, to type: ElementType, _ function: (Element, Element) -> Element
    ) -> ElementArray? {
        guard let common = Self.broadcast(extents, other.extents),
            let left = broadcast(to: common), let right = other.broadcast(to: common)
        else { return nil }
        return ElementArray(type, extents: common, elements: zip(left, right).map(function))
    }

    /// The elements of `left` where the corresponding element of this array is true, of `right` where it is false.
    func selecting(_ left: ElementArray, _ right: ElementArray) -> ElementArray? {
        guard let sides = Self.broadcast(left.extents, right.extents),
            let common = Self.broadcast(extents, sides),
            let conditions = broadcast(to: common),
            let lefts = left.broadcast(to: common), let rights = right.broadcast(to: common)
        else { return nil }
        let elements = zip(conditions, zip(lefts, rights)).map { condition, pair in
            switch condition {
            case .integer(let flag): flag != 0 ? pair.0 : pair.1
            default: pair.0 == pair.1 ? pair.0 : .unknown
            }
        }
        return ElementArray(left.elementType, extents: common, elements: elements)
    }

    /// The array with `axes` (distinct positions) folded by `function`, starting from `initial`, where that is an element;
    /// an empty fold without one is unknown. Reduced axes keep extent 1.
    func reduced(
        over axes: [Int], from initial: Element?, _ function: (Element, Element) -> Element
    ) -> ElementArray? {
        var kept = StridedView(rowMajor: extents)
        let targetExtents = extents.indices.map { axes.contains($0) ? 1 : extents[$0] }
        let targetStrides = StridedView(rowMajor: targetExtents).strides
        kept.strides = extents.indices.map { axes.contains($0) ? 0 : targetStrides[$0] }
        guard let targets = kept.elementNumbers, targets.count == elements.count,
            let count = ConstantValue.elementCount(of: targetExtents)
        else { return nil }
        var result: [Element?] = Array(repeating: initial, count: count)
        for (element, target) in zip(elements, targets) where result.indices.contains(target) {
            let folded = result[target].map { function($0, element) } ?? element
            result[target] = folded.stored(as: elementType)
        }
        return ElementArray(
            elementType, extents: targetExtents, elements: result.map { $0 ?? .unknown })
    }

    /// The array under other extents of the same product.
    func reshaped(to extents: [Int]) -> ElementArray? {
        guard ConstantValue.elementCount(of: extents) == elements.count else { return nil }
        return ElementArray(elementType, extents: extents, elements: elements)
    }

    /// `type` with what is known of its elements: all of them (a constant), some (extents), or nothing.
    func inferred(as type: TensorType) -> InferredValue {
        var value = InferredValue(type: type)
        let integers = elements.compactMap { if case .integer(let number) = $0 { number } else { nil } }
        let reals = elements.compactMap { if case .real(let number) = $0 { number } else { nil } }
        // An empty tensor is all known, of whichever kind its type holds.
        if integers.count == elements.count, elementType.integerRange != nil {
            value.constant = ConstantValue(
                elementType: elementType, extents: extents, elements: .integers(integers))
        } else if reals.count == elements.count, elementType.isFloatingPoint {
            value.constant = ConstantValue(
                elementType: elementType, extents: extents, elements: .reals(reals))
        } else if extents.count <= 1, elementType.integerRange != nil, elementType != .bool,
            elements.contains(where: { $0 != .unknown })
        {
            value.partialElements = elements.map(\.dimension)
        }
        return value
    }

    private static func broadcast(_ left: [Int], _ right: [Int]) -> [Int]? {
        let rank = max(left.count, right.count)
        let paddedLeft = Array(repeating: 1, count: rank - left.count) + left
        let paddedRight = Array(repeating: 1, count: rank - right.count) + right
        var result: [Int] = []
        for (a, b) in zip(paddedLeft, paddedRight) {
            guard a == b || a == 1 || b == 1 else { return nil }
            result.append(a == 1 ? b : a)
        }
        return result
    }

    /// The elements repeated to fill `target`, which these extents broadcast to.
    private func broadcast(to target: [Int]) -> [Element]? {
        if extents == target { return elements }
        let missing = target.count - extents.count
        guard missing >= 0 else { return nil }
        var view = StridedView(rowMajor: extents)
        view.strides =
            Array(repeating: 0, count: missing)
            + zip(extents, view.strides).map { extent, stride in extent == 1 ? 0 : stride }
        view.extents = target
        return view.elementNumbers.flatMap { elements.picked(at: $0) }
    }
}
