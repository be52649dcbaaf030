internal import NNFGraph

/// Operators that cut tensors along axes.
enum SliceRules {
    static let table: [String: OperatorRule] = [
        "Slice": { context throws(Failure) in try slice(&context) },
        "Split": { context throws(Failure) in try split(&context) },
    ]

    /// Positions `start`, `start + step`, … of an axis: how many there are, and the first.
    struct Selection: Equatable {
        var first: Int
        var count: Int

        /// The positions from `start` to before `end` on an axis of `extent`, as in Python: negative positions count from
        /// the end, those out of range are clamped. `step` is not 0.
        init(extent: Int, start: Int, end: Int, step: Int) {
            // A negative position plus an extent cannot overflow.
            let low = step > 0 ? 0 : -1
            let high = step > 0 ? extent : extent - 1
            first = min(max(start < 0 ? start + extent : start, low), high)
            // On a backward slice, one before the first position is reached only by an end that stays negative.
            let last = min(max(end < 0 ? end + extent : end, low), high)
            let span = step > 0 ? last - first : first - last
            guard span > 0 else {
                count = 0
                return
            }
            let steps = UInt(span - 1) / step.magnitude  // < extent
            count = Int(steps) + 1
        }
    }

    /// Starts and ends are attributes before operator set 10 and inputs since, with steps.
    private static func slice(_ context: inout OperatorContext) throws(Failure) {
        let input = try context.requiredInput(0)
        let starts = try context.integers(attribute: "starts", orInput: 1)
        let ends = try context.integers(attribute: "ends", orInput: 2)
        guard starts != .absent, ends != .absent else {
            throw context.invalid("starts or ends are missing")
        }
        guard let shape = input.type.shape else {
            try context.setOutput(0, input.type.elementType, nil)
            return
        }
        let count = try entryCount(of: [starts, ends], context)
        let axes: [Int]
        switch try context.integers(attribute: "axes", orInput: 3) {
        case .known(let given):
            axes = try context.normalizedAxes(given, rank: shape.count)
        case .absent:
            guard let count else {
                try context.setOutput(0, input.type.elementType, shape.map { _ in .unknown })
                return
            }
            guard count <= shape.count else {
                throw context.invalid("\(count) starts are given for a tensor of rank \(shape.count)")
            }
            axes = Array(0..<count)
        case .open:
            try context.setOutput(0, input.type.elementType, shape.map { _ in .unknown })
            return
        }
        if let count, count != axes.count {
            throw context.invalid("\(count) starts are given for \(axes.count) axes")
        }
        let steps = try self.steps(count: axes.count, context)
        try setSlice(
            of: input, shape, axes: axes, starts: starts.values, ends: ends.values, steps: steps, &context)
    }

    /// The one number of entries that the operands have.
    private static func entryCount(
        of operands: [OperatorContext.Integers], _ context: OperatorContext
    ) throws(Failure) -> Int? {
        var result: Int?
        for operand in operands {
            let count: Int? =
                switch operand {
                case .absent: nil
                case .known(let values): values.count
                case .open(let count): count
                }
            if let count, let other = result, count != other {
                throw context.invalid("there are \(other) starts, but \(count) ends")
            }
            result = result ?? count
        }
        return result
    }

    /// One step for each axis; `nil` when they are only known at run time.
    private static func steps(count: Int, _ context: OperatorContext) throws(Failure) -> [Int]? {
        switch try context.integers(input: 4) {
        case .absent: return Array(repeating: 1, count: count)
        case .open: return nil
        case .known(let steps):
            guard steps.count == count else {
                throw context.invalid("\(steps.count) steps are given for \(count) axes")
            }
            guard !steps.contains(0) else { throw context.invalid("a step is zero") }
            return steps
        }
    }

    private static func setSlice(
        of input: InferredValue, _ shape: [Dimension], axes: [Int], starts: [Int]?, ends: [Int]?,
        steps: [Int]?, _ context: inout OperatorContext
    ) throws(Failure) {
        var result = InferredValue(type: TensorType(input.type.elementType, shape))
        var view = input.constant.map { StridedView(rowMajor: $0.extents) }
        var extents = shape
        for (entry, axis) in axes.enumerated() {
            guard let start = starts?[entry], let step = steps?[entry] else {
                extents[axis] = .unknown
                continue
            }
            guard let extent = shape[axis].extent else {
                extents[axis] = openExtent(
                    shape[axis], start: start, end: ends?[entry], heldEnd: heldEnd(entry, context), step: step)
                continue
            }
            guard let end = ends?[entry] else {
                extents[axis] = .unknown
                continue
            }
            let selection = Selection(extent: extent, start: start, end: end, step: step)
            extents[axis] = Dimension(selection.count)
            view?.select(selection, step: step, axis: axis)
        }
        result.type.shape = extents
        if let view, extents.allSatisfy(\.isKnown) { result.constant = input.constant?.read(through: view) }
        if let partial = input.partialElements, shape.count == 1, let start = starts?.first,
            let end = ends?.first, let step = steps?.first
        {
            let selection = Selection(extent: partial.count, start: start, end: end, step: step)
            result = InferredValue(
                holding: (0..<selection.count).map { partial[selection.first + $0 * step] },
                elementType: input.type.elementType)
        } else if axes.isEmpty {
            result.partialElements = input.partialElements
        }
        try context.setOutput(0, result)
    }

