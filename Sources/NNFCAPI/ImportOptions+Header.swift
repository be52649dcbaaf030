import CNNFormer
import NNFGraph
import NNFOnnx

extension ImportOptions {
    /// Larger structures than this come from memory that nobody initialised, not from a newer header.
    private static let plausibleSizeInBytes = 4096

    /// Copies the caller's options; NULL stands for the defaults.
    init(_ pointer: UnsafePointer<nnformer_graph_options>?) throws(Failure) {
        self.init()
        guard let pointer else { return }
        let options = try nnformer_graph_options.read(pointer)
        try Self.refuseUnknownFields(of: pointer)
        let unknownFlags = options.flags & ~UInt32(NNFORMER_KEEP_UNUSED_NODES)
        guard unknownFlags == 0 else {
            throw Failure(
                .invalidArgument,
                "nnformer_graph_options.flags has bits that this version does not know: 0x\(String(unknownFlags, radix: 16))"
            )
        }
        guard options.batch_size >= 0 else {
            throw Failure(
                .invalidArgument,
                "nnformer_graph_options.batch_size is \(options.batch_size): give 1 or more, or 0 to leave it as it is"
            )
        }
        keepsUnusedNodes = options.flags & UInt32(NNFORMER_KEEP_UNUSED_NODES) != 0
        batchSize = options.batch_size == 0 ? nil : options.batch_size
        for shape in try array(
            options.input_shapes, count: options.input_shape_count, limit: Limits.nodes,
            "nnformer_graph_options.input_shapes")
        {
            inputShapes.append(try InputShape(shape))
        }
    }

    /// Fields of a newer header ask for something that this library cannot give, unless they are zero.
    private static func refuseUnknownFields(of pointer: UnsafePointer<nnformer_graph_options>) throws(Failure)
    {
        let size = try nnformer_graph_options.sizeGiven(at: pointer)
        guard size <= plausibleSizeInBytes else {
            throw Failure(
                .invalidArgument,
                "nnformer_graph_options.struct_size is \(size): initialise the structure with NNFORMER_GRAPH_OPTIONS_INIT"
            )
        }
        let bytes = UnsafeRawBufferPointer(start: pointer, count: size)
        guard bytes.dropFirst(MemoryLayout<nnformer_graph_options>.size).allSatisfy({ $0 == 0 }) else {
            throw Failure(
                .invalidArgument,
                "nnformer_graph_options asks for what only a newer library knows: leave its later fields zero"
            )
        }
    }
}

extension InputShape {
    fileprivate init(_ shape: nnformer_input_shape) throws(Failure) {
        let name = try shape.name.map { pointer throws(Failure) in
            try text(pointer, "nnformer_input_shape.name")
        }
        let extents = try array(
            shape.extents, count: shape.rank, limit: Limits.rank, "nnformer_input_shape.extents")
        if let wrong = extents.first(where: { $0 < -1 }) {
            throw Failure(
                .invalidArgument,
                "nnformer_input_shape of \(name ?? "the only input") has the extent \(wrong): give -1 to leave an axis as it is"
            )
        }
        self.init(name: name, extents: extents)
    }
}
