import NNFGraph

/// Writes a `Sum` of two values as `Add`: exporters choose either for the same addition.
///
/// A `Sum` of more values stays: it is one operation where a chain of additions is several.
enum PairwiseSums {
    static func apply(to model: inout ResolvedModel) {
        for position in model.graph.nodes.indices {
            let node = model.graph.nodes[position]
            guard node.standardOperator == "Sum", node.inputs.count == 2 else { continue }
            model.graph.nodes[position].become("Add", operatorSet: node.operatorSet, inputs: node.inputs)
        }
    }
}
