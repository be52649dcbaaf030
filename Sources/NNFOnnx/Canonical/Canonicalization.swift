/// Brings a graph into the form in which a runtime would execute it, so that exporters' habits do not change an estimate.
///
/// The same network comes as many graphs: exported for training or inference, at an old or a new operator set, with shapes
/// computed or stated. Each step is linear in nodes and edges and needs inferred types.
enum Canonicalization {
    static func apply(to model: inout ResolvedModel) {
        BranchInlining.apply(to: &model)
        ConstantFolding.apply(to: &model)
        IneffectiveNodes.apply(to: &model)
        PairwiseSums.apply(to: &model)
        BatchNormalizationFolding.apply(to: &model)
        ActivationFusion.apply(to: &model)
        LayerNormalizationFusion.apply(to: &model)
        ConfigurationInputs.apply(to: &model)
        UnneededNodes.drop(from: &model)
    }
}
