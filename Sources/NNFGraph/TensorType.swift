/// ONNX element types, with the numbers of `TensorProto.DataType`.
package struct ElementType: RawRepresentable, Hashable, Sendable {
    package let rawValue: Int32
    package init(rawValue: Int32) { self.rawValue = rawValue }

    package static let undefined = ElementType(rawValue: 0)
    package static let float = ElementType(rawValue: 1)
    package static let uint8 = ElementType(rawValue: 2)
    package static let int8 = ElementType(rawValue: 3)
    package static let uint16 = ElementType(rawValue: 4)
    package static let int16 = ElementType(rawValue: 5)
    package static let int32 = ElementType(rawValue: 6)
    package static let int64 = ElementType(rawValue: 7)
    package static let string = ElementType(rawValue: 8)
    package static let bool = ElementType(rawValue: 9)
    package static let float16 = ElementType(rawValue: 10)
    package static let double = ElementType(rawValue: 11)
    package static let uint32 = ElementType(rawValue: 12)
    package static let uint64 = ElementType(rawValue: 13)
    package static let complex64 = ElementType(rawValue: 14)
    package static let complex128 = ElementType(rawValue: 15)
    package static let bfloat16 = ElementType(rawValue: 16)

    /// Bits one element takes in memory; 32 for types that are unknown here, as most tensors are `float`.
    package var sizeInBits: Int {
        switch rawValue {
        case 2, 3, 9, 17...20, 24: 8
        case 4, 5, 10, 16: 16
        case 7, 11, 13, 14: 64
        case 15: 128
        case 21...23: 4
        default: 32
        }
    }

    /// Whether elements are floating-point numbers (any width; not complex).
    package var isFloatingPoint: Bool {
        switch rawValue {
        case 1, 10, 11, 16, 17...20, 23, 24: true
        default: false
        }
    }
}

/// Element type and shape of a value. `shape` is `nil` while even the rank is unknown.
package struct TensorType: Hashable, Sendable {
    package var elementType: ElementType
    package var shape: [Dimension]?

    package init(_ elementType: ElementType, _ shape: [Dimension]?) {
        self.elementType = elementType
        self.shape = shape
    }

    package static let unknown = TensorType(.undefined, nil)

    /// Number of elements, when every extent is known and the product fits.
    package var elementCount: Int? {
        guard let shape else { return nil }
        return shape.reduce(Dimension(1), *).extent
    }

    /// Bytes of the tensor, rounded up for types under eight bits.
    package var sizeInBytes: Int? {
        guard let elementCount else { return nil }
        let (bits, overflow) = elementCount.multipliedReportingOverflow(by: elementType.sizeInBits)
        return overflow ? nil : bits / 8 + (bits % 8 == 0 ? 0 : 1)
    }
}
