internal import NNFGraph

/// A way to read a constant: the element at position (i₀, i₁, …) is number `offset + Σ iₖ·strides[k]`.
///
/// Transposing, slicing and broadcasting a constant are all changes of its view; the elements move once, at the end.
struct StridedView {
    var extents: [Int]
    var strides: [Int]
    var offset = 0

    /// The view of a row-major tensor as it lies in memory.
    init(rowMajor extents: [Int]) {
        self.extents = extents
        strides = []
        var stride = 1
        for extent in extents.reversed() {
            strides.append(stride)
            stride &*= extent  // Wraps only when an extent is zero, and then no stride is used.
        }
        strides.reverse()
    }

    /// Numbers of the elements in row-major order of the view; `nil` for more than `Limits.constantElements`.
    ///
    /// Arithmetic wraps: a view that is not of a constant of that size gives numbers which `picked(at:)` refuses.
    var elementNumbers: [Int]? {
        guard let count = ConstantValue.elementCount(of: extents) else { return nil }
        guard count > 0 else { return [] }
        var numbers = [offset]
        for (extent, stride) in zip(extents, strides) where extent != 1 {
            var next: [Int] = []
            next.reserveCapacity(numbers.count * extent)  // ≤ count
            for number in numbers {
                for position in 0..<extent { next.append(number &+ position &* stride) }
            }
            numbers = next
        }
        return numbers
    }
}

extension Array {
    /// The elements of the given numbers, in that order; `nil` when one is out of range.
    func picked(at numbers: [Int]) -> [Element]? {
        var result: [Element] = []
        result.reserveCapacity(numbers.count)
        for number in numbers {
            guard indices.contains(number) else { return nil }
            result.append(self[number])
        }
        return result
    }
}

extension ConstantElements {
    /// The elements of the given numbers, in that order; `nil` when one is out of range.
    func picked(at numbers: [Int]) -> ConstantElements? {
        switch self {
        case .integers(let elements):
            elements.picked(at: numbers).map { .integers($0) }
        case .reals(let elements):
            elements.picked(at: numbers).map { .reals($0) }
        }
    }

    /// The elements of `self`, then those of `other`; `nil` when they are of different kinds.
    func appending(_ other: ConstantElements) -> ConstantElements? {
        switch (self, other) {
        case (.integers(let left), .integers(let right)): .integers(left + right)
        case (.reals(let left), .reals(let right)): .reals(left + right)
        default: nil
        }
    }
}

extension ConstantValue {
    /// Product of the extents, `nil` when it exceeds `Limits.constantElements`.
    static func elementCount(of extents: [Int]) -> Int? {
        if extents.contains(0) { return 0 }
        var count = 1
        for extent in extents {
            let (product, overflow) = count.multipliedReportingOverflow(by: extent)
            guard !overflow, product <= Limits.constantElements else { return nil }
            count = product
        }
        return count
    }

    /// The constant as `view` reads it; `nil` when that is too large or the view is not one of this constant.
    func read(through view: StridedView) -> ConstantValue? {
        guard let numbers = view.elementNumbers else { return nil }
        return picked(at: numbers, extents: view.extents)
    }

    /// The elements of the given numbers as a tensor of the given extents; `nil` when their count differs or one is out
    /// of range.
    func picked(at numbers: [Int], extents: [Int]) -> ConstantValue? {
        guard numbers.count == Self.elementCount(of: extents),
            let picked = elements.picked(at: numbers)
        else { return nil }
        return ConstantValue(elementType: elementType, extents: extents, elements: picked)
    }

    /// The same elements under other extents of the same product; `nil` when the product differs.
    func reshaped(to extents: [Int]) -> ConstantValue? {
        guard Self.elementCount(of: extents) == elements.count else { return nil }
        return ConstantValue(elementType: elementType, extents: extents, elements: elements)
    }
}
