import NNFGraph
import XCTest

final class GraphEncodingTests: XCTestCase {
    private func column(_ name: String) throws -> Int {
        try XCTUnwrap(FeatureSchema.nodeFeatureNames.firstIndex(of: name), name)
    }

    func testNamesAreUniqueAndRowsAreComplete() throws {
        let names = FeatureSchema.nodeFeatureNames
        XCTAssertEqual(Set(names).count, names.count)
        let encoding = try GraphEncoding(of: elementwiseGraph(parents: [[], [0], [0, 1]]))
        XCTAssertEqual(encoding.nodeFeatures.count, 3 * names.count)
        XCTAssertEqual(encoding.graphFeatures.count, FeatureSchema.graphFeatureNames.count)
        XCTAssertTrue(encoding.nodeFeatures.allSatisfy(\.isFinite))
    }

    func testADepthwiseConvolution() throws {
        let input = tensor(4, 24, 14, 14)
        var node = Node(
            name: "depthwise", operatorName: "Conv",
            attributes: Attributes(["group": .int(24), "strides": .ints([2, 1])]),
            inputs: [
                NodeInput(source: .graphInput(0), type: input),
                NodeInput(source: .constant(number: 0), type: tensor(24, 1, 5, 3)),
            ], outputs: [tensor(4, 24, 7, 14)])
        node.cost = CostModel.cost(of: node)
        let graph = Graph(
            inputs: [Graph.Input(name: "x", type: input)], nodes: [node], batchSize: 4,
            unknownOperators: [])
        let row = try GraphEncoding(of: graph).nodeFeatures
        XCTAssertEqual(row[try column("operator:Conv")], 1)
        XCTAssertEqual(row[try column("operator:Relu")], 0)
        XCTAssertEqual(row[try column("category:convolution")], 1)
        XCTAssertEqual(row[try column("kernel_height")], 5)
        XCTAssertEqual(row[try column("kernel_width")], 3)
        XCTAssertEqual(row[try column("stride_height")], 2)
        XCTAssertEqual(row[try column("dilation_width")], 1)
        XCTAssertEqual(row[try column("is_depthwise")], 1)
        XCTAssertEqual(row[try column("log2_output_axis_0")], Float(5).log2, accuracy: 1e-6)
        XCTAssertEqual(row[try column("output_channel_utilisation_16")], 0.75)
        // 24 channels fill blocks of 4 and 8, one input channel a group fills none, nor does one output channel a group.
        XCTAssertEqual(row[try column("output_channels_multiple_of_8")], 1)
        XCTAssertEqual(row[try column("output_channels_multiple_of_16")], 0)
        XCTAssertEqual(row[try column("input_channels_multiple_of_4")], 0)
        XCTAssertEqual(row[try column("log2_output_channels_per_group")], 1)
        XCTAssertEqual(row[try column("output_channels_per_group_multiple_of_4")], 0)
        XCTAssertEqual(row[try column("output_axis_1_multiple_of_8")], 1)
        XCTAssertEqual(row[try column("log2_reduction_extent")], Float(16).log2, accuracy: 1e-6)
        XCTAssertEqual(row[try column("reads_graph_input")], 1)
    }

    func testAnOperatorNobodyKnowsKeepsARow() throws {
        let encoding = try GraphEncoding(
            of: elementwiseGraph(parents: [[], [0]], operators: ["Relu", "my.domain::Frobnicate"]))
        let width = FeatureSchema.nodeFeatureNames.count
        XCTAssertEqual(encoding.nodeFeatures[width + (try column("operator:unknown"))], 1)
    }
}

extension Float {
    fileprivate var log2: Float { Float(Foundation.log2(Double(self))) }
}
