import NNFGraph
import XCTest

final class GraphHashTests: XCTestCase {
    private func hash(_ graph: Graph) throws -> [UInt8] {
        GraphHash.hash(of: graph, relations: try Relations(of: graph))
    }

    func testOrderAndNamesDoNotMatter() throws {
        let parents = [[], [0], [0], [1], [2], [3, 4]]
        let operators = ["Relu", "Tanh", "Exp", "Neg", "Abs", "Sum"]
        let position = [0, 2, 1, 4, 3, 5]
        var graph = elementwiseGraph(parents: permuted(parents, to: position),
            operators: ["Relu", "Exp", "Tanh", "Abs", "Neg", "Sum"])
        for index in graph.nodes.indices { graph.nodes[index].name = "other\(index)" }
        XCTAssertEqual(
            try hash(elementwiseGraph(parents: parents, operators: operators)), try hash(graph))
    }

    func testEveryPartMatters() throws {
        let base = elementwiseGraph(parents: [[], [0], [0], [1, 2]])
        var otherOperator = base
        otherOperator.nodes[2].operatorName = "Mul"
        var otherShape = base
        otherShape.nodes[3].outputs = [tensor(1, 9)]
        var otherAttribute = base
        otherAttribute.nodes[1].attributes = Attributes(["axis": .int(1)])
        let otherEdges = elementwiseGraph(parents: [[], [0], [1], [1, 2]])
        let hashes = try [base, otherOperator, otherShape, otherAttribute, otherEdges].map(hash)
        XCTAssertEqual(Set(hashes).count, hashes.count)
        XCTAssertEqual(hashes[0].count, 16)
    }
}
