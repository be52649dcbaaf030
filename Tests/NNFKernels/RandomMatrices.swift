import TestSupport

extension SplitMix64 {
    /// Within -1 ..< 1.
    mutating func floats(_ count: Int) -> [Float] {
        (0..<count).map { _ in Float.random(in: -1..<1, using: &self) }
    }

    mutating func matrix(_ rows: Int, _ columns: Int, stride: Int) -> TestMatrix {
        TestMatrix(elements: floats(rows * stride), stride: stride)
    }

    /// Lists over `rows` rows, each with `longest` entries or less; some are empty.
    mutating func lists(rows: Int, longest: Int) -> (offsets: [UInt32], indices: [UInt32]) {
        var offsets: [UInt32] = [0]
        var indices: [UInt32] = []
        for _ in 0..<rows {
            for _ in 0..<Int.random(in: 0...longest, using: &self) {
                indices.append(UInt32.random(in: 0..<UInt32(rows), using: &self))
            }
            offsets.append(UInt32(indices.count))
        }
        return (offsets, indices)
    }
}

struct TestMatrix {
    var elements: [Float]
    let stride: Int

    subscript(row: Int, column: Int) -> Float { elements[row * stride + column] }
}
