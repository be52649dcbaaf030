import NNFGraph
import NNFOnnx
import XCTest

/// Rules that read or change shapes: `Shape` … `Tile`, `Reshape`.
final class ShapeRulesTests: XCTestCase {
    func testShapes() throws {
        try (shapeReaders + flattenings + axisChanges + transpositions + broadcasts).check()
    }

    private var shapeReaders: [any TableRow] {
        [
            ShapeCase("Shape", [tensor("2,3,4")], gives: "3"),
            ShapeCase("Shape", [tensor("")], gives: "0"),
            ShapeCase("Shape", [unranked()], gives: "?"),
            ShapeCase("Shape", [tensor("2,3,4")], ["start": .int(-2)], gives: "2"),
            ShapeCase("Shape", [tensor("2,3,4")], ["end": .int(-1)], gives: "2"),
            ShapeCase("Shape", [tensor("2,3")], ["start": .int(2), "end": .int(1)], gives: "0"),
            ShapeCase("Shape", [tensor("2,3")], ["start": .int(.min), "end": .int(.max)], gives: "2"),
            RefusalCase("Shape", [tensor("2,3")], ["start": .string("1")]),
            RefusalCase("Shape", [nil]),
            RefusalCase("Shape", []),
            ShapeCase("Size", [tensor("2,3")], gives: ""),
        ]
    }

    private var flattenings: [any TableRow] {
        [
            ShapeCase("Flatten", [tensor("2,3,4,5")], gives: "2,60"),
            ShapeCase("Flatten", [tensor("N,512,1,1")], gives: "N,512"),
            ShapeCase("Flatten", [tensor("2,3,4")], ["axis": .int(0)], gives: "1,24"),
            ShapeCase("Flatten", [tensor("2,3,4")], ["axis": .int(3)], gives: "24,1"),
            ShapeCase("Flatten", [tensor("2,3,4")], ["axis": .int(-1)], gives: "6,4"),
            ShapeCase("Flatten", [tensor("")], ["axis": .int(0)], gives: "1,1"),
            ShapeCase("Flatten", [unranked()], gives: "?,?"),
            ShapeCase("Flatten", [tensor("1,1099511627776,1099511627776")], gives: "1,?"),
            RefusalCase("Flatten", [tensor("2,3")], ["axis": .int(3)]),
            RefusalCase("Flatten", [tensor("2,3")], ["axis": .int(.min)]),
        ]
    }

    private var axisChanges: [any TableRow] {
        let x = tensor("1,3,1,5")
        return [
            ShapeCase("Squeeze", [x], gives: "3,5"),
            ShapeCase("Squeeze", [tensor("1,N")], gives: nil),
            ShapeCase("Squeeze", [x], ["axes": .ints([0])], operatorSet: 11, gives: "3,1,5"),
            ShapeCase("Squeeze", [x, integers([-2, 0])], gives: "3,5"),
            ShapeCase("Squeeze", [x, tensor("1", .int64)], gives: "?,?,?"),
            ShapeCase("Squeeze", [x, unranked(.int64)], gives: nil),
            ShapeCase("Squeeze", [x, tensor("9", .int64)], gives: nil),
            ShapeCase("Squeeze", [tensor("1,N"), integers([0])], gives: "N"),
            ShapeCase("Squeeze", [tensor("1"), integers([0], [])], gives: ""),
            RefusalCase("Squeeze", [x, integers([1])], naming: "extent is 3"),
            RefusalCase("Squeeze", [x, integers([0, -4])], naming: "twice"),
            RefusalCase("Squeeze", [x, integers([.max])]),
            RefusalCase("Squeeze", [x, reals([0])], naming: "integers"),
            RefusalCase("Squeeze", [x, integers([0], [1, 1])], naming: "vector"),

            ShapeCase("Unsqueeze", [tensor("3"), integers([0, 2])], gives: "1,3,1"),
            ShapeCase("Unsqueeze", [tensor("3"), integers([-1])], gives: "3,1"),
            ShapeCase("Unsqueeze", [tensor("3")], ["axes": .ints([0])], operatorSet: 9, gives: "1,3"),
            ShapeCase("Unsqueeze", [tensor("3"), tensor("2", .int64)], gives: "?,?,?"),
            ShapeCase("Unsqueeze", [unranked(), integers([0])], gives: nil),
            RefusalCase("Unsqueeze", [tensor("3")]),
            RefusalCase("Unsqueeze", [tensor("3"), integers([0, 0])]),
            RefusalCase("Unsqueeze", [tensor("3"), integers([.min])]),
            RefusalCase("Unsqueeze", [tensor("3"), integers(Array(0..<100))], code: .limitExceeded),
        ]
    }