    private static func heldEnd(_ entry: Int, _ context: OperatorContext) -> Dimension? {
        guard let held = context.heldExtents(2), held.indices.contains(entry) else { return nil }
        return held[entry]
    }

    /// The extent left of an open axis: itself where the slice surely takes it whole, forwards or backwards.
    private static func openExtent(
        _ dimension: Dimension, start: Int, end: Int?, heldEnd: Dimension?, step: Int
    ) -> Dimension {
        // Writers say "to the end" by the greatest number of 32 or 64 bits.
        let farAway = Int(Int32.max)
        switch step {
        case 1 where start == 0:
            let isWhole = end.map { $0 >= farAway } ?? (heldEnd == dimension)
            return isWhole ? dimension : .unknown
        case -1 where start == -1 || start >= farAway:
            return end.map { $0 < -farAway } ?? false ? dimension : .unknown
        default:
            return .unknown
        }
    }

    /// Sizes are an attribute before operator set 13 and an input since; equal parts where none are given.
    private static func split(_ context: inout OperatorContext) throws(Failure) {
        let input = try context.requiredInput(0)
        let elementType = input.type.elementType
        let sizes = try context.integers(attribute: "split", orInput: 1)
        let outputCount = context.outputs.count
        guard let shape = input.type.shape else {
            for index in 0..<outputCount { try context.setOutput(index, elementType, nil) }
            return
        }
        let axis = try context.normalizedAxis(
            try context.intAttribute("axis", default: 0), rank: shape.count)
        let parts: [Dimension]
        switch sizes {
        case .known(let values): parts = try checkedParts(values, of: shape[axis], context)
        case .open:
            let held = context.heldExtents(1) ?? []
            parts = held.count == outputCount ? held : Array(repeating: .unknown, count: outputCount)
        case .absent: parts = try equalParts(of: shape[axis], context)
        }
        var start = Dimension(0)
        for index in 0..<outputCount {
            guard parts.indices.contains(index) else {
                throw context.invalid("it names \(outputCount) outputs, but makes \(parts.count) parts")
            }
            var extents = shape
            extents[axis] = parts[index]
            var part = InferredValue(type: TensorType(elementType, extents))
            if let first = start.extent, let count = parts[index].extent {
                part = cut(part, from: input, axis: axis, first: first, count: count)
            }
            try context.setOutput(index, part)
            start = start + parts[index]
        }
    }

    /// `part` with the elements that `input` has from position `first` of `axis` on.
    private static func cut(
        _ part: InferredValue, from input: InferredValue, axis: Int, first: Int, count: Int
    ) -> InferredValue {
        var part = part
        if let constant = input.constant, constant.extents.indices.contains(axis) {
            var view = StridedView(rowMajor: constant.extents)
            view.extents[axis] = count
            view.offset = first &* view.strides[axis]  // Inside the constant, or `read` refuses the numbers.
            part.constant = constant.read(through: view)
        }
        if let partial = input.partialElements {
            let (end, overflow) = first.addingReportingOverflow(count)
            if !overflow, end <= partial.count {
                part = InferredValue(
                    holding: Array(partial[first..<end]), elementType: part.type.elementType)
            }
        }
        return part
    }

    /// The parts that `sizes` say, which must add up to the extent.
    static func checkedParts(
        _ sizes: [Int], of dimension: Dimension, _ context: OperatorContext
    ) throws(Failure) -> [Dimension] {
        var total = 0
        for size in sizes {
            let (sum, overflow) = total.addingReportingOverflow(size)
            guard size >= 0, !overflow else { throw context.invalid("the parts \(sizes) hold no extent: \(size)") }
            total = sum
        }
        if let extent = dimension.extent, extent != total {
            throw context.invalid("the parts \(sizes) do not add up to the extent \(extent)")
        }
        return sizes.map { Dimension($0) }
    }

    /// As many parts as `num_outputs` says (since operator set 18, where the last may be smaller) or outputs are named.
    private static func equalParts(
        of dimension: Dimension, _ context: OperatorContext
    ) throws(Failure) -> [Dimension] {
        let outputCount = context.outputs.count
        let count = try context.intAttribute("num_outputs", default: outputCount)
        guard count == outputCount, count > 0 else {
            throw context.invalid("'num_outputs' is \(count), but it names \(outputCount) outputs")
        }
        guard let extent = dimension.extent else {
            return Array(repeating: count == 1 ? dimension : .unknown, count: count)
        }
        let part = extent / count + (extent % count == 0 ? 0 : 1)
        let (others, overflow) = part.multipliedReportingOverflow(by: count - 1)
        guard !overflow, others <= extent, context.operatorSet >= 18 || extent % count == 0 else {
            throw context.invalid("the extent \(extent) cannot be split into \(count) equal parts")
        }
        return Array(repeating: Dimension(part), count: count - 1) + [Dimension(extent - others)]
    }
}

extension StridedView {
    /// Keeps of `axis` only what `selection` takes in steps of `step`.
    mutating func select(_ selection: SliceRules.Selection, step: Int, axis: Int) {
        guard extents.indices.contains(axis) else { return }
        // Wraps only where nothing is selected, or one position, whose stride is not used.
        offset &+= selection.first &* strides[axis]
        strides[axis] &*= step
        extents[axis] = selection.count
    }
}
