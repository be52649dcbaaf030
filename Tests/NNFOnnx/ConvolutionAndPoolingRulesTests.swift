import NNFGraph
import NNFOnnx
import TestSupport
import XCTest

final class ConvolutionAndPoolingRulesTests: XCTestCase {
    func testConvolution() throws {
        let image = tensor("1, 3, 224, 224")
        let cases = [
            // The stem of a ResNet: ⌊(224 + 6 - 7) / 2⌋ + 1.
            ShapeCase(
                "Conv", [image, tensor("64, 3, 7, 7"), tensor("64")],
                ["strides": .ints([2, 2]), "pads": .ints([3, 3, 3, 3])], gives: "1, 64, 112, 112"),
            ShapeCase("Conv", [image, tensor("8, 3, 3, 3")], gives: "1, 8, 222, 222"),
            ShapeCase(
                "Conv", [tensor("1, 32, 15, 16"), tensor("32, 1, 3, 3")],
                ["group": .int(32), "strides": .ints([2, 2]), "auto_pad": .string("SAME_UPPER")],
                gives: "1, 32, 8, 8"),
            ShapeCase(
                "Conv", [image, tensor("8, 3, 3, 3")], ["dilations": .ints([2, 3])],
                gives: "1, 8, 220, 218"),
            ShapeCase(
                "Conv", [image, tensor("8, 3, 3, 3")],
                ["auto_pad": .string("VALID"), "pads": .ints([9, 9, 9, 9])],
                gives: "1, 8, 222, 222"),
            // A symbol passes where the padding makes up for the window, and nowhere else.
            ShapeCase(
                "Conv", [tensor("N, 3, H, W"), tensor("8, 3, 3, 3")],
                ["pads": .ints([1, 0, 1, 0])], gives: "N, 8, H, ?"),
            ShapeCase(
                "Conv", [tensor("N, 3, H, W"), tensor("8, 3, 3, 3")],
                ["auto_pad": .string("SAME_LOWER"), "strides": .ints([1, 2])],
                gives: "N, 8, H, ?"),
            ShapeCase("Conv", [unranked(), tensor("8, 3, 3, 3")], gives: "?, 8, ?, ?"),
            ShapeCase("Conv", [unranked(), unranked()], gives: nil),
            ShapeCase(
                "Conv", [tensor("2, 3, 10"), unranked(), tensor("7")],
                ["kernel_shape": .ints([4])], gives: "2, 7, 7"),
            ShapeCase(
                "FusedConv", [image, tensor("8, 3, 1, 1"), nil, image],
                ["activation": .string("Relu")], domain: "com.microsoft", gives: "1, 8, 224, 224"),
            ShapeCase(
                "DeformConv",
                [tensor("1, 4, 9, 9"), tensor("6, 2, 3, 3"), tensor("1, 18, 7, 7"), tensor("6")],
                ["group": .int(2)], gives: "1, 6, 7, 7"),
        ]
        for row in cases { try row.check() }
    }

    func testQuantizedConvolutionTypes() throws {
        let scale = tensor("", .float)
        let outputs = try infer(
            "QLinearConv",
            [
                tensor("1, 1, 7, 7", .uint8), scale, tensor("", .uint8), tensor("1, 1, 1, 1", .int8),
                scale, tensor("", .int8), scale, tensor("", .int8),
            ])
        XCTAssertEqual(outputs[0].type, TensorType(.int8, shape("1, 1, 7, 7")))
        let sum = try infer("ConvInteger", [tensor("1, 1, 3, 3", .uint8), tensor("1, 1, 2, 2", .uint8)])
        XCTAssertEqual(sum[0].type, TensorType(.int32, shape("1, 1, 2, 2")))
    }

