import NNFGraph
import NNFOnnx
import XCTest

/// Rules of padding, resizing, image rearrangement, data-dependent selection and text.
final class SpatialRulesTests: XCTestCase {
    func testPad() throws {
        let x = tensor("1,3,10,N")
        let rows: [any TableRow] = [
            ShapeCase("Pad", [x], ["paddings": .ints([0, 0, 1, 0, 0, 0, 2, 0])], operatorSet: 1, gives: "1,3,13,N"),
            ShapeCase("Pad", [x], ["pads": .ints([0, 0, 1, 1, 0, 0, 2, 0])], operatorSet: 2, gives: "1,3,13,?"),
            ShapeCase("Pad", [x, integers([0, 0, -4, 0, 0, 0, -6, 0])], operatorSet: 11, gives: "1,3,0,N"),
            ShapeCase("Pad", [x, integers([1, 2]), nil, integers([-2])], operatorSet: 18, gives: "1,3,13,N"),
            ShapeCase("Pad", [x, integers([1, 2]), nil, tensor("1", .int64)], gives: "?,?,?,?"),
            ShapeCase("Pad", [x, tensor("2", .int64), nil, integers([2])], gives: "1,3,?,N"),
            ShapeCase("Pad", [unranked(), integers([1, 2])], gives: nil),
            ShapeCase("Pad", [tensor(""), integers([])], gives: ""),
            RefusalCase("Pad", [x, integers([0, 0, -4, 0, 0, 0, -7, 0])], naming: "axis 2"),
            RefusalCase("Pad", [x, integers([0, 0, .max, 0, 0, 0, 1, 0])]),
            RefusalCase("Pad", [x, integers([0, 0, .min, 0, 0, 0, .min, 0])]),
            RefusalCase("Pad", [x, integers([1, 2, 3])]),
            RefusalCase("Pad", [x, integers([1, 2]), nil, integers([4])]),
            RefusalCase("Pad", [x]),

            ShapeCase("CenterCropPad", [tensor("10,7,3"), integers([4, 9])], ["axes": .ints([0, -2])], gives: "4,9,3"),
            ShapeCase("CenterCropPad", [tensor("10,7"), tensor("2", .int64)], gives: "?,?"),
            RefusalCase("CenterCropPad", [tensor("10,7"), integers([4])]),
            RefusalCase("CenterCropPad", [tensor("10,7"), integers([4, -1])]),
        ]
        try rows.check()
    }