    private var transpositions: [any TableRow] {
        [
            ShapeCase("Transpose", [tensor("2,3,4")], gives: "4,3,2"),
            ShapeCase("Transpose", [tensor("N,3,4")], ["perm": .ints([0, 2, 1])], gives: "N,4,3"),
            ShapeCase("Transpose", [unranked()], ["perm": .ints([1, 0])], gives: "?,?"),
            ShapeCase("Transpose", [unranked()], gives: nil),
            ShapeCase("Transpose", [tensor("")], gives: ""),
            RefusalCase("Transpose", [tensor("2,3")], ["perm": .ints([0, 0])]),
            RefusalCase("Transpose", [tensor("2,3")], ["perm": .ints([1])]),
            RefusalCase("Transpose", [tensor("2,3")], ["perm": .ints([-1, 0])]),
            RefusalCase("Transpose", [unranked()], ["perm": .ints(Array(0..<70))], code: .limitExceeded),
        ]
    }

    private var broadcasts: [any TableRow] {
        let open = extents("N,4")
        return [
            ShapeCase("Expand", [tensor("3,1"), integers([2, 1, 6])], gives: "2,3,6"),
            ShapeCase("Expand", [tensor("3,4"), integers([1])], gives: "3,4"),
            ShapeCase("Expand", [tensor("1,4"), open], gives: "N,4"),
            ShapeCase("Expand", [tensor("1,4"), tensor("3", .int64)], gives: "?,?,4"),
            ShapeCase("Expand", [tensor("1,4"), unranked(.int64)], gives: nil),
            ShapeCase("Expand", [tensor("1"), integers([0])], gives: "0"),
            RefusalCase("Expand", [tensor("3"), integers([2])]),
            RefusalCase("Expand", [tensor("3"), integers([-1])]),
            RefusalCase("Expand", [tensor("3"), integers(Array(repeating: 1, count: 65))], code: .limitExceeded),

            ShapeCase("Tile", [tensor("2,3"), integers([2, 4])], gives: "4,12"),
            ShapeCase("Tile", [tensor("N,3"), integers([1, 0])], gives: "N,0"),
            ShapeCase("Tile", [tensor("1,3"), extents("N,1")], gives: "N,3"),
            ShapeCase("Tile", [tensor("2,3"), tensor("2", .int64)], gives: "?,?"),
            ShapeCase("Tile", [tensor("2,3"), integers([5], []), integers([1], [])], operatorSet: 1, gives: "2,15"),
            ShapeCase("Tile", [tensor("2,3"), integers([.max, 1])], gives: "?,3"),
            RefusalCase("Tile", [tensor("2,3"), integers([2])]),
            RefusalCase("Tile", [tensor("2"), integers([-2])]),
        ]
    }