    func testTransposedConvolution() throws {
        let (input, weight) = (tensor("1, 1, 3, 3"), tensor("1, 2, 3, 3"))
        let cases = [
            ShapeCase("ConvTranspose", [input, weight], gives: "1, 2, 5, 5"),
            ShapeCase(
                "ConvTranspose", [input, weight],
                ["strides": .ints([3, 2]), "output_padding": .ints([1, 1])], gives: "1, 2, 10, 8"),
            ShapeCase(
                "ConvTranspose", [input, weight],
                ["strides": .ints([3, 2]), "output_shape": .ints([10, 8])], gives: "1, 2, 10, 8"),
            ShapeCase(
                "ConvTranspose", [input, weight],
                ["strides": .ints([3, 2]), "output_shape": .ints([1, 2, 10, 8])],
                gives: "1, 2, 10, 8"),
            ShapeCase(
                "ConvTranspose", [input, weight],
                ["auto_pad": .string("SAME_UPPER"), "strides": .ints([2, 2])], gives: "1, 2, 6, 6"),
            ShapeCase(
                "ConvTranspose", [input, weight],
                ["strides": .ints([3, 2]), "pads": .ints([1, 2, 1, 2])], gives: "1, 2, 7, 3"),
            ShapeCase(
                "ConvTranspose", [tensor("N, 4, H, W"), tensor("4, 2, 3, 3")],
                ["group": .int(2), "pads": .ints([1, 1, 1, 1])], gives: "N, 4, H, W"),
        ]
        for row in cases { try row.check() }
    }

    func testPooling() throws {
        let cases = [
            ShapeCase(
                "MaxPool", [tensor("1, 64, 112, 112")],
                [
                    "kernel_shape": .ints([3, 3]), "strides": .ints([2, 2]),
                    "pads": .ints([1, 1, 1, 1]),
                ], gives: "1, 64, 56, 56", "1, 64, 56, 56"),
            ShapeCase(
                "MaxPool", [tensor("1, 1, 4, 4")],
                ["kernel_shape": .ints([3, 3]), "strides": .ints([2, 2]), "ceil_mode": .int(1)],
                gives: "1, 1, 2, 2"),
            // A last window that would start in the padding does not count, rounded up or not.
            ShapeCase(
                "MaxPool", [tensor("1, 1, 2, 2")],
                ["kernel_shape": .ints([1, 1]), "strides": .ints([2, 2]), "ceil_mode": .int(1)],
                gives: "1, 1, 1, 1"),
            ShapeCase(
                "AveragePool", [tensor("1, 1, 5")],
                [
                    "kernel_shape": .ints([2]), "strides": .ints([3]), "pads": .ints([0, 1]),
                    "ceil_mode": .int(1),
                ], gives: "1, 1, 2"),
            ShapeCase(
                "LpPool", [tensor("2, 3, 8, 8")],
                ["kernel_shape": .ints([2, 2]), "dilations": .ints([2, 2])], gives: "2, 3, 6, 6"),
            ShapeCase("MaxPool", [unranked()], ["kernel_shape": .ints([2])], gives: nil, nil),
            ShapeCase("GlobalAveragePool", [tensor("N, 512, H, 7")], gives: "N, 512, 1, 1"),
            ShapeCase(
                "MaxUnpool", [tensor("1, 1, 2, 2"), tensor("1, 1, 2, 2", .int64)],
                ["kernel_shape": .ints([2, 2]), "strides": .ints([2, 2])], gives: "1, 1, 4, 4"),
            ShapeCase(
                "MaxUnpool",
                [tensor("1, 1, 2, 2"), tensor("1, 1, 2, 2", .int64), integers([1, 1, 5, 5])],
                ["kernel_shape": .ints([2, 2]), "strides": .ints([2, 2])], gives: "1, 1, 5, 5"),
            ShapeCase(
                "RoiAlign", [tensor("2, 256, 50, 50"), tensor("R, 4"), tensor("R", .int64)],
                ["output_height": .int(7), "output_width": .int(5)], gives: "R, 256, 7, 5"),
            ShapeCase(
                "MaxRoiPool", [tensor("2, 256, 50, 50"), tensor("10, 5")],
                ["pooled_shape": .ints([6, 7])], gives: "10, 256, 6, 7"),
        ]
        for row in cases { try row.check() }
        let types = try infer(
            "MaxPool", [tensor("1, 1, 4, 4", .float16)], ["kernel_shape": .ints([2, 2])], outputs: 2
        ).map(\.type.elementType)
        XCTAssertEqual(types, [.float16, .int64])
    }

