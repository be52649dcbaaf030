import NNFKernels
import TestSupport

extension SplitMix64 {
    /// Within -1 ..< 1.
    mutating func floats(_ count: Int) -> [Float] {
        (0..<count).map { _ in Float.random(in: -1..<1, using: &self) }
    }

    mutating func matrix(_ rows: Int, _ columns: Int, stride: Int) -> TestMatrix {
        TestMatrix(elements: floats(rows * stride), stride: stride)
    }

    /// Lists over `rows` rows, each with `shortest` ... `longest` entries that count up to 3 times.
    mutating func countedLists(rows: Int, shortest: Int, longest: Int) -> CountedLists {
        var lists = CountedLists(offsets: [0], rows: [], counts: [])
        for _ in 0..<rows {
            for _ in 0..<Int.random(in: shortest...max(shortest, longest), using: &self) {
                lists.rows.append(UInt32.random(in: 0..<UInt32(rows), using: &self))
                lists.counts.append(Float(Int.random(in: 1...3, using: &self)))
            }
            lists.offsets.append(UInt32(lists.rows.count))
        }
        return lists
    }
}

struct CountedLists {
    var offsets: [UInt32]
    var rows: [UInt32]
    var counts: [Float]

    /// Calls `body` with the lists as kernels take them, valid until it returns.
    mutating func withKernelLists(_ body: (nnf_stage_lists) -> Void) {
        offsets.withUnsafeMutableBufferPointer { offsets in
            rows.withUnsafeMutableBufferPointer { rows in
                counts.withUnsafeMutableBufferPointer { counts in
                    body(
                        nnf_stage_lists(
                            offsets: offsets.baseAddress, rows: rows.baseAddress, counts: counts.baseAddress))
                }
            }
        }
    }
}

struct TestMatrix {
    var elements: [Float]
    let stride: Int

    subscript(row: Int, column: Int) -> Float { elements[row * stride + column] }
}
