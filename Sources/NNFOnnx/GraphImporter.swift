package import NNFGraph

/// Makes the graph that the model is given from an ONNX model.
package enum GraphImporter {
    /// - Returns: nodes in topological order, in the form a runtime would execute (`Canonicalization`), each with types,
    ///   parameters and cost. Types that depend on data stay unknown and cost nothing.
    /// - Throws: `openAxis` for an axis of an input that neither file nor options fix; `invalidModel` where names, shapes
    ///   or types contradict each other; `limitExceeded` beyond `Limits`; `invalidArgument` and `notFound` for options
    ///   that do not fit the model.
    ///
    /// Linear in nodes and edges, functions inlined.
    package static func makeGraph(
        from model: OnnxModel, options: ImportOptions = ImportOptions()
    ) throws(Failure) -> Graph {
        var resolved = try NameResolution.resolve(model)
        if options.keepsUnusedNodes {
            UnneededNodes.keep(in: &resolved)
        } else {
            UnneededNodes.drop(from: &resolved)
        }
        let declaredInputs = resolved.graph.inputs.compactMap { resolved.values[$0].declared }
        let inputs = try InputBinding(declaredInputs, options: options)
        let inference = ShapeInference(resolved, inputs: inputs)
        do throws(Failure) {
            try inference.infer(resolved.graph)
        } catch {
            throw explained(error, replacement: inputs.replacement)
        }
        resolved.values = inference.values
        Canonicalization.apply(to: &resolved)
        var construction = GraphConstruction(resolved)
        return construction.makeGraph()
    }

    /// A contradiction that arises after an input's extent was replaced is most likely the file's: its shapes are constants.
    private static func explained(_ failure: Failure, replacement: String?) -> Failure {
        guard failure.code == .invalidModel, let replacement else { return failure }
        var explained = failure
        explained.message += "; the file fixes its batch size or input shape: \(replacement)"
        return explained
    }
}
