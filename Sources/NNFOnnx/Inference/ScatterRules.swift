internal import NNFGraph

/// Operators that write elements at given positions of a copy of their data.
enum ScatterRules {
    static let table: [String: OperatorRule] = [
        "Scatter": { context throws(Failure) in try scatterElements(&context) },
        "ScatterElements": { context throws(Failure) in try scatterElements(&context) },
        "ScatterND": { context throws(Failure) in try scatterND(&context) },
        "TensorScatter": { context throws(Failure) in try tensorScatter(&context) },
    ]

    private static func scatterElements(_ context: inout OperatorContext) throws(Failure) {
        let data = try context.requiredInput(0)
        let indexShape = try context.requiredShape(1)
        let updateShape = try context.requiredShape(2)
        try context.checkEqualRanks(data.type.shape, indexShape, "data and indices")
        _ = try context.unified(indexShape, updateShape, "shapes of indices and updates")
        if let shape = data.type.shape {
            let axis = try context.normalizedAxis(
                try context.intAttribute("axis", default: 0), rank: shape.count)
            _ = try context.positions(1, extent: shape[axis])
        }
        try context.setOutput(0, data.type.elementType, data.type.shape)
    }

    /// The last axis of the indices holds positions of as many leading axes of the data; an update is what lies behind.
    private static func scatterND(_ context: inout OperatorContext) throws(Failure) {
        let data = try context.requiredInput(0)
        let shape = try context.requiredShape(0, ranks: 1...Limits.rank)
        let indexShape = try context.requiredShape(1, ranks: 1...Limits.rank)
        let updateShape = try context.requiredShape(2)
        if let shape, let indexShape, let depth = indexShape.last?.extent {
            guard depth >= 1, depth <= shape.count else {
                throw context.invalid("the indices address \(depth) axes of a tensor of rank \(shape.count)")
            }
            _ = try context.unified(
                indexShape.dropLast() + shape[depth...], updateShape, "shape of the updates and what is to be updated")
        }
        var result = InferredValue(type: data.type)
        if try context.stringAttribute("reduction", default: "none") == "none" {
            result.constant = updatedConstant(data, context)
            if result.constant == nil, let shape, shape.count == 1,
                let held = try updatedExtents(shape, context)
            {
                result = InferredValue(holding: held, elementType: data.type.elementType)
            }
        }
        try context.setOutput(0, result)
    }

    private static func updatedConstant(
        _ data: InferredValue, _ context: OperatorContext
    ) -> ConstantValue? {
        guard let constant = data.constant, let updates = context.input(2)?.constant,
            let indices = context.input(1)?.constant, let depth = indices.extents.last, depth >= 1,
            case .integers(let numbers) = indices.elements, depth <= constant.extents.count,
            let blockSize = ConstantValue.elementCount(of: Array(constant.extents[depth...]))
        else { return nil }
        let strides = StridedView(rowMajor: constant.extents).strides
        // Element k of the result is number k of the data, or comes from the updates, which lie behind the data.
        var sources = Array(0..<constant.elements.count)
        for (block, start) in stride(from: 0, to: numbers.count - depth + 1, by: depth).enumerated() {
            var first = 0
            for axis in 0..<depth {
                let extent = constant.extents[axis]
                guard let position = Int(exactly: numbers[start + axis]), position >= -extent, position < extent
                else { return nil }
                first += (position < 0 ? position + extent : position) &* strides[axis]
            }
            for offset in 0..<blockSize where sources.indices.contains(first + offset) {
                sources[first + offset] = constant.elements.count + block &* blockSize &+ offset
            }
        }
        return constant.elements.appending(updates.elements)?.picked(at: sources).map {
            ConstantValue(elementType: constant.elementType, extents: constant.extents, elements: $0)
        }
    }

    /// A shape vector of which some entries are replaced.
    private static func updatedExtents(
        _ shape: [Dimension], _ context: OperatorContext
    ) throws(Failure) -> [Dimension]? {
        guard let extent = shape.first, var held = context.heldExtents(0),
            let positions = try context.positions(1, extent: extent),
            let updates = context.heldExtents(2), updates.count == positions.count
        else { return nil }
        for (position, update) in zip(positions, updates) where held.indices.contains(position) {
            held[position] = update
        }
        return held
    }

    /// Writes a few positions of a key or value cache (operator set 24): `past_cache`, `update`, `write_indices`.
    private static func tensorScatter(_ context: inout OperatorContext) throws(Failure) {
        let cache = try context.requiredInput(0)
        let updateShape = try context.requiredShape(1)
        try context.checkEqualRanks(cache.type.shape, updateShape, "cache and update")
        if let shape = cache.type.shape {
            let axis = try context.normalizedAxis(
                try context.intAttribute("axis", default: -2), rank: shape.count)
            for (other, extent) in (updateShape ?? shape).enumerated() where other != axis {
                _ = try context.unified(shape[other], extent, "extents of axis \(other) of cache and update")
            }
        }
        try context.setOutput(0, cache.type.elementType, cache.type.shape)
    }
}
