internal import NNFGraph

/// A function of one element. Unknown where it overflows, divides by zero or is not exact.
typealias UnaryElementFunction = @Sendable (Element) -> Element
/// A function of two elements; the same holds.
typealias BinaryElementFunction = @Sendable (Element, Element) -> Element

/// The arithmetic of ONNX's element-wise operators on single elements.
///
/// Only operators that shape arithmetic uses and whose result IEEE 754 fixes to the last bit are here: an `Exp` that
/// differs from the runtime's in its last bit could turn a `Floor` after it, and with that a shape.
enum ElementFunctions {
    // MARK: One argument

    static let identity: UnaryElementFunction = { $0 }

    static let negative = unary({ Int64(0).subtracted($0) }, { -$0 })

    static let absolute = unary({ $0 < 0 ? Int64(0).subtracted($0) : $0 }, { $0.magnitude })

    static let sign = unary({ $0.signum() }, { $0 == 0 ? 0 : ($0 < 0 ? -1 : 1) })

    static let squareRoot = unary({ _ in nil }, { $0 < 0 ? nil : $0.squareRoot() })

    static let reciprocal = unary({ _ in nil }, { $0 == 0 ? nil : 1 / $0 })

    static let floor = unary({ $0 }, { $0.rounded(.down) })

    static let ceiling = unary({ $0 }, { $0.rounded(.up) })

    static let round = unary({ $0 }, { $0.rounded(.toNearestOrEven) })

    static let rectified = unary({ max($0, 0) }, { max($0, 0) })

    static let not: UnaryElementFunction = { element in
        if case .integer(let flag) = element { .integer(flag == 0 ? 1 : 0) } else { .unknown }
    }

    /// `Cast` to `type`: reals are truncated towards zero; what is out of range stays unknown.
    static func cast(to type: ElementType) -> UnaryElementFunction {
        { element in
            switch element {
            case .integer(let number):
                if type == .bool { return .integer(number == 0 ? 0 : 1) }
                // Beyond 2⁵³ a double may round, and rounding once more to `float` could then differ.
                guard type.isFloatingPoint else { return element }
                return Double(exactly: number).map { .real($0) } ?? .unknown
            case .real(let number):
                if type.isFloatingPoint { return element }
                if type == .bool { return .integer(number == 0 ? 0 : 1) }
                return Int64(exactly: number.rounded(.towardZero)).map { .integer($0) } ?? .unknown
            case .symbol:
                return type == .int64 || type == .int32 ? element : .unknown
            case .unknown:
                return .unknown
            }
        }
    }

    // MARK: Two arguments

    static let add = binary({ $0.added($1) }, { $0 + $1 }, { $0 + $1 })

    static let subtract = binary({ $0.subtracted($1) }, { $0 - $1 }, { $0 - $1 })

    static let multiply = binary({ $0.multiplied($1) }, { $0 * $1 }, { $0 * $1 })

    /// Integers are divided towards zero, as C does.
    static let divide = binary(
        { dividend, divisor in
            guard divisor != 0 else { return nil }
            let (quotient, overflow) = dividend.dividedReportingOverflow(by: divisor)
            return overflow ? nil : quotient
        }, { $1 == 0 ? nil : $0 / $1 }, { $0 / $1 })

    /// `Mod` with `fmod` = 0: the result has the sign of the divisor, as in Python. Integers only.
    static let modulo = binary(
        { dividend, divisor in
            guard let remainder = truncatedRemainder(dividend, divisor) else { return nil }
            return remainder != 0 && (remainder < 0) != (divisor < 0)
                ? remainder.added(divisor) : remainder
        }, { _, _ in nil })

    /// `Mod` with `fmod` = 1: the result has the sign of the dividend, as in C.
    static let remainder = binary(
        truncatedRemainder, { $1 == 0 ? nil : $0.truncatingRemainder(dividingBy: $1) })

    static let minimum = binary(
        { min($0, $1) }, { min($0, $1) }, { $0 == $1 ? $0 : .unknown })

    static let maximum = binary(
        { max($0, $1) }, { max($0, $1) },
        { left, right in
            // An extent is never negative.
            if left == right || right.extent == 0 { return left }
            return left.extent == 0 ? right : .unknown
        })

    /// `Pow`, whose exponent may be of another type; only where the result is exact or a square root.
    static let power: BinaryElementFunction = { base, exponent in
        let power: Double
        switch exponent {
        case .integer(let number): power = Double(number)
        case .real(let number): power = number
        case .symbol, .unknown: return .unknown
        }
        switch base {
        case .integer(let number):
            return Int64(exactly: power).flatMap { raised(number, to: $0) }.map { .integer($0) }
                ?? .unknown
        case .real(let number):
            if power == 0.5, number >= 0 { return .real(number.squareRoot()) }
            if power == 1 { return base }
            if power == 2 { return .real(number * number) }
            if power == -1, number != 0 { return .real(1 / number) }
            guard let whole = Int64(exactly: number), let exponent = Int64(exactly: power),
                let result = raised(whole, to: exponent)
            else { return .unknown }
            return Double(exactly: result).map { .real($0) } ?? .unknown
        case .symbol:
            return power == 1 ? base : .unknown
        case .unknown:
            return .unknown
        }
    }

