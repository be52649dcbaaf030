import NNFGraph
import TestSupport

/// Weights for the library's own features, small enough for an oracle in plain Swift.
func smallWeights() -> SeededWeights {
    SeededWeights(
        featureCount: FeatureSchema.nodeFeatureNames.count,
        graphFeatureCount: FeatureSchema.graphFeatureNames.count)
}

extension SeededWeights {
    func bytes() throws -> [UInt8] { try bytes(metadata: metadata(featureSchema: FeatureSchema.version)) }
}

/// What a graph is made of, in any order in which parents come before their children.
struct GraphPlan {
    struct PlannedNode {
        var operatorName: String
        var extent: Int
        var parents: [Int]
    }

    var nodes: [PlannedNode]

    /// A random graph; a node has at most three parents among the `reach` nodes before it.
    static func random(
        nodeCount: Int, reach: Int = 8, using generator: inout some RandomNumberGenerator
    ) -> GraphPlan {
        let operators = ["Relu", "Conv", "Add", "MatMul", "Sigmoid", "MaxPool", "Concat", "SomethingNew"]
        return GraphPlan(
            nodes: (0..<nodeCount).map { position in
                let parents = (0..<Int.random(in: 0...3, using: &generator)).compactMap { _ in
                    position == 0
                        ? nil : Int.random(in: max(0, position - reach)..<position, using: &generator)
                }
                return PlannedNode(
                    operatorName: operators.randomElement(using: &generator) ?? "Relu",
                    extent: Int.random(in: 1...512, using: &generator), parents: parents)
            })
    }

    /// Blocks one after another: a node, equal branches from it, and a node that joins them.
    static func repeatedBlocks(blockCount: Int, branchCount: Int) -> GraphPlan {
        var plan = GraphPlan(nodes: [])
        for _ in 0..<blockCount {
            let first = plan.nodes.count
            plan.nodes.append(
                PlannedNode(operatorName: "Conv", extent: 8, parents: first == 0 ? [] : [first - 1]))
            for _ in 0..<branchCount {
                plan.nodes.append(PlannedNode(operatorName: "Relu", extent: 8, parents: [first]))
            }
            plan.nodes.append(
                PlannedNode(operatorName: "Concat", extent: 8, parents: Array(first + 1...first + branchCount)))
        }
        return plan
    }

    /// The same graph, its nodes in another topological order.
    func reordered(using generator: inout some RandomNumberGenerator) -> GraphPlan {
        var newPosition = [Int?](repeating: nil, count: nodes.count)
        var result = GraphPlan(nodes: [])
        while result.nodes.count < nodes.count {
            let ready = nodes.indices.filter { node in
                newPosition[node] == nil && nodes[node].parents.allSatisfy { newPosition[$0] != nil }
            }
            guard let node = ready.randomElement(using: &generator) else { break }
            newPosition[node] = result.nodes.count
            var moved = nodes[node]
            moved.parents = moved.parents.compactMap { newPosition[$0] }
            result.nodes.append(moved)
        }
        return result
    }

    func encoding() throws -> GraphEncoding {
        func type(_ extent: Int) -> TensorType { TensorType(.float, [Dimension(1), Dimension(extent)]) }
        let nodes = nodes.enumerated().map { position, planned in
            var node = Node(
                name: "node\(position)", operatorName: planned.operatorName, attributes: Attributes(),
                inputs: planned.parents.isEmpty
                    ? [NodeInput(source: .graphInput(0), type: type(16))]
                    : planned.parents.map { NodeInput(source: .node($0), type: type(self.nodes[$0].extent)) },
                outputs: [type(planned.extent)])
            node.cost = CostModel.cost(of: node)
            return node
        }
        return try GraphEncoding(
            of: Graph(
                inputs: [Graph.Input(name: "x", type: type(16))], nodes: nodes, batchSize: 1,
                unknownOperators: []))
    }

    /// adjacency[i][j]: i feeds j.
    var adjacency: [[Bool]] {
        nodes.indices.map { parent in nodes.map { $0.parents.contains(parent) } }
    }
}

extension GraphEncoding {
    var rowsOfNodes: [[Double]] {
        let width = FeatureSchema.nodeFeatureNames.count
        let nodeFeatures = nodeFeatures
        return (0..<nodeCount).map { nodeFeatures[$0 * width..<($0 + 1) * width].map(Double.init) }
    }

    var costsOfNodes: [[Double]] {
        featureRows.map { row in featureCosts[2 * Int(row)..<2 * Int(row) + 2].map(Double.init) }
    }
}
