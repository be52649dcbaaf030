internal import NNFGraph

/// `Reshape`: the same elements under another shape, one extent of which may be left to be found.
enum ReshapeRules {
    static let table: [String: OperatorRule] = [
        "Reshape": { context throws(Failure) in try reshape(&context) }
    ]

    /// An entry of the target shape.
    private enum Entry {
        case extent(Dimension)
        /// The extent of the input's axis at this position (0 in the file).
        case copied(axis: Int)
        /// -1 in the file, or a number only known when the network runs: whatever makes the element counts agree.
        case open
    }

    private static func reshape(_ context: inout OperatorContext) throws(Failure) {
        let input = try context.requiredInput(0)
        let target = try context.integers(attribute: "shape", orInput: 1)
        if case .absent = target { throw context.invalid("the target shape is missing") }
        let entries: [Entry]
        if let numbers = target.values {
            entries = try self.entries(numbers, input.type.shape, context)
        } else if let held = context.heldExtents(1) {
            entries = held.map { $0 == .unknown ? .open : .extent($0) }
        } else {
            try context.setOutput(0, input.type.elementType, nil)
            return
        }
        try context.setReshaped(input, to: resolved(entries, input.type.shape, context))
    }

    /// What the numbers of a constant target shape mean.
    private static func entries(
        _ numbers: [Int], _ shape: [Dimension]?, _ context: OperatorContext
    ) throws(Failure) -> [Entry] {
        let zeroIsExtent = try context.flagAttribute("allowzero", default: false)
        if let number = numbers.first(where: { $0 < -1 }) {
            throw context.invalid("the target shape \(numbers) holds \(number)")
        }
        let openCount = numbers.count { $0 == -1 }
        guard openCount <= 1 else {
            throw context.invalid("the target shape \(numbers) leaves \(openCount) extents open; one may be")
        }
        if zeroIsExtent, openCount == 1, numbers.contains(0) {
            throw context.invalid("the target shape \(numbers) holds both 0 and -1 although 'allowzero' is set")
        }
        var entries: [Entry] = []
        for (axis, number) in numbers.enumerated() {
            switch number {
            case -1:
                entries.append(.open)
            case 0 where !zeroIsExtent:
                if let shape, axis >= shape.count {
                    throw context.invalid(
                        "the target shape \(numbers) copies axis \(axis), which \(context.describe(shape)) does not have")
                }
                entries.append(.copied(axis: axis))
            default:
                entries.append(.extent(Dimension(number)))
            }
        }
        return entries
    }

    /// The shape that `entries` describe. Open axes on both sides cancel, so that `[N, 512, 7, 7]` under `[N, -1]` has
    /// 25,088 columns whatever N is.
    private static func resolved(
        _ entries: [Entry], _ shape: [Dimension]?, _ context: OperatorContext
    ) throws(Failure) -> [Dimension] {
        /// Axes of the input that nothing in the target accounts for yet, and extents of the target likewise.
        var source: [Dimension?] = shape ?? []
        var target: [Dimension] = []
        var result: [Dimension] = []
        var openAxes: [Int] = []
        for (axis, entry) in entries.enumerated() {
            let extent: Dimension
            let origin: Int?
            switch entry {
            case .open:
                openAxes.append(axis)
                result.append(.unknown)
                continue
            case .copied(let axis):
                origin = source.indices.contains(axis) ? axis : nil
                extent = origin.flatMap { shape?[$0] } ?? .unknown
            case .extent(let given):
                origin = source.firstIndex(of: given)
                extent = given
            }
            result.append(extent)
            if let origin, !extent.isKnown, source[origin] != nil {
                source[origin] = nil
            } else {
                target.append(extent)
            }
        }
        guard shape != nil else { return result }
        let left = Factors(source.compactMap { $0 })
        let right = Factors(target)
        switch openAxes.count {
        case 0:
            // A symbol may turn out to be 0, with which everything agrees: only exact counts can contradict.
            if left.isExact, right.isExact, source.allSatisfy({ $0 != nil }), left.product != right.product,
                left.product != nil
            {
                throw mismatch(shape, result, context)
            }
        case 1:
            guard let axis = openAxes.first, right.isExact, let available = left.product else { break }
            guard let divisor = right.product, divisor > 0, available % divisor == 0 else {
                if left.isExact { throw mismatch(shape, result, context) }
                break
            }
            if left.isExact {
                result[axis] = Dimension(available / divisor)
            } else if left.open.count == 1, available == divisor {
                result[axis] = left.open.first ?? .unknown
            }
        default:
            break
        }
        return result
    }

    /// Extents to be multiplied: the product of those known, and the others.
    private struct Factors {
        /// `nil` when it does not fit a number.
        var product: Int?
        var open: [Dimension]

        var isExact: Bool { open.isEmpty }

        init(_ extents: [Dimension]) {
            open = extents.filter { !$0.isKnown }
            let known = extents.compactMap(\.extent)
            product = known.contains(0) ? 0 : 1
            for extent in known {
                let (next, overflow) = product?.multipliedReportingOverflow(by: extent) ?? (0, true)
                product = overflow ? nil : next
            }
        }
    }

    private static func mismatch(
        _ shape: [Dimension]?, _ target: [Dimension], _ context: OperatorContext
    ) -> Failure {
        context.invalid(
            "shape \(context.describe(shape)) cannot be reshaped to \(context.describe(target)): the element counts differ")
    }
}
