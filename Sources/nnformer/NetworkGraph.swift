import CNNFormer

/// An open `nnformer_graph`.
final class NetworkGraph {
    /// Stands for standard input where a file is asked for.
    static let standardInput = "-"

    let handle: OpaquePointer?

    /// Reads an ONNX file, or standard input where `file` is `-`.
    convenience init(file: String, options: GraphOptions) throws {
        try self.init(
            file: file, batchSize: options.batchSize, options: options.inputOptions,
            remedy: "--batch N or --input NAME=SHAPE")
    }

    /// The same at a batch size that is no option of the command; `remedy` names the options that fix an open axis.
    init(file: String, batchSize: Int64?, options: InputOptions, remedy: String) throws {
        do throws(LibraryError) {
            handle = try Self.open(file, batchSize: batchSize, options: options)
        } catch {
            // The library speaks to callers of every language, and knows no options of a command line.
            throw error.status == NNFORMER_OPEN_AXIS ? error.adding("(\(remedy))") : error
        }
    }

    private static func open(
        _ file: String, batchSize: Int64?, options: InputOptions
    ) throws(LibraryError) -> OpaquePointer? {
        var handle: OpaquePointer?
        if file == standardInput {
            let bytes = try StandardStreams.readInput()
            try LibraryError.check { error in
                options.withHeaderOptions(batchSize: batchSize) { options in
                    bytes.withUnsafeBytes { bytes in
                        nnformer_graph_parse(&handle, bytes.baseAddress, bytes.count, options, error)
                    }
                }
            }
        } else {
            try LibraryError.check { error in
                options.withHeaderOptions(batchSize: batchSize) { nnformer_graph_open(&handle, file, $0, error) }
            }
        }
        return handle
    }

    deinit { nnformer_graph_destroy(handle) }

    var unknownOperators: [String] {
        var names: [String] = []
        while let name = nnformer_graph_unknown_operator(handle, names.count) {
            names.append(String(cString: name))
        }
        return names
    }

    func summary() throws(LibraryError) -> nnformer_graph_summary {
        var summary = nnformer_graph_summary()
        summary.struct_size = UInt32(MemoryLayout<nnformer_graph_summary>.size)
        try LibraryError.check { nnformer_graph_summarize(handle, &summary, $0) }
        return summary
    }

    func node(_ index: Int) throws(LibraryError) -> nnformer_node {
        var node = nnformer_node()
        node.struct_size = UInt32(MemoryLayout<nnformer_node>.size)
        try LibraryError.check { nnformer_graph_get_node(handle, index, &node, $0) }
        return node
    }

    func outputType(node: Int, output: Int) throws(LibraryError) -> TensorType {
        var type = nnformer_tensor_type()
        type.struct_size = UInt32(MemoryLayout<nnformer_tensor_type>.size)
        try LibraryError.check { nnformer_graph_get_output_type(handle, node, output, &type, $0) }
        return TensorType(type)
    }
}

/// Element type and shape of a tensor.
struct TensorType: Encodable {
    /// ONNX's `TensorProto.DataType`.
    let elementType: Int32
    /// `nil` where the rank is unknown; an extent is `nil` where it is.
    let shape: [Int64?]?

    init(_ type: nnformer_tensor_type) {
        elementType = type.element_type
        shape =
            type.rank < 0
            ? nil
            : withUnsafeBytes(of: type.extents) { bytes in
                bytes.bindMemory(to: Int64.self).prefix(Int(type.rank)).map { $0 < 0 ? nil : $0 }
            }
    }

    /// `1x64x?x112`; `?` where the rank is unknown, nothing for a scalar.
    var shapeText: String {
        shape.map { extents in extents.map { $0.map(String.init) ?? "?" }.joined(separator: "x") } ?? "?"
    }
}
