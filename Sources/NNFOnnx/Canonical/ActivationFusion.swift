import NNFGraph

/// Joins the nodes of an activation function that an exporter has spelled out.
///
/// - HardSwish(x) = x · clip(x + 3, 0, 6) / 6, also as x · HardSigmoid(x; 1/6, 1/2)
/// - Swish(x) = x · sigmoid(x)
/// - Gelu(x) = x · ½ · (1 + erf(x / √2))
///
/// Definitions: ONNX operators HardSwish-14, Swish-24, Gelu-20. Each match starts from the last node and looks at a fixed
/// number of nodes behind it.
enum ActivationFusion {
    static func apply(to model: inout ResolvedModel) {
        let matching = PatternMatching(model)
        var removed: Set<Int> = []
        for position in model.graph.nodes.indices {
            guard let match = match(at: position, in: matching),
                // What one match has taken apart is no longer there for another.
                removed.isDisjoint(with: match.inner)
            else { continue }
            model.graph.nodes[position].become(
                match.operatorName, operatorSet: match.operatorSet, inputs: [match.operand])
            removed.formUnion(match.inner)
        }
        model.removeNodes(removed)
    }

    private struct Match {
        let operatorName: String
        /// The first version of ONNX's operator set that has the operator.
        let operatorSet: Int
        /// x
        let operand: Int
        /// Positions of the nodes that the operator replaces, but for the last.
        let inner: [Int]
    }

    private static func match(at root: Int, in matching: PatternMatching) -> Match? {
        switch matching.node(at: root).standardOperator {
        case "Mul":
            return gatedMatch(at: root, in: matching) ?? scaledHardSwish(at: root, in: matching)
                ?? gelu(at: root, in: matching)
        case "Div":
            return scaledHardSwish(at: root, in: matching)
        default:
            return nil
        }
    }

    // MARK: x · gate(x)

    private static func gatedMatch(at root: Int, in matching: PatternMatching) -> Match? {
        let inputs = matching.node(at: root).inputs
        guard inputs.count == 2, let left = inputs[0], let right = inputs[1] else { return nil }
        for (operand, gate) in [(left, right), (right, left)] {
            if let sigmoid = matching.inner(gate, "Sigmoid"),
                matching.node(at: sigmoid).input(0) == operand
            {
                return Match(operatorName: "Swish", operatorSet: 24, operand: operand, inner: [sigmoid])
            }
            if let inner = hardSigmoid(of: operand, at: gate, in: matching) {
                return Match(operatorName: "HardSwish", operatorSet: 14, operand: operand, inner: inner)
            }
        }
        return nil
    }

    /// HardSigmoid(x; 1/6, 1/2) = clip(x + 3, 0, 6) / 6, in either form.
    private static func hardSigmoid(
        of operand: Int, at gate: Int, in matching: PatternMatching
    ) -> [Int]? {
        if let position = matching.inner(gate, "HardSigmoid") {
            let node = matching.node(at: position)
            let alpha = node.node.attributes.float("alpha") ?? 0.2
            let beta = node.node.attributes.float("beta") ?? 0.5
            let isMatch = (alpha - 1 / 6).magnitude < 1e-3 && (beta - 0.5).magnitude < 1e-3
            return isMatch && node.input(0) == operand ? [position] : nil
        }
        guard let (clipped, position) = matching.dividend(by: 6, at: gate),
            let inner = shiftedClip(of: operand, at: clipped, in: matching)
        else { return nil }
        return inner + [position]
    }

    /// clip(x + 3, 0, 6)
    private static func shiftedClip(
        of operand: Int, at value: Int, in matching: PatternMatching
    ) -> [Int]? {
        guard let clip = matching.inner(value, "Clip") else { return nil }
        let node = matching.node(at: clip)
        let lower = node.node.attributes.float("min").map { Double($0) } ?? matching.model.scalar(node.input(1))
        let upper = node.node.attributes.float("max").map { Double($0) } ?? matching.model.scalar(node.input(2))
        guard lower == 0, upper == 6, let sum = matching.inner(node.input(0), "Add"),
            matching.operand(besides: 3, of: sum) == operand
        else { return nil }
        return [clip, sum]
    }

    /// (x · clip(x + 3, 0, 6)) / 6
    private static func scaledHardSwish(at root: Int, in matching: PatternMatching) -> Match? {
        let node = matching.node(at: root)
        let scaled: Int?
        if node.standardOperator == "Div" {
            scaled = matching.isScalar(node.input(1), 6) ? node.input(0) : nil
        } else {
            scaled = matching.operand(besides: 1.0 / 6, of: root)
        }
        guard let product = matching.inner(scaled, "Mul"),
            let left = matching.node(at: product).input(0), let right = matching.node(at: product).input(1)
        else { return nil }
        for (operand, gate) in [(left, right), (right, left)] {
            if let inner = shiftedClip(of: operand, at: gate, in: matching) {
                return Match(
                    operatorName: "HardSwish", operatorSet: 14, operand: operand,
                    inner: inner + [product])
            }
        }
        return nil
    }

    // MARK: x · ½ · (1 + erf(x / √2))

    /// The three factors come in any order and grouping.
    private static func gelu(at root: Int, in matching: PatternMatching) -> Match? {
        let inputs = matching.node(at: root).inputs.compactMap(\.self)
        guard inputs.count == 2 else { return nil }
        for position in inputs.indices {
            guard let product = matching.inner(inputs[position], "Mul") else { continue }
            let factors = matching.node(at: product).inputs.compactMap(\.self) + [inputs[1 - position]]
            guard factors.count == 3,
                let half = factors.firstIndex(where: { matching.isScalar($0, 0.5) })
            else { continue }
            let others = factors.indices.filter { $0 != half }.map { factors[$0] }
            for (operand, gate) in [(others[0], others[1]), (others[1], others[0])] {
                if let inner = errorFunctionGate(of: operand, at: gate, in: matching) {
                    return Match(
                        operatorName: "Gelu", operatorSet: 20, operand: operand,
                        inner: inner + [product])
                }
            }
        }
        return nil
    }

    /// 1 + erf(x / √2)
    private static func errorFunctionGate(
        of operand: Int, at value: Int, in matching: PatternMatching
    ) -> [Int]? {
        guard let sum = matching.inner(value, "Add"),
            let errorFunction = matching.inner(matching.operand(besides: 1, of: sum), "Erf"),
            let (numerator, quotient) = matching.dividend(
                by: 2.0.squareRoot(), at: matching.node(at: errorFunction).input(0)),
            numerator == operand
        else { return nil }
        return [sum, errorFunction, quotient]
    }
}
