internal import COnnx
internal import NNFGraph

extension OnnxValue {
    /// A sequence, map, optional or sparse tensor has an undefined element type and no shape.
    init(_ value: nnf_onnx_value) throws(Failure) {
        let fields = nnf_onnx_value_get_fields(value)
        self.init(name: String(fields.name), elementType: ElementType(rawValue: fields.element_type), axes: nil)
        guard fields.has_shape != 0 else { return }
        guard fields.axis_count <= Limits.rank else {
            throw Failure(
                .limitExceeded, "the value '\(name)' has \(fields.axis_count) axes; at most \(Limits.rank) are handled")
        }
        axes = (0..<fields.axis_count).map { OnnxAxis(nnf_onnx_value_axis(value, $0)) }
    }
}

extension OnnxAxis {
    fileprivate init(_ axis: nnf_onnx_axis) {
        switch axis.kind {
        // Some exporters write -1 where they know no extent.
        case NNF_ONNX_AXIS_EXTENT: self = axis.extent >= 0 ? .extent(axis.extent) : .unspecified
        case NNF_ONNX_AXIS_PARAMETER where axis.parameter.count > 0: self = .parameter(String(axis.parameter))
        default: self = .unspecified
        }
    }
}

extension String {
    /// Copies and, where it is not UTF-8, repairs.
    init(_ text: nnf_onnx_text) {
        // `bytes` is valid for `count` bytes while the model is open, and the copy is made before this returns.
        self.init(decoding: UnsafeRawBufferPointer(start: text.bytes, count: text.count), as: UTF8.self)
    }
}

/// `ai.onnx` is a second name of ONNX's own domain, `""`.
func canonicalDomain(_ text: nnf_onnx_text) -> String {
    let domain = String(text)
    return domain == "ai.onnx" ? "" : domain
}
