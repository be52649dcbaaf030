import NNFGraph
import XCTest

final class CostModelTests: XCTestCase {
    private func cost(
        _ operatorName: String, _ inputs: [TensorType], _ outputs: [TensorType],
        attributes: [String: AttributeValue] = [:], constants: Set<Int> = []
    ) -> Cost {
        CostModel.cost(
            of: Node(
                name: "node", operatorName: operatorName, attributes: Attributes(attributes),
                inputs: inputs.enumerated().map { position, type in
                    NodeInput(
                        source: constants.contains(position)
                            ? .constant(number: position) : .graphInput(position), type: type)
                }, outputs: outputs))
    }

    func testConvolution() {
        // ResNet's stem: 64 filters of 3×7×7 at 112×112 are 118,013,952 multiply-accumulates.
        let stem = cost(
            "Conv", [tensor(1, 3, 224, 224), tensor(64, 3, 7, 7), tensor(64)],
            [tensor(1, 64, 112, 112)], attributes: ["strides": .ints([2, 2])], constants: [1, 2])
        XCTAssertEqual(stem.macs, 118_013_952)
        XCTAssertEqual(stem.flops, 2 * 118_013_952 + 64 * 112 * 112)
        XCTAssertEqual(stem.bytesWritten, 4 * 64 * 112 * 112)
        XCTAssertEqual(stem.bytesRead, 4 * (3 * 224 * 224 + 64 * 3 * 49 + 64))
        let depthwise = cost(
            "Conv", [tensor(2, 32, 10, 10), tensor(32, 1, 3, 3)], [tensor(2, 32, 10, 10)],
            attributes: ["group": .int(32)])
        XCTAssertEqual(depthwise.macs, 2 * 32 * 100 * 9)
        let transposed = cost(
            "ConvTranspose", [tensor(1, 16, 8, 8), tensor(16, 4, 2, 2)], [tensor(1, 4, 16, 16)])
        XCTAssertEqual(transposed.macs, 16 * 64 * 4 * 4)
    }

    func testMatrixProducts() {
        XCTAssertEqual(
            cost("MatMul", [tensor(8, 12, 64), tensor(8, 64, 5)], [tensor(8, 12, 5)]).macs,
            8 * 12 * 64 * 5)
        XCTAssertEqual(
            cost("Gemm", [tensor(7, 3), tensor(7, 5)], [tensor(3, 5)], attributes: ["transA": .int(1)]).macs,
            3 * 7 * 5)
        XCTAssertEqual(
            cost("Einsum", [tensor(2, 3, 4), tensor(2, 4, 5)], [tensor(2, 3, 5)],
                attributes: ["equation": .string("bij,bjk->bik")]).macs, 2 * 3 * 4 * 5)
    }

    func testRecurrence() {
        // 10 steps, batch 2, input 8, hidden 16, one direction: four gates see input and state.
        XCTAssertEqual(
            cost("LSTM", [tensor(10, 2, 8), tensor(1, 64, 8), tensor(1, 64, 16)],
                [tensor(10, 1, 2, 16)]).macs, 20 * (64 * 8 + 64 * 16))
    }

    func testViewsAreFreeAndIndexedReadsTouchWhatTheySelect() {
        let view = cost("Reshape", [tensor(4, 256), tensor(2)], [tensor(1024)])
        XCTAssertEqual(view, Cost())
        let rows = cost("Gather", [tensor(30_000, 768), TensorType(.int64, [Dimension(128)])],
            [tensor(128, 768)])
        XCTAssertEqual(rows.bytesRead, 4 * 128 * 768 + 8 * 128)
    }

    func testUnknownExtentsAndHugeOnesDoNotTrap() {
        let unknown = TensorType(.float, [.unknown, Dimension(3)])
        XCTAssertEqual(cost("Relu", [unknown], [unknown]).flops, 0)
        let huge = tensor(Int.max / 16, 1, 1, 1)
        let saturated = cost("Conv", [huge, tensor(1, 1 << 20, 1 << 10, 1)], [huge])
        XCTAssertEqual(saturated.macs, .max)
    }

    func testDoublingTheBatchDoublesArithmetic() {
        for batch in [1, 3, 64] {
            let one = cost("Conv", [tensor(batch, 8, 9, 9), tensor(4, 8, 3, 3)], [tensor(batch, 4, 7, 7)])
            let two = cost(
                "Conv", [tensor(2 * batch, 8, 9, 9), tensor(4, 8, 3, 3)], [tensor(2 * batch, 4, 7, 7)])
            XCTAssertEqual(two.flops, 2 * one.flops)
        }
    }
}
