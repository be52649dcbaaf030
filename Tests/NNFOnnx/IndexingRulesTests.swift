import NNFGraph
import NNFOnnx
import XCTest

/// Rules that take or put elements by position: `Slice`, `Split`, `Gather…`, `Scatter…`.
final class IndexingRulesTests: XCTestCase {
    /// Positions that a Python slice takes, found by walking.
    private func positions(extent: Int, start: Int64, end: Int64, step: Int64) -> [Int] {
        func resolved(_ position: Int64) -> Int64 { position < 0 ? position + Int64(extent) : position }
        return (0..<extent).filter { position in
            let position = Int64(position)
            let first = step > 0 ? max(resolved(start), 0) : min(resolved(start), Int64(extent) - 1)
            let isReached = step > 0 ? position >= first && position < resolved(end) : position <= first && position > resolved(end)
            let (distance, overflow) = position.subtractingReportingOverflow(first)
            return isReached && !overflow && distance % step == 0
        }.sorted { step > 0 ? $0 < $1 : $0 > $1 }
    }

    func testSliceAgainstWalking() throws {
        let numbers: [Int64] = [.min, .min + 1, -(1 << 31), -7, -6, -5, -3, -1, 0, 1, 2, 4, 5, 6, 9, 1 << 31, .max - 1, .max]
        let steps: [Int64] = [.min, -7, -2, -1, 1, 2, 3, 7, .max]
        var checked = 0
        for extent in 0...6 {
            let data = integers((0..<Int64(extent)).map { 10 * $0 }, [extent])
            for start in numbers {
                for end in numbers {
                    for step in steps {
                        let expected = positions(extent: extent, start: start, end: end, step: step)
                        let output = try output(
                                "Slice", [data, integers([start]), integers([end]), integers([0]), integers([step])]
                            )
                        let context = "\(extent) [\(start):\(end):\(step)]"
                        XCTAssertEqual(output.type.shape, [Dimension(expected.count)], context)
                        XCTAssertEqual(output.integers, expected.map { Int64(10 * $0) }, context)
                        checked += 1
                    }
                }
            }
        }
        XCTAssertEqual(checked, 7 * numbers.count * numbers.count * steps.count)
    }

    func testSliceShapes() throws {
        let x = tensor("4,10,6")
        let far = Int64.max
        let rows: [any TableRow] = [
            ShapeCase("Slice", [x], ["starts": .ints([1, 2]), "ends": .ints([3, far])], operatorSet: 1, gives: "2,8,6"),
            ShapeCase("Slice", [x], ["starts": .ints([1]), "ends": .ints([-1]), "axes": .ints([1])], operatorSet: 9, gives: "4,8,6"),
            ShapeCase("Slice", [x, integers([0]), integers([far]), integers([-1]), integers([4])], gives: "4,10,2"),
            ShapeCase("Slice", [x, integers([5]), integers([2])], gives: "0,10,6"),
            ShapeCase("Slice", [x, tensor("1", .int64), integers([2]), integers([1])], gives: "4,?,6"),
            ShapeCase("Slice", [x, tensor("1", .int64), tensor("1", .int64)], gives: "?,10,6"),
            ShapeCase("Slice", [x, unranked(.int64), unranked(.int64)], gives: "?,?,?"),
            ShapeCase("Slice", [x, integers([0]), integers([1]), tensor("1", .int64)], gives: "?,?,?"),
            ShapeCase("Slice", [x, integers([0]), integers([1]), integers([0]), tensor("1", .int64)], gives: "?,10,6"),
            ShapeCase("Slice", [unranked(), integers([0]), integers([1])], gives: nil),
            // Open axes: only what is surely taken whole stays.
            ShapeCase("Slice", [tensor("N,4"), integers([0]), integers([far])], gives: "N,4"),
            ShapeCase("Slice", [tensor("N,4"), integers([0]), extents("N")], gives: "N,4"),
            ShapeCase("Slice", [tensor("N,4"), integers([1]), integers([far])], gives: "?,4"),
            ShapeCase("Slice", [tensor("N"), integers([-1]), integers([.min]), integers([0]), integers([-1])], gives: "N"),
            RefusalCase("Slice", [x, integers([0]), integers([1]), integers([0]), integers([0])], naming: "step"),
            RefusalCase("Slice", [x, integers([0]), integers([1, 2])]),
            RefusalCase("Slice", [x, integers([0]), integers([1]), integers([3])]),
            RefusalCase("Slice", [x, integers([0, 0]), integers([1, 1]), integers([1, -2])], naming: "twice"),
            RefusalCase("Slice", [x, integers([0]), integers([1]), integers([0, 1])]),
            RefusalCase("Slice", [x, integers([0]), integers([1]), integers([0]), integers([1, 1])]),
            RefusalCase("Slice", [tensor(""), integers([0]), integers([1])]),
            RefusalCase("Slice", [x, integers([0])], naming: "missing"),
            RefusalCase("Slice", [x]),
        ]
        try rows.check()
    }

