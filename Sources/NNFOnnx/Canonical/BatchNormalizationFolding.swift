import NNFGraph

/// Folds a batch normalisation into the convolution or matrix product before it.
///
/// With its statistics fixed it is a scale and an offset for each channel: the scale goes into the weights, the
/// offset into the bias (Jacob et al., CVPR 2018, arXiv 1712.05877, section 3.2). Every inference runtime does so on loading.
enum BatchNormalizationFolding {
    static func apply(to model: inout ResolvedModel) {
        let index = GraphIndex(model)
        var removed: Set<Int> = []
        for position in model.graph.nodes.indices {
            let normalization = model.graph.nodes[position]
            guard let channels = foldableChannels(of: normalization, in: model, index: index),
                let producer = index.producer(of: normalization.input(0)),
                index.readerCount(of: normalization.input(0)) == 1,
                hasConstantWeights(model.graph.nodes[producer], in: model)
            else { continue }
            let elementType = model.type(of: normalization.output(0)).elementType
            let bias = model.makeConstant(
                name: "\(normalization.node.name)/bias",
                type: TensorType(elementType, [Dimension(channels)]))
            // The normalisation's result takes the place of the product's, which had no other reader.
            model.graph.nodes[producer].outputs = [normalization.output(0)]
            let operands = (0..<2).map { model.graph.nodes[producer].input($0) }
            model.graph.nodes[producer].inputs = operands + [bias]
            removed.insert(position)
        }
        model.removeNodes(removed)
    }

    /// The channels of a normalisation with fixed statistics; `nil` for any other node.
    private static func foldableChannels(
        of node: ResolvedNode, in model: ResolvedModel, index: GraphIndex
    ) -> Int? {
        guard node.standardOperator == "BatchNormalization",
            (node.node.attributes.int("training_mode") ?? 0) == 0, node.output(0) != nil,
            node.outputs.dropFirst().allSatisfy({ index.readerCount(of: $0) == 0 }),
            (1...4).allSatisfy({ model.isConstant(node.input($0)) })
        else { return nil }
        return model.type(of: node.input(1)).elementCount
    }

    private static func hasConstantWeights(_ node: ResolvedNode, in model: ResolvedModel) -> Bool {
        guard ["Conv", "ConvTranspose", "Gemm"].contains(node.standardOperator) else { return false }
        return node.outputs.count == 1 && model.isConstant(node.input(1))
            && (node.input(2) == nil || model.isConstant(node.input(2)))
    }
}
