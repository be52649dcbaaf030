import ArgumentParser
import CNNFormer

/// Flags that say how a model is to be read, shared by the commands that read one.
struct GraphOptions: ParsableArguments {
    @Option(
        name: .customLong("batch"),
        help: ArgumentHelp("Extent of the first axis of every input.", valueName: "n"))
    var batchSize: Int64?

    @OptionGroup var inputOptions: InputOptions

    func validate() throws {
        if let batchSize, batchSize < 1 {
            throw ValidationError("--batch is \(batchSize): give 1 or more.")
        }
    }
}

/// Those of them that hold whatever the batch size.
struct InputOptions: ParsableArguments {
    @Option(
        name: .customLong("input"),
        help: ArgumentHelp(
            "Shape of an input, such as data=1x3x224x224; -1 leaves an axis as it is. The name may be left out where the model has one input.",
            valueName: "name=shape"))
    var inputShapes: [InputShape] = []

    @Flag(name: .customLong("keep-unused"), help: "Keep nodes whose result no output needs.")
    var keepsUnusedNodes = false

    /// Calls `body` with the header's form of these options and a batch size, which is valid during the call.
    func withHeaderOptions<Result>(
        batchSize: Int64?, _ body: (UnsafePointer<nnformer_graph_options>) -> Result
    ) -> Result {
        // Names and extents of all shapes lie one after the other in two arrays, which stay where they are during `body`.
        let names = inputShapes.flatMap { ($0.name ?? "").utf8CString }
        let extents = inputShapes.flatMap(\.extents)
        return names.withUnsafeBufferPointer { names in
            extents.withUnsafeBufferPointer { extents in
                var namePosition = 0
                var extentPosition = 0
                let shapes = inputShapes.map { shape in
                    defer {
                        namePosition += (shape.name ?? "").utf8CString.count
                        extentPosition += shape.extents.count
                    }
                    return nnformer_input_shape(
                        name: shape.name == nil ? nil : names.baseAddress.map { $0 + namePosition },
                        extents: extents.baseAddress.map { $0 + extentPosition },
                        rank: shape.extents.count)
                }
                return shapes.withUnsafeBufferPointer { shapes in
                    var options = nnformer_graph_options()
                    options.struct_size = UInt32(MemoryLayout<nnformer_graph_options>.size)
                    options.flags = keepsUnusedNodes ? NNFORMER_KEEP_UNUSED_NODES : 0
                    options.batch_size = batchSize ?? 0
                    options.input_shapes = shapes.baseAddress
                    options.input_shape_count = shapes.count
                    return withUnsafePointer(to: options, body)
                }
            }
        }
    }
}

/// `NAME=1x3x224x224`, or the extents alone.
struct InputShape: ExpressibleByArgument {
    let name: String?
    let extents: [Int64]

    init?(argument: String) {
        var shape = argument[...]
        // Extents hold no "=", names may: the last one separates them.
        if let separator = argument.lastIndex(of: "=") {
            name = String(argument[..<separator])
            shape = argument[separator...].dropFirst()
        } else {
            name = nil
        }
        var extents: [Int64] = []
        for text in shape.split(separator: "x", omittingEmptySubsequences: false) {
            guard let extent = Int64(text), extent >= -1 else { return nil }
            extents.append(extent)
        }
        self.extents = extents
    }
}