    func testSplit() throws {
        let x = tensor("2,7")
        let rows: [any TableRow] = [
            ShapeCase("Split", [x], ["axis": .int(1), "split": .ints([3, 4])], operatorSet: 2, gives: "2,3", "2,4"),
            ShapeCase("Split", [x, integers([0, 7])], ["axis": .int(-1)], gives: "2,0", "2,7"),
            ShapeCase("Split", [tensor("2,6")], ["axis": .int(1)], gives: "2,2", "2,2", "2,2"),
            ShapeCase("Split", [x], ["axis": .int(1), "num_outputs": .int(3)], operatorSet: 18, gives: "2,3", "2,3", "2,1"),
            ShapeCase("Split", [tensor("N,6")], gives: "?,6", "?,6"),
            ShapeCase("Split", [tensor("N,6")], gives: "N,6"),
            ShapeCase("Split", [x, tensor("2", .int64)], gives: "?,7", "?,7"),
            ShapeCase("Split", [unranked()], gives: nil, nil),
            ShapeCase("Split", [tensor("0")], gives: "0", "0"),
            RefusalCase("Split", [x], ["axis": .int(1)], operatorSet: 17, outputs: 2),
            RefusalCase("Split", [x], ["axis": .int(1)], operatorSet: 18, outputs: 5),
            RefusalCase("Split", [x, integers([1, 2, 3])], ["axis": .int(1)], outputs: 3),
            RefusalCase("Split", [x, integers([3, 4])], ["axis": .int(1)], outputs: 3),
            RefusalCase("Split", [x, integers([-1, 8])], ["axis": .int(1)], outputs: 2),
            RefusalCase("Split", [x, integers([.max, .max])], ["axis": .int(1)], outputs: 2),
            RefusalCase("Split", [x], ["num_outputs": .int(0)], operatorSet: 18),
            RefusalCase("Split", [x], ["num_outputs": .int(.max)], operatorSet: 18),
            RefusalCase("Split", [x], ["axis": .int(2)]),
        ]
        try rows.check()
    }