    func testReshape() throws {
        let x = tensor("2,3,4")
        let open = tensor("N,512,7,7")
        let rows: [any TableRow] = [
            ShapeCase("Reshape", [x, integers([6, 4])], gives: "6,4"),
            ShapeCase("Reshape", [x, integers([0, -1])], gives: "2,12"),
            ShapeCase("Reshape", [x, integers([-1])], gives: "24"),
            ShapeCase("Reshape", [tensor("1,1"), integers([])], gives: ""),
            ShapeCase("Reshape", [tensor(""), integers([1, -1])], gives: "1,1"),
            ShapeCase("Reshape", [x], ["shape": .ints([4, 6])], operatorSet: 1, gives: "4,6"),
            ShapeCase("Reshape", [tensor("0,3"), integers([-1, 3])], gives: "0,3"),
            ShapeCase("Reshape", [tensor("0,3"), integers([3, 0])], ["allowzero": .int(1)], gives: "3,0"),
            ShapeCase("Reshape", [unranked(), integers([2, -1])], gives: "2,?"),
            ShapeCase("Reshape", [unranked(), integers([0, 5])], gives: "?,5"),
            ShapeCase("Reshape", [x, tensor("2", .int64)], gives: "?,?"),
            ShapeCase("Reshape", [x, unranked(.int64)], gives: nil),
            // Open axes that cancel.
            ShapeCase("Reshape", [open, integers([0, -1])], gives: "N,25088"),
            ShapeCase("Reshape", [open, integers([-1, 25_088])], gives: "N,25088"),
            ShapeCase("Reshape", [open, extents("N,?")], gives: "N,25088"),
            ShapeCase("Reshape", [tensor("N,T,768"), extents("N,T,12,?")], gives: "N,T,12,64"),
            ShapeCase("Reshape", [tensor("N,12,T,64"), integers([-1, 12, 64])], gives: "?,12,64"),
            ShapeCase("Reshape", [tensor("?,6"), integers([0, 2, -1])], gives: "?,2,3"),
            ShapeCase("Reshape", [tensor("N,6"), integers([4, -1])], gives: "4,?"),
            ShapeCase("Reshape", [tensor("N,6"), integers([4, 6])], gives: "4,6"),
            ShapeCase("Reshape", [x, extents("N,?")], gives: "N,?"),
            // What cannot fit.
            RefusalCase("Reshape", [x, integers([5, 5])], naming: "[2, 3, 4]"),
            RefusalCase("Reshape", [x, integers([5, 5])], naming: "[5, 5]"),
            RefusalCase("Reshape", [x, integers([7, -1])]),
            RefusalCase("Reshape", [x, integers([.max, .max])]),
            RefusalCase("Reshape", [x, integers([.max, .max, -1])]),
            RefusalCase("Reshape", [x, integers([-1, -1])]),
            RefusalCase("Reshape", [x, integers([.min])]),
            RefusalCase("Reshape", [x, integers([2, 3, 4, 0])], naming: "axis 3"),
            RefusalCase("Reshape", [x, integers([0, 24])], ["allowzero": .int(1)]),
            RefusalCase("Reshape", [tensor("0"), integers([0, -1])], ["allowzero": .int(1)]),
            RefusalCase("Reshape", [tensor("0,3"), integers([0, -1])]),
            RefusalCase("Reshape", [tensor("1"), integers(Array(repeating: 1, count: 4_000))], code: .limitExceeded),
            RefusalCase("Reshape", [x], naming: "missing"),
        ]
        try rows.check()
    }

    /// PyTorch's `x.view(x.size(0), -1)`: what a shape holds goes through `Gather`, `Unsqueeze` and `Concat`.
    func testShapeArithmeticKeepsSymbols() throws {
        let held = try output("Shape", [tensor("N,3,T")])
        XCTAssertEqual(held.partialElements, shape("N, 3, T"))
        let first = try output("Gather", [held, integers([0], [])])
        XCTAssertEqual(first.type.shape, [])
        XCTAssertEqual(first.partialElements, shape("N"))
        let unsqueezed = try output("Unsqueeze", [first, integers([0])])
        XCTAssertEqual(unsqueezed.partialElements, shape("N"))
        let sliced = try output("Slice", [held, integers([-1]), integers([.max])])
        XCTAssertEqual(sliced.partialElements, shape("T"))
        let reversed = try output("Slice", [held, integers([-1]), integers([.min]), integers([0]), integers([-2])])
        XCTAssertEqual(reversed.partialElements, shape("T, N"))
        let joined = try output("Concat", [unsqueezed, integers([-1]), sliced], ["axis": .int(0)])
        XCTAssertEqual(joined.partialElements, shape("N, ?, T"))
        let target = try output("Reshape", [tensor("N,3,4,T"), joined])
        XCTAssertEqual(target.type.shape, shape("N,12,T"))
        let parts = try infer("Split", [held, integers([1, 2])], outputs: 2)
        XCTAssertEqual(parts.map(\.partialElements), [shape("N"), shape("3,T")])
        let middle = try output("Gather", [held, integers([1])])
        XCTAssertEqual(middle.integers, [3], "what is wholly known is a constant")
        let count = try output("Size", [tensor("N,1")])
        XCTAssertEqual(count.partialElements, shape("N"))
        let replaced = try output("ScatterND", [held, integers([1], [1, 1]), integers([9])])
        XCTAssertEqual(replaced.partialElements, shape("N, 9, T"))
        let counted = try output("Range", [integers([0], []), first, integers([1], [])])
        XCTAssertEqual(counted.type.shape, shape("N"))
        let filled = try output("ConstantOfShape", [held])
        XCTAssertEqual(filled.type.shape, shape("N,3,T"))
    }

    func testKnownShapesAreConstants() throws {
        XCTAssertEqual(try output("Shape", [tensor("2,3")]).integers, [2, 3])
        XCTAssertEqual(try output("Shape", [tensor("")]).integers, [])
        XCTAssertEqual(try output("Size", [tensor("2,3")]).integers, [6])
        XCTAssertEqual(try output("Size", [tensor("")]).integers, [1])
        XCTAssertNil(try output("Size", [tensor("1099511627776,1099511627776")]).integers)
    }
}