    func testResize() throws {
        let x = tensor("1,3,10,7")
        let none = reals([])
        let crop: [String: AttributeValue] = ["coordinate_transformation_mode": .string("tf_crop_and_resize")]
        func policy(_ name: String) -> [String: AttributeValue] {
            ["keep_aspect_ratio_policy": .string(name), "axes": .ints([2, 3])]
        }
        let rows: [any TableRow] = [
            ShapeCase("Resize", [x, reals([1, 1, 2, 0.5])], operatorSet: 10, gives: "1,3,20,3"),
            ShapeCase("Resize", [x, none, reals([1, 1, 1.5, 2])], operatorSet: 11, gives: "1,3,15,14"),
            ShapeCase("Resize", [x, none, none, integers([1, 3, 64, 48])], operatorSet: 11, gives: "1,3,64,48"),
            ShapeCase("Resize", [x, nil, nil, integers([1, 3, 64, 48])], operatorSet: 13, gives: "1,3,64,48"),
            ShapeCase("Resize", [tensor("N,3,10,7"), nil, reals([1, 1, 2, 2])], gives: "N,3,20,14"),
            ShapeCase("Resize", [tensor("N,3,10,7"), nil, nil, extents("N,3,H,14")], gives: "N,3,H,14"),
            ShapeCase("Resize", [x, nil, reals([3, 3])], ["axes": .ints([-2, -1])], operatorSet: 18, gives: "1,3,30,21"),
            // The nearest single-precision number to 0.7 is less than it, but ten times it rounds to 7 in single precision.
            ShapeCase("Resize", [x, nil, reals([1, 1, Double(Float(0.7)), 1])], gives: "1,3,7,7"),
            ShapeCase("Resize", [x, nil, nil, integers([20, 20])], policy("not_larger"), gives: "1,3,20,14"),
            ShapeCase("Resize", [x, nil, nil, integers([20, 20])], policy("not_smaller"), gives: "1,3,29,20"),
            ShapeCase("Resize", [tensor("1,3,?,7"), nil, nil, integers([20, 20])], policy("not_larger"), gives: "1,3,?,?"),
            ShapeCase("Resize", [x, reals([0, 0, 0.2, 0, 1, 1, 0.7, 1]), reals([1, 1, 2, 1])], crop, gives: "1,3,10,7"),
            ShapeCase("Resize", [x, nil, tensor("4")], gives: "?,?,?,?"),
            ShapeCase("Resize", [unranked(), nil, reals([1, 1, 2, 2])], gives: nil),
            RefusalCase("Resize", [x]),
            RefusalCase("Resize", [x, none, none]),
            RefusalCase("Resize", [x, nil, reals([2, 2])]),
            RefusalCase("Resize", [x, nil, reals([1, 1, 0, 1])]),
            RefusalCase("Resize", [x, nil, reals([1, 1, -2, 1])]),
            RefusalCase("Resize", [x, nil, reals([1, 1, .infinity, 1])]),
            RefusalCase("Resize", [x, nil, reals([1, 1, .nan, 1])]),
            RefusalCase("Resize", [x, nil, reals([1, 1, 1e30, 1])]),
            RefusalCase("Resize", [x, nil, nil, integers([1, 3, -1, 1])]),
            RefusalCase("Resize", [x, nil, nil, integers([1, 3])]),
            RefusalCase("Resize", [x, nil, nil, integers([20, 20])], policy("widest")),
            RefusalCase("Resize", [x, reals([0, 1]), reals([1, 1, 2, 1])], crop),

            ShapeCase("Upsample", [x, reals([1, 1, 2, 3])], operatorSet: 9, gives: "1,3,20,21"),
            ShapeCase("Upsample", [x], ["scales": .floats([1, 1, 2, 2])], operatorSet: 7, gives: "1,3,20,14"),
            ShapeCase("Upsample", [x], ["height_scale": .float(2), "width_scale": .float(2)], operatorSet: 1, gives: "1,3,20,14"),
            RefusalCase("Upsample", [x], operatorSet: 9),
            RefusalCase("Upsample", [x], operatorSet: 7),
        ]
        try rows.check()
    }

    func testImages() throws {
        func block(_ size: Int64) -> [String: AttributeValue] { ["blocksize": .int(size)] }
        let rows: [any TableRow] = [
            ShapeCase("DepthToSpace", [tensor("N,12,5,6")], block(2), gives: "N,3,10,12"),
            ShapeCase("DepthToSpace", [unranked()], block(2), gives: "?,?,?,?"),
            RefusalCase("DepthToSpace", [tensor("1,10,5,6")], block(2), naming: "channels"),
            RefusalCase("DepthToSpace", [tensor("1,12,5,6")], block(0)),
            RefusalCase("DepthToSpace", [tensor("1,12,5,6")], block(.max)),
            RefusalCase("DepthToSpace", [tensor("1,12,5,6")]),
            RefusalCase("DepthToSpace", [tensor("12,5,6")], block(2)),
            ShapeCase("SpaceToDepth", [tensor("N,3,10,12")], block(2), gives: "N,12,5,6"),
            RefusalCase("SpaceToDepth", [tensor("N,3,9,12")], block(2), naming: "height"),

            ShapeCase("GridSample", [tensor("N,3,8,8"), tensor("N,5,6,2")], gives: "N,3,5,6"),
            ShapeCase("GridSample", [tensor("1,3,8,8,8"), tensor("1,4,5,6,3")], gives: "1,3,4,5,6"),
            ShapeCase("GridSample", [tensor("1,3,8,8"), unranked()], gives: "1,3,?,?"),
            RefusalCase("GridSample", [tensor("1,3,8,8"), tensor("1,5,6,3")]),
            RefusalCase("GridSample", [tensor("1,3,8,8"), tensor("2,5,6,2")]),
            RefusalCase("GridSample", [tensor("1,3,8,8"), tensor("1,5,2")]),

            ShapeCase("AffineGrid", [tensor("2,2,3"), integers([2, 3, 5, 6])], gives: "2,5,6,2"),
            ShapeCase("AffineGrid", [tensor("N,3,4"), extents("N,3,4,5,6")], gives: "N,4,5,6,3"),
            ShapeCase("AffineGrid", [tensor("N,3,4"), unranked(.int64)], gives: nil),
            RefusalCase("AffineGrid", [tensor("2,2,3"), integers([2, 3, 5])]),

            ShapeCase("Col2Im", [tensor("1,45,4"), integers([5, 5]), integers([3, 3])], gives: "1,5,5,5"),
            ShapeCase("Col2Im", [tensor("1,45,4"), tensor("2", .int64), integers([3, 3])], gives: "1,5,?,?"),
            RefusalCase("Col2Im", [tensor("1,44,4"), integers([5, 5]), integers([3, 3])]),
            RefusalCase("Col2Im", [tensor("1,45,4"), integers([5, 5]), integers([0, 3])]),
            RefusalCase("Col2Im", [tensor("1,45,4"), integers([5]), integers([3, 3])]),

            ShapeCase("ReverseSequence", [tensor("7,N,3"), tensor("N", .int64)], gives: "7,N,3"),
            RefusalCase("ReverseSequence", [tensor("7,4"), tensor("5", .int64)]),
            RefusalCase("ReverseSequence", [tensor("7,4"), tensor("4", .int64)], ["time_axis": .int(1)]),
            ShapeCase("Trilu", [tensor("N,8,8")], gives: "N,8,8"),
        ]
        try rows.check()
    }

