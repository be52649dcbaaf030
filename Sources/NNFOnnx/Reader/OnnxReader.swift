internal import COnnx
package import NNFGraph

/// Makes an `OnnxModel` of an ONNX file: its structure, types and small constants, never the payload of its weights.
///
/// Cost: linear in the number of fields of the file; payloads of weights are skipped by their length. External tensor
/// files are not opened. Names that are not UTF-8 are repaired (U+FFFD in place of what cannot be decoded).
package enum OnnxReader {
    /// What the parsed structure of one file may take. A node with its names and attributes takes about 1 KiB.
    package static let structureSizeInBytes = 1 << 30

    /// Reads the file at `path`.
    ///
    /// Throws `.inputOutput` (missing, unreadable, a directory, empty, truncated meanwhile), `.malformedInput` (no ONNX
    /// model, truncated, corrupt), `.limitExceeded`.
    package static func read(path: String) throws(Failure) -> OnnxModel {
        try read { limits, model, error in nnf_onnx_open_path(path, limits, model, error) }
    }

    /// Reads a serialized `ModelProto`. Throws as `read(path:)` does, except `.inputOutput`.
    package static func read(bytes: UnsafeRawBufferPointer) throws(Failure) -> OnnxModel {
        try read { limits, model, error in
            nnf_onnx_open_bytes(bytes.baseAddress, bytes.count, limits, model, error)
        }
    }

    private typealias Open = (
        UnsafePointer<nnf_onnx_limits>, UnsafeMutablePointer<OpaquePointer?>, UnsafeMutablePointer<nnf_onnx_error>
    ) -> Int32

    private static func read(_ open: Open) throws(Failure) -> OnnxModel {
        var limits = nnf_onnx_limits(
            nodes: Limits.nodes, nesting: Limits.subgraphNesting, elements: Limits.constantElements,
            memory_bytes: structureSizeInBytes)
        var model: OpaquePointer?
        var error = nnf_onnx_error()
        let status = open(&limits, &model, &error)
        guard status == NNF_ONNX_OK, let model else { throw Failure(error) }
        defer { nnf_onnx_close(model) }
        return try OnnxModel(model)
    }
}

extension Failure {
    /// What the C++ side reports, whose codes are numbered as `Failure.Code`.
    fileprivate init(_ error: nnf_onnx_error) {
        let message = withUnsafeBytes(of: error.message) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        self.init(
            Code(rawValue: error.code) ?? .internalError, message,
            byteOffset: error.byte_offset == NNF_ONNX_NO_BYTE_OFFSET ? nil : error.byte_offset)
    }
}