    // MARK: Comparisons and logic, which give booleans

    static let equal = comparison({ $0 == $1 }, { $0 == $1 }, symbolAgainstNegative: false, onSame: true)
    static let less = comparison({ $0 < $1 }, { $0 < $1 }, symbolAgainstNegative: false, onSame: false)
    static let lessOrEqual = comparison(
        { $0 <= $1 }, { $0 <= $1 }, symbolAgainstNegative: false, onSame: true)

    static let greater: BinaryElementFunction = { less($1, $0) }
    static let greaterOrEqual: BinaryElementFunction = { lessOrEqual($1, $0) }

    static let and = logic { $0 && $1 }
    static let or = logic { $0 || $1 }
    static let xor = logic { $0 != $1 }

    // MARK: Construction

    private static func unary(
        _ integers: @escaping @Sendable (Int64) -> Int64?,
        _ reals: @escaping @Sendable (Double) -> Double?
    ) -> UnaryElementFunction {
        { element in
            switch element {
            case .integer(let number): integers(number).map { .integer($0) } ?? .unknown
            case .real(let number): reals(number).map { .real($0) } ?? .unknown
            case .symbol, .unknown: .unknown
            }
        }
    }

    /// `extents` computes with a symbol on at least one side and an extent on the other.
    private static func binary(
        _ integers: @escaping @Sendable (Int64, Int64) -> Int64?,
        _ reals: @escaping @Sendable (Double, Double) -> Double?,
        _ extents: @escaping @Sendable (Dimension, Dimension) -> Dimension = { _, _ in .unknown }
    ) -> BinaryElementFunction {
        { left, right in
            switch (left, right) {
            case (.integer(let a), .integer(let b)):
                return integers(a, b).map { .integer($0) } ?? .unknown
            case (.real(let a), .real(let b)):
                return reals(a, b).map { .real($0) } ?? .unknown
            case (.symbol, .symbol), (.symbol, .integer), (.integer, .symbol):
                let (a, b) = (left.dimension, right.dimension)
                // A negative integer is no extent.
                guard a != .unknown, b != .unknown else { return .unknown }
                return Element(extents(a, b))
            default:
                return .unknown
            }
        }
    }

    /// A symbol is an extent, so it is never negative; `symbolAgainstNegative` is the answer for (symbol, negative), its
    /// mirror image follows from it. `onSame` is the answer for a symbol and itself.
    private static func comparison(
        _ integers: @escaping @Sendable (Int64, Int64) -> Bool,
        _ reals: @escaping @Sendable (Double, Double) -> Bool,
        symbolAgainstNegative: Bool, onSame: Bool
    ) -> BinaryElementFunction {
        { left, right in
            switch (left, right) {
            case (.integer(let a), .integer(let b)): truth(integers(a, b))
            case (.real(let a), .real(let b)): truth(reals(a, b))
            case (.symbol(let a), .symbol(let b)): a == b ? truth(onSame) : .unknown
            case (.symbol, .integer(let b)): b < 0 ? truth(symbolAgainstNegative) : .unknown
            case (.integer(let a), .symbol): a < 0 ? truth(integers(a, 0)) : .unknown
            default: .unknown
            }
        }
    }

    private static func logic(
        _ function: @escaping @Sendable (Bool, Bool) -> Bool
    ) -> BinaryElementFunction {
        { left, right in
            guard case .integer(let a) = left, case .integer(let b) = right else { return .unknown }
            return truth(function(a != 0, b != 0))
        }
    }

    private static func truth(_ value: Bool) -> Element { .integer(value ? 1 : 0) }

    @Sendable private static func truncatedRemainder(_ dividend: Int64, _ divisor: Int64) -> Int64? {
        guard divisor != 0 else { return nil }
        let (remainder, overflow) = dividend.remainderReportingOverflow(dividingBy: divisor)
        return overflow ? 0 : remainder  // The only overflow is Int64.min by -1, which leaves nothing.
    }

    /// `base` to the power `exponent` by squaring; `nil` when it does not fit or the exponent is negative.
    private static func raised(_ base: Int64, to exponent: Int64) -> Int64? {
        guard exponent >= 0 else { return nil }
        var (result, factor, remaining): (Int64, Int64, Int64) = (1, base, exponent)
        while remaining > 0 {
            if remaining & 1 == 1 {
                guard let product = result.multiplied(factor) else { return nil }
                result = product
            }
            remaining >>= 1
            guard remaining > 0 else { break }
            guard let square = factor.multiplied(factor) else { return nil }
            factor = square
        }
        return result
    }
}

extension Int64 {
    fileprivate func added(_ other: Int64) -> Int64? {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? nil : sum
    }

    fileprivate func subtracted(_ other: Int64) -> Int64? {
        let (difference, overflow) = subtractingReportingOverflow(other)
        return overflow ? nil : difference
    }

    fileprivate func multiplied(_ other: Int64) -> Int64? {
        let (product, overflow) = multipliedReportingOverflow(by: other)
        return overflow ? nil : product
    }
}