    func testSelection() throws {
        let rows: [any TableRow] = [
            ShapeCase("NonMaxSuppression", [tensor("1,100,4"), tensor("1,80,100")], gives: "?,3"),
            RefusalCase("NonMaxSuppression", [tensor("1,100,4"), tensor("1,80,99")]),
            RefusalCase("NonMaxSuppression", [tensor("100,4"), tensor("1,80,100")]),
            ShapeCase("Compress", [tensor("4,5"), integers([1, 0, 1, 1])], ["axis": .int(0)], gives: "3,5"),
            ShapeCase("Compress", [tensor("4,5"), tensor("4", .bool)], ["axis": .int(1)], gives: "4,?"),
            ShapeCase("Compress", [tensor("4,5"), tensor("4", .bool)], gives: "?"),
            RefusalCase("Compress", [tensor("4,5"), tensor("2,2", .bool)]),
            RefusalCase("Compress", [tensor("4,5"), tensor("4", .bool)], ["axis": .int(2)]),
            ShapeCase("Unique", [tensor("4,5")], gives: "?", "?", "20", "?"),
            ShapeCase("Unique", [tensor("4,5")], ["axis": .int(-1)], gives: "4,?", "?", "5", "?"),
            RefusalCase("Unique", [tensor("4,5")], ["axis": .int(2)]),
        ]
        try rows.check()
    }

    func testText() throws {
        let places: [String: AttributeValue] = ["ngram_indexes": .ints([0, 6, 3])]
        let rows: [any TableRow] = [
            ShapeCase("StringNormalizer", [tensor("4", .string)], gives: "4"),
            ShapeCase("StringNormalizer", [tensor("1,4", .string)], ["stopwords": .strings(["a"])], gives: "1,?"),
            RefusalCase("StringNormalizer", [tensor("2,4", .string)]),
            ShapeCase("StringConcat", [tensor("3,1", .string), tensor("4", .string)], gives: "3,4"),
            ShapeCase("StringSplit", [tensor("3", .string)], gives: "3,?", "3"),
            ShapeCase("RegexFullMatch", [tensor("3", .string)], gives: "3"),
            ShapeCase("TfIdfVectorizer", [tensor("12", .int64)], places, gives: "7"),
            ShapeCase("TfIdfVectorizer", [tensor("N,12", .int64)], places, gives: "N,7"),
            RefusalCase("TfIdfVectorizer", [tensor("12", .int64)]),
            RefusalCase("TfIdfVectorizer", [tensor("12", .int64)], ["ngram_indexes": .ints([.max])]),
            RefusalCase("TfIdfVectorizer", [tensor("12", .int64)], ["ngram_indexes": .ints([-1])]),
        ]
        try rows.check()
    }
}
