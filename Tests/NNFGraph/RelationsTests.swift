import NNFGraph
import TestSupport
import XCTest

final class RelationsTests: XCTestCase {
    func testDiamond() throws {
        // 0 feeds 1 and 2, both feed 3.
        let relations = try Relations(of: elementwiseGraph(parents: [[], [0], [0], [1, 2]]))
        XCTAssertEqual(relations.successors.rows, [[1, 2], [3], [3], []])
        XCTAssertEqual(relations.predecessors.rows, [[], [0], [0], [1, 2]])
        XCTAssertEqual(relations.coChildren.rows, [[], [2], [1], []])
        XCTAssertEqual(relations.coParents.rows, [[], [2], [1], []])
        XCTAssertEqual(relations.edgeCount, 4)
    }

    func testAnEdgeCountsOnceHoweverOftenItIsRead() throws {
        let relations = try Relations(of: elementwiseGraph(parents: [[], [0, 0]]))
        XCTAssertEqual(relations.successors.rows, [[1], []])
    }

    func testMatchesMatrixProductsOnRandomGraphs() throws {
        var generator = SplitMix64(seed: 7)
        for size in [1, 2, 5, 20, 40] {
            let parents = (0..<size).map { node in
                (0..<node).filter { _ in Double.random(in: 0..<1, using: &generator) < 0.2 }
            }
            let relations = try Relations(of: elementwiseGraph(parents: parents))
            for i in 0..<size {
                let sharesParent = (0..<size).filter { j in
                    j != i && !Set(parents[i]).isDisjoint(with: parents[j])
                }
                let sharesChild = (0..<size).filter { j in
                    j != i && parents.contains { $0.contains(i) && $0.contains(j) }
                }
                XCTAssertEqual(relations.coChildren.rows[i], sharesParent)
                XCTAssertEqual(relations.coParents.rows[i], sharesChild)
            }
        }
    }

    /// A node that feeds all the others and one that reads all the others, and what these see of each other.
    private func siblings(of operators: [String]) throws -> [(what: String, rows: [[Int]])] {
        let count = operators.count
        let children = try Relations(
            of: elementwiseGraph(parents: [[]] + operators.map { _ in [0] }, operators: ["Relu"] + operators))
        XCTAssertEqual(children.successors.rows[0].count, count)
        let parents = try Relations(
            of: elementwiseGraph(parents: operators.map { _ in [] } + [Array(0..<count)], operators: operators + ["Relu"]))
        XCTAssertEqual(parents.predecessors.rows[count].count, count)
        return [
            ("children", children.coChildren.rows.dropFirst().map { row in row.map { $0 - 1 } }),
            ("parents", parents.coParents.rows.dropLast()),
        ]
    }

    func testAHubShowsABoundedNumberOfSiblings() throws {
        let limit = Limits.siblingsThroughOneNode
        for (what, rows) in try siblings(of: [String](repeating: "Sum", count: 5_000)) {
            // Those that are shown do not see themselves.
            let counts = Dictionary(grouping: rows, by: \.count).mapValues(\.count)
            XCTAssertEqual(counts, [limit - 1: limit, limit: rows.count - limit], what)
        }
    }

    func testWhatAHubShowsDoesNotDependOnOrder() throws {
        let kinds = ["Relu", "Tanh", "Exp", "Neg"]
        let blocks = kinds.flatMap { [String](repeating: $0, count: 25) }
        let interleaved = (0..<100).map { kinds[$0 % 4] }
        /// By kind, what nodes of that kind see: how many of each other kind. Of its own, a node that is shown sees one less.
        func seen(_ operators: [String]) throws -> [String: [String: Set<[String: Int]>]] {
            var result: [String: [String: Set<[String: Int]>]] = [:]
            for (what, rows) in try siblings(of: operators) {
                for (node, row) in rows.enumerated() {
                    XCTAssertTrue([63, 64].contains(row.count), "\(what): \(row.count)")
                    let others = row.map { operators[$0] }.filter { $0 != operators[node] }
                    let counts = Dictionary(grouping: others) { $0 }.mapValues(\.count)
                    result[what, default: [:]][operators[node], default: []].insert(counts)
                }
            }
            return result
        }
        let expected = try seen(blocks)
        XCTAssertEqual(expected.values.map(\.count), [4, 4])
        XCTAssertEqual(try seen(blocks.reversed()), expected)
        XCTAssertEqual(try seen(interleaved), expected)
    }

    /// A thousand nodes that read the first one over and over: what a node repeats is worked through too.
    func testEdgesAreBounded() throws {
        let type = tensor(1, 8)
        let inputs = [NodeInput](repeating: NodeInput(source: .node(0), type: type), count: Limits.edges >> 10)
        func graph(furtherInputs: Int) -> Graph {
            let all = [[NodeInput(source: .graphInput(0), type: type)]] + [[NodeInput]](repeating: inputs, count: 1 << 10)
                + [Array(inputs.prefix(furtherInputs))]
            return Graph(
                inputs: [Graph.Input(name: "x", type: type)],
                nodes: all.map {
                    Node(name: "n", operatorName: "Sum", attributes: Attributes(), inputs: $0, outputs: [type])
                }, batchSize: 1, unknownOperators: [])
        }
        XCTAssertEqual(try Relations(of: graph(furtherInputs: 0)).edgeCount, 1 << 10)
        XCTAssertThrowsError(try Relations(of: graph(furtherInputs: 1))) { error in
            XCTAssertEqual((error as? Failure)?.code, .limitExceeded)
            XCTAssertTrue((error as? Failure)?.message.contains("\(Limits.edges) edges") == true, "\(error)")
        }
    }

    /// Eight thousand nodes that read 64 hubs each see some 3,000 others.
    func testSiblingsAreBounded() {
        let count = 8400
        var generator = SplitMix64(seed: 13)
        let members = (0..<count).map { _ in (0..<64).map { _ in Int.random(in: 0..<count, using: &generator) } }
        let graph = elementwiseGraph(parents: [[Int]](repeating: [], count: count) + members)
        XCTAssertThrowsError(try Relations(of: graph)) { error in
            XCTAssertEqual((error as? Failure)?.code, .limitExceeded)
            XCTAssertTrue((error as? Failure)?.message.contains("\(Limits.siblings) siblings") == true, "\(error)")
        }
    }

    func testTransposeTwiceIsTheSame() throws {
        let relations = try Relations(of: elementwiseGraph(parents: [[], [0], [0, 1], [1], [2, 3]]))
        XCTAssertEqual(relations.successors.transposed().transposed(), relations.successors)
    }
}

extension Adjacency {
    var rows: [[Int]] { (0..<rowCount).map { self[$0].map { Int($0) } } }
}
