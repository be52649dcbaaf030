internal import NNFGraph

/// Operators that rearrange or sample images, [batch, channels, spatial axes …].
enum SpatialRules {
    static let table: [String: OperatorRule] = [
        "DepthToSpace": { context throws(Failure) in try depthToSpace(&context) },
        "SpaceToDepth": { context throws(Failure) in try spaceToDepth(&context) },
        "GridSample": { context throws(Failure) in try gridSample(&context) },
        "AffineGrid": { context throws(Failure) in try affineGrid(&context) },
        "Col2Im": { context throws(Failure) in try columnsToImage(&context) },
    ]

    /// Edge of the square blocks, and their area.
    private static func block(
        _ context: OperatorContext
    ) throws(Failure) -> (edge: Dimension, area: Dimension) {
        guard let edge = try context.intAttribute("blocksize"), edge > 0 else {
            throw context.invalid("attribute 'blocksize' must be a positive integer")
        }
        let area = Dimension(edge) * Dimension(edge)
        guard area.isKnown else { throw context.invalid("'blocksize' is \(edge), which is too large") }
        return (Dimension(edge), area)
    }

    private static func quotient(
        _ dimension: Dimension, _ divisor: Dimension, _ axis: String, _ context: OperatorContext
    ) throws(Failure) -> Dimension {
        if let extent = dimension.extent, let divisor = divisor.extent, divisor > 0, extent % divisor != 0 {
            throw context.invalid("\(axis) \(extent) is no multiple of \(divisor)")
        }
        return dimension / divisor
    }

    private static func depthToSpace(_ context: inout OperatorContext) throws(Failure) {
        let block = try block(context)
        guard let shape = try context.requiredShape(0, ranks: 4...4) else {
            try context.setOutput(0, context.elementType(0), Array(repeating: .unknown, count: 4))
            return
        }
        try context.setOutput(
            0, context.elementType(0),
            [
                shape[0], quotient(shape[1], block.area, "the number of channels", context),
                shape[2] * block.edge, shape[3] * block.edge,
            ])
    }

    private static func spaceToDepth(_ context: inout OperatorContext) throws(Failure) {
        let block = try block(context)
        guard let shape = try context.requiredShape(0, ranks: 4...4) else {
            try context.setOutput(0, context.elementType(0), Array(repeating: .unknown, count: 4))
            return
        }
        try context.setOutput(
            0, context.elementType(0),
            [
                shape[0], shape[1] * block.area, quotient(shape[2], block.edge, "the height", context),
                quotient(shape[3], block.edge, "the width", context),
            ])
    }

    /// The image [N, C, …] read at the points of a grid [N, output extents …, number of spatial axes].
    private static func gridSample(_ context: inout OperatorContext) throws(Failure) {
        let image = try context.requiredShape(0, ranks: 3...Limits.rank)
        let grid = try context.requiredShape(1, ranks: 3...Limits.rank)
        try context.checkEqualRanks(image, grid, "image and grid")
        guard let rank = image?.count ?? grid?.count else {
            try context.setOutput(0, context.elementType(0), nil)
            return
        }
        if let coordinates = grid?.last {
            _ = try context.unified(coordinates, Dimension(rank - 2), "spatial axes and coordinates of a grid point")
        }
        let batch = try context.unified(
            image?.first ?? .unknown, grid?.first ?? .unknown, "batches of image and grid")
        let channels = image.map { $0[1] } ?? .unknown
        let spatial = grid.map { Array($0[1..<(rank - 1)]) } ?? Array(repeating: .unknown, count: rank - 2)
        try context.setOutput(0, context.elementType(0), [batch, channels] + spatial)
    }

    /// Affine maps [N, 2, 3] or [N, 3, 4] and a size [N, C, spatial extents …] make a grid for `GridSample`.
    private static func affineGrid(_ context: inout OperatorContext) throws(Failure) {
        let maps = try context.requiredShape(0, ranks: 3...3)
        let batch = maps?.first ?? .unknown
        guard let size = try context.shapeArgument(1) else {
            try context.setOutput(0, context.elementType(0), nil)
            return
        }
        guard size.count == 4 || size.count == 5 else {
            throw context.invalid("the size has \(size.count) extents; it must have 4 or 5")
        }
        let spatial = Array(size.dropFirst(2))
        let shape = [try context.unified(batch, size[0], "batches of maps and size")] + spatial
        try context.setOutput(0, context.elementType(0), shape + [Dimension(spatial.count)])
    }

    /// Columns [N, C · block elements, number of blocks] summed into an image [N, C, image extents …].
    private static func columnsToImage(_ context: inout OperatorContext) throws(Failure) {
        let shape = try context.requiredShape(0, ranks: 3...3)
        let image = try context.shapeArgument(1)
        let block = try context.shapeArgument(2)
        if let image, let block, image.count != block.count {
            throw context.invalid("the image has \(image.count) spatial axes, the blocks have \(block.count)")
        }
        let elements = block.map { $0.product(of: $0.indices) } ?? .unknown
        if elements.extent == 0 { throw context.invalid("the blocks are empty") }
        let channels = try quotient(shape?[1] ?? .unknown, elements, "the number of rows", context)
        guard let spatial = image ?? block?.map({ _ in .unknown }) else {
            try context.setOutput(0, context.elementType(0), nil)
            return
        }
        try context.setOutput(0, context.elementType(0), [shape?[0] ?? .unknown, channels] + spatial)
    }
}