    func testGather() throws {
        let x = tensor("4,5,6")
        let ones = tensor(Array(repeating: "1", count: 40).joined(separator: ","), .int64)
        let rows: [any TableRow] = [
            ShapeCase("Gather", [x, tensor("2,3", .int64)], ["axis": .int(1)], gives: "4,2,3,6"),
            ShapeCase("Gather", [x, integers([-4], [])], gives: "5,6"),
            ShapeCase("Gather", [tensor("30_522,768"), tensor("N,128", .int64)], gives: "N,128,768"),
            ShapeCase("Gather", [x, unranked(.int64)], gives: nil),
            ShapeCase("Gather", [unranked(), tensor("2", .int64)], gives: nil),
            RefusalCase("Gather", [x, integers([4], [])], naming: "extent 4"),
            RefusalCase("Gather", [x, integers([.min], [])]),
            RefusalCase("Gather", [tensor("0"), integers([0], [])]),
            RefusalCase("Gather", [tensor(""), integers([0], [])]),
            RefusalCase("Gather", [x, integers([0], [])], ["axis": .int(3)]),
            RefusalCase("Gather", [ones, ones], code: .limitExceeded),

            ShapeCase("GatherElements", [x, tensor("4,2,6", .int64)], ["axis": .int(1)], gives: "4,2,6"),
            ShapeCase("GatherElements", [x, unranked(.int64)], gives: "?,?,?"),
            RefusalCase("GatherElements", [x, tensor("4", .int64)]),
            RefusalCase("GatherElements", [tensor("2"), integers([0, 2])]),

            ShapeCase("GatherND", [x, tensor("7,2", .int64)], gives: "7,6"),
            ShapeCase("GatherND", [x, tensor("3", .int64)], gives: ""),
            ShapeCase("GatherND", [x, tensor("4,9,1", .int64)], ["batch_dims": .int(1)], gives: "4,9,6"),
            ShapeCase("GatherND", [x, tensor("4,?", .int64)], gives: nil),
            RefusalCase("GatherND", [x, tensor("7,4", .int64)]),
            RefusalCase("GatherND", [x, tensor("7,0", .int64)]),
            RefusalCase("GatherND", [x, tensor("3,9,1", .int64)], ["batch_dims": .int(1)]),
            RefusalCase("GatherND", [x, tensor("4,2", .int64)], ["batch_dims": .int(.max)]),
            RefusalCase("GatherND", [x, tensor("4,2", .int64)], ["batch_dims": .int(-1)]),
        ]
        try rows.check()
    }

    func testScatter() throws {
        let x = tensor("4,5")
        let rows: [any TableRow] = [
            ShapeCase("Scatter", [x, tensor("1,5", .int64), tensor("1,5")], operatorSet: 9, gives: "4,5"),
            ShapeCase("ScatterElements", [x, tensor("1,5", .int64), tensor("1,5")], ["axis": .int(1)], gives: "4,5"),
            RefusalCase("ScatterElements", [x, tensor("5", .int64), tensor("5")]),
            RefusalCase("ScatterElements", [x, tensor("1,5", .int64), tensor("2,5")]),
            RefusalCase("ScatterElements", [tensor("4"), integers([4]), tensor("1")]),
            ShapeCase("ScatterND", [x, tensor("3,1", .int64), tensor("3,5")], gives: "4,5"),
            RefusalCase("ScatterND", [x, tensor("3,1", .int64), tensor("3,4")]),
            RefusalCase("ScatterND", [x, tensor("3,3", .int64), tensor("3")]),
            RefusalCase("ScatterND", [x, tensor("3,0", .int64), tensor("3,4,5")]),
            ShapeCase("TensorScatter", [tensor("2,8,128,64"), tensor("2,8,1,64"), tensor("2", .int64)], operatorSet: 24, gives: "2,8,128,64"),
            RefusalCase("TensorScatter", [tensor("2,8,128,64"), tensor("2,4,1,64")], operatorSet: 24),
        ]
        try rows.check()
    }

    func testScatterNDConstant() throws {
        let data = integers(Array(0..<6), [3, 2])
        let rows = try infer("ScatterND", [data, integers([2, -3], [2, 1]), integers([10, 11, 12, 13], [2, 2])])
        XCTAssertEqual(rows.first?.integers, [12, 13, 2, 3, 10, 11])
        let elements = try infer("ScatterND", [data, integers([1, 1], [1, 2]), integers([9])])
        XCTAssertEqual(elements.first?.integers, [0, 1, 2, 9, 4, 5])
        let summed = try infer(
            "ScatterND", [data, integers([1, 1], [1, 2]), integers([9])], ["reduction": .string("add")])
        XCTAssertNil(summed.first?.integers)
        let outside = try infer("ScatterND", [data, integers([3, 0], [1, 2]), integers([9])])
        XCTAssertNil(outside.first?.integers)
    }
}
