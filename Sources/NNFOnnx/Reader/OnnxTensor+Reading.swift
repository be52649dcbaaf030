internal import COnnx
internal import NNFGraph

extension OnnxTensor {
    init(_ tensor: nnf_onnx_tensor) throws(Failure) {
        let fields = nnf_onnx_tensor_get_fields(tensor)
        self.init(
            name: String(fields.name), elementType: ElementType(rawValue: fields.element_type),
            dimensions: Array(
                UnsafeBufferPointer(start: fields.dimensions.elements, count: fields.dimensions.count)),
            elements: nil)
        let elementCount = try checkedElementCount()
        if fields.is_external == 0, elementCount <= Limits.constantElements {
            elements = ConstantElements(fields, elementType: elementType, count: elementCount)
        }
    }

    /// A sparse tensor: like a dense one whose payload was skipped.
    init(_ tensor: nnf_onnx_sparse_tensor) throws(Failure) {
        let fields = nnf_onnx_sparse_tensor_get_fields(tensor)
        self.init(
            name: String(fields.name), elementType: ElementType(rawValue: fields.element_type),
            dimensions: Array(
                UnsafeBufferPointer(start: fields.dimensions.elements, count: fields.dimensions.count)),
            elements: nil)
        _ = try checkedElementCount()
    }

    private func checkedElementCount() throws(Failure) -> Int {
        guard dimensions.count <= Limits.rank else {
            throw Failure(
                .limitExceeded, "the tensor '\(name)' has \(dimensions.count) axes; at most \(Limits.rank) are handled")
        }
        var product = 1
        // Zero extents are left to the end: they must not hide that the others overflow.
        for (axis, extent) in dimensions.enumerated() where extent != 0 {
            let (next, overflow) = product.multipliedReportingOverflow(by: Int(clamping: extent))
            guard extent > 0, !overflow else {
                throw Failure(
                    .malformedInput,
                    "the tensor '\(name)' has an extent of \(extent) at axis \(axis): negative, or too large together with its other extents")
            }
            product = next
        }
        return dimensions.contains(0) ? 0 : product
    }
}
