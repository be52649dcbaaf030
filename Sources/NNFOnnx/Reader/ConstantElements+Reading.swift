internal import COnnx
internal import NNFGraph

extension ConstantElements {
    /// Decodes the payload of a tensor of `count` elements, at most `Limits.constantElements`.
    ///
    /// `nil` when the payload does not hold exactly `count` elements, and for element types that no shape is computed from:
    /// strings, complex numbers, floats of fewer than 16 bits. Unsigned integers beyond `Int64.max` give `nil` too.
    init?(_ fields: nnf_onnx_tensor_fields, elementType: ElementType, count: Int) {
        let payload = TensorPayload(fields, elementCount: count)
        let int32s = UnsafeBufferPointer(start: fields.int32_data.elements, count: fields.int32_data.count)
        let int64s = UnsafeBufferPointer(start: fields.int64_data.elements, count: fields.int64_data.count)
        let uint64s = UnsafeBufferPointer(start: fields.uint64_data.elements, count: fields.uint64_data.count)
        let floats = UnsafeBufferPointer(start: fields.float_data.elements, count: fields.float_data.count)
        let doubles = UnsafeBufferPointer(start: fields.double_data.elements, count: fields.double_data.count)
        switch elementType {
        case .bool: self.init(integers: payload.stored(UInt8.self, list: int32s)?.map { $0 == 0 ? 0 : 1 })
        case .int8: self.init(widening: payload.stored(Int8.self, list: int32s))
        case .uint8: self.init(widening: payload.stored(UInt8.self, list: int32s))
        case .int16: self.init(widening: payload.stored(Int16.self, list: int32s))
        case .uint16: self.init(widening: payload.stored(UInt16.self, list: int32s))
        case .int32: self.init(widening: payload.stored(Int32.self, list: int32s))
        case .int64: self.init(widening: payload.stored(Int64.self, list: int64s))
        case .uint32: self.init(widening: payload.stored(UInt32.self, list: uint64s))
        case .uint64: self.init(widening: payload.stored(UInt64.self, list: uint64s))
        case .uint4: self.init(integers: payload.nibbles(list: int32s)?.map { Int64($0) })
        case .int4: self.init(integers: payload.nibbles(list: int32s)?.map { Int64(Int8(bitPattern: $0 << 4) >> 4) })
        case .float16:
            self.init(reals: payload.stored(UInt16.self, list: int32s)?.map { Double(Float16(bitPattern: $0)) })
        case .bfloat16:
            // A bfloat16 is the upper half of a float.
            self.init(
                reals: payload.stored(UInt16.self, list: int32s)?.map { Double(Float(bitPattern: UInt32($0) << 16)) })
        case .float:
            self.init(
                reals: payload.stored(UInt32.self, list: floats, converting: \.bitPattern)?
                    .map { Double(Float(bitPattern: $0)) })
        case .double:
            self.init(
                reals: payload.stored(UInt64.self, list: doubles, converting: \.bitPattern)?
                    .map { Double(bitPattern: $0) })
        default: return nil
        }
    }

    private init?(integers: [Int64]?) {
        guard let integers else { return nil }
        self = .integers(integers)
    }

    private init?(reals: [Double]?) {
        guard let reals else { return nil }
        self = .reals(reals)
    }

    private init?(widening elements: [some FixedWidthInteger]?) {
        guard let elements else { return nil }
        let integers = elements.compactMap { Int64(exactly: $0) }
        guard integers.count == elements.count else { return nil }
        self = .integers(integers)
    }
}

extension ElementType {
    fileprivate static let uint4 = ElementType(rawValue: 21)
    fileprivate static let int4 = ElementType(rawValue: 22)
}

/// Where onnx.proto, TensorProto, puts the elements of a tensor: in `raw_data`, little endian without gaps, or one by one
/// in the list that the element type prescribes.
private struct TensorPayload {
    private let raw: UnsafeRawBufferPointer
    private let elementCount: Int

    init(_ fields: nnf_onnx_tensor_fields, elementCount: Int) {
        raw = UnsafeRawBufferPointer(start: fields.raw_data.bytes, count: fields.raw_data.count)
        self.elementCount = elementCount
    }

    /// The elements as they are stored, `nil` unless there are exactly `elementCount`.
    func stored<Stored: FixedWidthInteger & BitwiseCopyable, Listed>(
        _ type: Stored.Type, list: UnsafeBufferPointer<Listed>, converting convert: (Listed) -> Stored
    ) -> [Stored]? {
        stored(type, list: list, count: elementCount, converting: convert)
    }

    /// The same where the list's elements are wider than what is stored in them.
    func stored<Stored: FixedWidthInteger & BitwiseCopyable>(
        _ type: Stored.Type, list: UnsafeBufferPointer<some FixedWidthInteger>
    ) -> [Stored]? {
        stored(type, list: list, count: elementCount) { Stored(truncatingIfNeeded: $0) }
    }

    /// Elements of four bits, two a byte (or an element of the list), the lower half first.
    func nibbles(list: UnsafeBufferPointer<Int32>) -> [UInt8]? {
        stored(UInt8.self, list: list, count: elementCount / 2 + elementCount % 2) { UInt8(truncatingIfNeeded: $0) }?
            .flatMap { [$0 & 0xf, $0 >> 4] }
            .prefix(elementCount)
            .map { $0 }
    }

    private func stored<Stored: FixedWidthInteger & BitwiseCopyable, Listed>(
        _ type: Stored.Type, list: UnsafeBufferPointer<Listed>, count: Int, converting convert: (Listed) -> Stored
    ) -> [Stored]? {
        guard !raw.isEmpty else { return list.count == count ? list.map(convert) : nil }
        let stride = MemoryLayout<Stored>.stride
        // No overflow: `count` is at most `Limits.constantElements`.
        guard list.isEmpty, raw.count == count * stride else { return nil }
        return (0..<count).map {
            // In bounds: the offset is below count * stride, which is raw.count.
            Stored(littleEndian: raw.loadUnaligned(fromByteOffset: $0 * stride, as: Stored.self))
        }
    }
}
