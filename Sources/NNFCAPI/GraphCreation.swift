// Section 3 of nnformer.h: graphs from ONNX.
public import CNNFormer
import NNFGraph
import NNFOnnx

@c @implementation
public func nnformer_graph_open(
    _ graph: UnsafeMutablePointer<OpaquePointer?>?, _ path: UnsafePointer<CChar>?,
    _ options: UnsafePointer<nnformer_graph_options>?, _ error: UnsafeMutablePointer<nnformer_error>?
) -> nnformer_status {
    Handle.create(into: graph, "graph", reportingTo: error) { () throws(Failure) in
        let options = try ImportOptions(options)
        let model = try OnnxReader.read(path: try text(path, "path"))
        return try GraphHandle(try GraphImporter.makeGraph(from: model, options: options))
    }
}

@c @implementation
public func nnformer_graph_parse(
    _ graph: UnsafeMutablePointer<OpaquePointer?>?, _ bytes: UnsafeRawPointer?, _ size: Int,
    _ options: UnsafePointer<nnformer_graph_options>?, _ error: UnsafeMutablePointer<nnformer_error>?
) -> nnformer_status {
    Handle.create(into: graph, "graph", reportingTo: error) { () throws(Failure) in
        let options = try ImportOptions(options)
        guard size >= 0 else {
            throw Failure(
                .limitExceeded, "size is \(UInt(bitPattern: size)) bytes, more than memory can hold")
        }
        let bytes = UnsafeRawBufferPointer(
            start: size > 0 ? try bytes.required("bytes") : nil, count: size)
        let model = try OnnxReader.read(bytes: bytes)
        return try GraphHandle(try GraphImporter.makeGraph(from: model, options: options))
    }
}

@c @implementation
public func nnformer_graph_destroy(_ graph: OpaquePointer?) { Handle<GraphHandle>.destroy(graph) }