    func testHostileAttributes() {
        let (image, weight) = (tensor("1, 4, 8, 8"), tensor("8, 4, 3, 3"))
        let attributes: [[String: AttributeValue]] = [
            ["group": .int(0)], ["group": .int(-1)], ["group": .int(.min)], ["group": .int(3)],
            ["group": .string("1")], ["strides": .ints([0, 1])], ["strides": .ints([-1, 1])],
            ["strides": .ints([1])], ["dilations": .ints([.max, .max])],
            ["dilations": .ints([0, 0])], ["pads": .ints([-1, 0, 0, 0])],
            ["pads": .ints([.max, 0, .max, 0])], ["pads": .ints([0, 0])],
            ["kernel_shape": .ints([5, 5])], ["kernel_shape": .ints([-3, 3])],
            ["kernel_shape": .ints(Array(repeating: 3, count: 1000))],
            ["auto_pad": .string("SAME")], ["auto_pad": .int(1)],
        ]
        for attribute in attributes { RefusalCase("Conv", [image, weight], attribute).check() }
        RefusalCase("Conv", []).check()
        RefusalCase("Conv", [image, nil]).check()
        RefusalCase("Conv", [image, tensor("8, 5, 3, 3")]).check()
        RefusalCase("Conv", [image, tensor("8, 4, 3")]).check()
        RefusalCase("Conv", [image, tensor("8, 4, 9, 9")]).check()
        RefusalCase("Conv", [image, tensor("8, 4, 0, 3")]).check()
        RefusalCase("Conv", [image, weight, tensor("7")]).check()
        RefusalCase("Conv", [tensor("4, 8"), tensor("8, 4")]).check()

        let transposed = tensor("4, 8, 3, 3")
        for attribute in [
            ["output_padding": .ints([-1, 0])], ["output_shape": .ints([-5, 5])],
            ["output_shape": .ints([5])], ["strides": .ints([.max, 2])],
            ["pads": .ints([40, 40, 40, 40])], ["group": .int(3)],
        ] as [[String: AttributeValue]] {
            RefusalCase("ConvTranspose", [image, transposed], attribute).check()
        }

        RefusalCase("MaxPool", [image]).check()
        RefusalCase("MaxPool", [image], ["kernel_shape": .ints([0, 1])]).check()
        RefusalCase("MaxPool", [image], ["kernel_shape": .ints([.max, .max])]).check()
        RefusalCase("MaxPool", [image], ["kernel_shape": .ints([2])]).check()
        RefusalCase("RoiAlign", [image, tensor("3, 4"), tensor("4", .int64)]).check()
        RefusalCase("RoiAlign", [image, tensor("3, 4"), tensor("3", .int64)], ["output_width": .int(0)]).check()
        RefusalCase("MaxRoiPool", [image, tensor("3, 5")], ["pooled_shape": .ints([0, .min])]).check()
    }

    /// Against the definition: count the positions of the window by trying each.
    func testPooledExtentMatchesCounting() throws {
        var generator = SplitMix64(seed: 1)
        for _ in 0..<2000 {
            let extent = Int.random(in: 1...20, using: &generator)
            let window = Int.random(in: 1...5, using: &generator)
            let stride = Int.random(in: 1...4, using: &generator)
            let dilation = Int.random(in: 1...3, using: &generator)
            let begin = Int.random(in: 0...3, using: &generator)
            let end = Int.random(in: 0...3, using: &generator)
            let roundsUp = Bool.random(using: &generator)
            let reach = (window - 1) * dilation + 1
            let attributes: [String: AttributeValue] = [
                "kernel_shape": .ints([Int64(window)]), "strides": .ints([Int64(stride)]),
                "dilations": .ints([Int64(dilation)]), "pads": .ints([Int64(begin), Int64(end)]),
                "ceil_mode": .int(roundsUp ? 1 : 0),
            ]
            guard extent + begin + end >= reach else {
                RefusalCase("MaxPool", [tensor("1, 1, \(extent)")], attributes).check()
                continue
            }
            var positions = 0
            var start = 0
            while start + reach <= begin + extent + end {
                positions += 1
                start += stride
            }
            // Rounding up adds a window that hangs over the end, if it starts on the input or on the padding before it.
            let hangsOver = start - stride + reach < begin + extent + end
            if roundsUp, hangsOver, start < begin + extent { positions += 1 }
            let output = try infer("MaxPool", [tensor("1, 1, \(extent)")], attributes)
            XCTAssertEqual(
                output[0].type.shape, shape("1, 1, \(positions)"), "\(extent) \(attributes)")
        }
    }
}
