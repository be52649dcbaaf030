import NNFGraph

/// A float tensor of known extents.
func tensor(_ extents: Int...) -> TensorType {
    TensorType(.float, extents.map { Dimension($0) })
}

/// A graph of element-wise nodes that all hold the same kind of tensor; `parents[i]` are the nodes that feed node i.
func elementwiseGraph(parents: [[Int]], operators: [String]? = nil) -> Graph {
    let type = tensor(1, 8)
    let nodes = parents.enumerated().map { position, parents in
        var node = Node(
            name: "node\(position)", operatorName: operators?[position] ?? "Sum",
            attributes: Attributes(),
            inputs: parents.isEmpty
                ? [NodeInput(source: .graphInput(0), type: type)]
                : parents.map { NodeInput(source: .node($0), type: type) },
            outputs: [type])
        node.cost = CostModel.cost(of: node)
        return node
    }
    return Graph(
        inputs: [Graph.Input(name: "x", type: type)], nodes: nodes, batchSize: 1, unknownOperators: [])
}

/// The same graph with its nodes in another order: node i becomes node `position[i]`.
func permuted(_ parents: [[Int]], to position: [Int]) -> [[Int]] {
    var result = [[Int]](repeating: [], count: parents.count)
    for (node, parents) in parents.enumerated() {
        result[position[node]] = parents.map { position[$0] }
    }
    return result
}
