import NNFGraph

/// Takes out nodes whose results are the same at every run: they are computed once, when a runtime loads the model.
///
/// These are nodes that read constants alone, and the arithmetic on shapes, whose results inference knows. What a weight is
/// folded into keeps the memory of it (`derivedFrom`), so that its elements still count as parameters.
enum ConstantFolding {
    static func apply(to model: inout ResolvedModel) {
        var folded: Set<Int> = []
        for (position, node) in model.graph.nodes.enumerated() where isFoldable(node, in: model) {
            folded.insert(position)
            let sources = describesShapes(node) ? [] : node.dependencies.filter { model.isConstant($0) }
            let outputs = node.outputs.compactMap(\.self)
            for (number, output) in outputs.enumerated() {
                model.values[output].isConstant = true
                // The sources are remembered once, by the first output, for the others to lead there: whoever follows all
                // of them takes sources + outputs steps, not the product.
                model.values[output].derivedFrom = number == 0 || sources.isEmpty ? sources : [outputs[0]]
            }
        }
        model.removeNodes(folded)
    }

    private static func isFoldable(_ node: ResolvedNode, in model: ResolvedModel) -> Bool {
        let outputs = node.outputs.compactMap(\.self)
        if outputs.isEmpty || lasting.contains(node.standardOperator) { return false }
        if outputs.allSatisfy({ model.values[$0].inferred.constant != nil }) { return true }
        // Of a foreign operator nobody knows whether it gives the same result twice.
        return node.subgraphs.isEmpty
            && OperatorRules.rule(domain: node.node.domain, operatorType: node.node.operatorType) != nil
            && node.dependencies.allSatisfy { model.isConstant($0) }
    }

    /// Operators that stay: random ones, and those by which a quantised model says in which width its weights are kept.
    private static let lasting: Set<String> = [
        "Bernoulli", "DequantizeLinear", "Multinomial", "QuantizeLinear", "RandomNormal",
        "RandomNormalLike", "RandomUniform", "RandomUniformLike",
    ]

    /// Whether the result depends on its operand's shape, and none of its elements.
    private static func describesShapes(_ node: ResolvedNode) -> Bool {
        ["Shape", "Size"].contains(node.standardOperator)
    }
}
