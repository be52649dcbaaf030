import NNFGraph
import XCTest

final class BlocksTests: XCTestCase {
    private func blocks(_ graph: Graph) throws -> Blocks { Blocks(of: graph, relations: try Relations(of: graph)) }

    /// A chain of nodes with those names.
    private func names(of nodeNames: [String]) throws -> [String] {
        var graph = elementwiseGraph(parents: nodeNames.indices.map { $0 == 0 ? [] : [$0 - 1] })
        for (position, name) in nodeNames.enumerated() { graph.nodes[position].name = name }
        let blocks = try blocks(graph)
        return blocks.blockOfNode.map { blocks.names[$0] }
    }

    func testBlocksFollowTheScopesOfNames() throws {
        XCTAssertEqual(
            try names(of: ["/conv1/Conv", "/layer1/layer1.0/conv1/Conv", "/layer1/layer1.0/Add", "/fc/Gemm", "/Flatten"]),
            ["conv1", "layer1.0", "layer1.0", "fc", "Flatten"])
        XCTAssertEqual(
            try names(of: ["/blocks/blocks.0/blocks.0.1/conv/Conv", "/blocks/blocks.0/blocks.0.1/act/Mul"]),
            ["blocks.0.1", "blocks.0.1"])
        XCTAssertEqual(
            try names(of: ["/encoder/layer.3/attention/query/MatMul", "/encoder/layer.3/output/Add"]),
            ["encoder/layer.3", "encoder/layer.3"])
        // Without numbers, layers belong to what they are in.
        XCTAssertEqual(
            try names(of: ["/stem/dense/norm/Conv", "/stem/dense/relu/Relu", "/stem/dense/Add"]),
            ["stem/dense", "stem/dense", "stem/dense"])
    }

    func testWithoutNamesABlockEndsWhereOneValueCarriesAll() throws {
        // 0, then a residual block of 1 and 2 that 3 joins, then 4 and 5 beside each other, which 6 joins.
        let blocks = try blocks(elementwiseGraph(parents: [[], [0], [1], [2, 0], [3], [3], [4, 5]]))
        XCTAssertEqual(blocks.blockOfNode, [0, 1, 1, 1, 2, 2, 2])
        XCTAssertEqual(blocks.names, ["block 1", "block 2", "block 3"])
    }

    func testEveryNodeHasABlockWhateverTheGraph() throws {
        let hostile = String(repeating: "/a.0", count: 10_000)
        for nodeNames in [["", "/", "//"], [hostile, hostile + "/b"], ["/x/y", "z"], [String(repeating: "é", count: 5_000) + "/a"]] {
            for name in try names(of: nodeNames) { XCTAssertLessThanOrEqual(name.count, 160) }
        }
        let empty = try blocks(elementwiseGraph(parents: []))
        XCTAssertEqual(empty.blockOfNode, [])
        // Nodes that nobody reads, and one that is read late.
        let loose = try blocks(elementwiseGraph(parents: [[], [], [], [0], []]))
        XCTAssertEqual(loose.blockOfNode.count, 5)
        XCTAssertEqual(Set(loose.blockOfNode), Set(loose.names.indices))
    }
}
