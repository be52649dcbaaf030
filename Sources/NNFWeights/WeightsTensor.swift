/// A tensor of float32 within the bytes of a weights file; nothing is copied.
package struct WeightsTensor: Sendable {
    package let shape: [Int]
    /// Product of `shape`; 1 for a scalar.
    package let count: Int
    private let bytes: WeightsBytes
    private let byteOffset: Int

    /// The caller has checked that `byteOffset` is a multiple of 4 and that `count` elements lie within `bytes`.
    init(shape: [Int], count: Int, bytes: WeightsBytes, byteOffset: Int) {
        self.shape = shape
        self.count = count
        self.bytes = bytes
        self.byteOffset = byteOffset
    }

    /// Calls `body` with the elements, row-major. They are valid until it returns.
    package func withElements<Result, Trouble: Error>(
        _ body: (UnsafeBufferPointer<Float>) throws(Trouble) -> Result
    ) throws(Trouble) -> Result {
        // Aligned and in bounds by what `init` asks for, `base` being aligned to 64; float32 has no invalid bits.
        // `bytes` outlives the call because `self` holds it, which the last line makes certain.
        let start = (bytes.base + byteOffset).assumingMemoryBound(to: Float.self)
        defer { withExtendedLifetime(bytes) {} }
        return try body(UnsafeBufferPointer(start: start, count: count))
    }
}
