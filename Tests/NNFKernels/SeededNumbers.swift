/// Pseudo-random numbers that are the same in every run.
struct SeededNumbers: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

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
