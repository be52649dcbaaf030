/// The extent of one axis: a number, a symbol the caller may fix, or unknown.
///
/// Arithmetic never traps: a result that does not fit in `Int` is unknown.
package struct Dimension: Hashable, Sendable {
    /// ≥ 0: the extent. -1: unknown. ≤ -2: a symbol.
    private let rawValue: Int

    private init(rawValue: Int) { self.rawValue = rawValue }

    package static let unknown = Dimension(rawValue: -1)

    /// A known extent; a negative one is unknown.
    package init(_ extent: Int) { rawValue = extent >= 0 ? extent : -1 }

    /// The symbol of the given number; two axes with the same symbol have the same extent.
    package static func symbol(_ number: Int32) -> Dimension {
        Dimension(rawValue: -2 - Int(max(number, 0)))
    }

    package var extent: Int? { rawValue >= 0 ? rawValue : nil }
    package var isKnown: Bool { rawValue >= 0 }

    package static func * (left: Dimension, right: Dimension) -> Dimension {
        if left.extent == 1 { return right }
        if right.extent == 1 { return left }
        guard let a = left.extent, let b = right.extent else { return .unknown }
        let (product, overflow) = a.multipliedReportingOverflow(by: b)
        return overflow ? .unknown : Dimension(product)
    }

    package static func + (left: Dimension, right: Dimension) -> Dimension {
        if left.extent == 0 { return right }
        if right.extent == 0 { return left }
        guard let a = left.extent, let b = right.extent else { return .unknown }
        let (sum, overflow) = a.addingReportingOverflow(b)
        return overflow ? .unknown : Dimension(sum)
    }
}
