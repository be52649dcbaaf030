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

    func testAHubShowsABoundedNumberOfSiblings() throws {
        let children = 5_000
        let parents = [[]] + [[Int]](repeating: [0], count: children)
        let relations = try Relations(of: elementwiseGraph(parents: parents))
        XCTAssertEqual(relations.successors.rows[0].count, children)
        let limit = Limits.siblingsThroughOneNode
        XCTAssertLessThanOrEqual(relations.coChildren.rows.map(\.count).max() ?? 0, limit)
        XCTAssertLessThanOrEqual(relations.coChildren.indices.count, limit * relations.edgeCount)
    }

    func testWhatAHubShowsDoesNotDependOnOrder() throws {
        // Children of four kinds, so that the bound has something to choose from.
        let kinds = ["Relu", "Tanh", "Exp", "Neg"]
        let children = 100
        let parents = [[]] + [[Int]](repeating: [0], count: children)
        let operators = ["Relu"] + (0..<children).map { kinds[$0 % 4] }
        let reversedOperators = ["Relu"] + operators.dropFirst().reversed()
        func seen(_ operators: [String]) throws -> [String: Int] {
            let relations = try Relations(of: elementwiseGraph(parents: parents, operators: operators))
            // What the last child sees, by kind; itself included, as attention always adds it.
            let last = relations.coChildren.rows[children] + [children]
            return Dictionary(last.map { (operators[$0], 1) }, uniquingKeysWith: +)
                .filter { $0.key != operators[children] }
        }
        let forward = try seen(operators)
        XCTAssertFalse(forward.isEmpty)
        for (kind, count) in try seen(reversedOperators) where forward[kind] != nil {
            XCTAssertEqual(count, forward[kind], kind)
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
