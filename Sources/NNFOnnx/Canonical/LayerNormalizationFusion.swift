import NNFGraph

/// Joins the nodes of a layer normalisation that was exported before operator set 17 had the operator.
///
/// d / √(mean(d²) + ε) · scale + bias with d = x − mean(x), the means over the last axes (ONNX operator LayerNormalization-17).
/// Scale and bias are optional. Each match looks at a fixed number of nodes.
enum LayerNormalizationFusion {
    static func apply(to model: inout ResolvedModel) {
        let matching = PatternMatching(model)
        var removed: Set<Int> = []
        // From the end, so that scale and bias of a match are seen before the quotient they follow would match alone.
        for position in model.graph.nodes.indices.reversed() where !removed.contains(position) {
            guard let match = match(at: position, in: matching), removed.isDisjoint(with: match.inner)
            else { continue }
            var attributes = Attributes()
            attributes["axis"] = .int(Int64(match.axis))
            attributes["epsilon"] = .float(match.epsilon)
            model.graph.nodes[position].become(
                "LayerNormalization", operatorSet: 17, inputs: match.inputs, attributes: attributes)
            removed.formUnion(match.inner)
        }
        model.removeNodes(removed)
    }

    private struct Match {
        /// x, and scale and bias where there are any.
        var inputs: [Int?]
        /// First of the axes the means go over, counted from the end.
        let axis: Int
        let epsilon: Float
        /// Positions of the nodes that the operator replaces, but for the last.
        var inner: [Int]
    }

    /// The longest form that ends at a node: with bias, with scale, or the quotient alone.
    private static func match(at root: Int, in matching: PatternMatching) -> Match? {
        switch matching.node(at: root).standardOperator {
        case "Add":
            guard let (value, bias) = constantOperand(of: root, in: matching),
                let product = matching.inner(value, "Mul"),
                var match = scaled(at: product, in: matching)
            else { return nil }
            match.inputs.append(bias)
            match.inner.append(product)
            return match
        case "Mul":
            return scaled(at: root, in: matching)
        case "Div":
            return quotient(at: root, in: matching)
        default:
            return nil
        }
    }

    private static func scaled(at position: Int, in matching: PatternMatching) -> Match? {
        guard let (value, scale) = constantOperand(of: position, in: matching),
            let division = matching.inner(value, "Div"),
            var match = quotient(at: division, in: matching)
        else { return nil }
        match.inputs.append(scale)
        match.inner.append(division)
        return match
    }

    /// d / √(mean(d²) + ε)
    private static func quotient(at position: Int, in matching: PatternMatching) -> Match? {
        let division = matching.node(at: position)
        guard let difference = matching.producer(of: division.input(0), "Sub"),
            let root = matching.inner(division.input(1), "Sqrt"),
            let sum = matching.inner(matching.node(at: root).input(0), "Add"),
            let (variance, constant) = constantOperand(of: sum, in: matching),
            let epsilon = matching.model.scalar(constant),
            let outerMean = matching.inner(variance, "ReduceMean"),
            let innerMean = matching.inner(matching.node(at: difference).input(1), "ReduceMean"),
            let input = matching.node(at: difference).input(0),
            matching.node(at: innerMean).input(0) == input,
            let square = square(
                of: division.input(0), at: matching.node(at: outerMean).input(0), in: matching),
            let axis = trailingAxis(of: innerMean, in: matching),
            axis == trailingAxis(of: outerMean, in: matching)
        else { return nil }
        return Match(
            inputs: [input], axis: axis, epsilon: Float(epsilon),
            inner: [difference, root, sum, outerMean, innerMean, square])
    }

    /// d² as a power or a product; d is read there and by the division, and nowhere else.
    private static func square(
        of difference: Int?, at value: Int?, in matching: PatternMatching
    ) -> Int? {
        if let power = matching.inner(value, "Pow") {
            let node = matching.node(at: power)
            let isSquare = node.input(0) == difference && matching.isScalar(node.input(1), 2)
            return isSquare && matching.readerCount(of: difference) == 2 ? power : nil
        }
        if let product = matching.inner(value, "Mul") {
            let isSquare = matching.node(at: product).inputs == [difference, difference]
            return isSquare && matching.readerCount(of: difference) == 3 ? product : nil
        }
        return nil
    }

    /// Both operands of a commutative operator of which one alone is a constant, that one last.
    private static func constantOperand(
        of position: Int, in matching: PatternMatching
    ) -> (value: Int, constant: Int)? {
        let inputs = matching.node(at: position).inputs
        guard inputs.count == 2, let left = inputs[0], let right = inputs[1] else { return nil }
        switch (matching.model.isConstant(left), matching.model.isConstant(right)) {
        case (false, true): return (left, right)
        case (true, false): return (right, left)
        default: return nil
        }
    }

    /// The first axis of a mean over the last axes, counted from the end; `nil` for a mean over others.
    private static func trailingAxis(of position: Int, in matching: PatternMatching) -> Int? {
        let node = matching.node(at: position)
        guard (node.node.attributes.int("keepdims") ?? 1) == 1,
            let rank = matching.model.type(of: node.input(0)).shape?.count,
            let axes = node.node.attributes.ints("axes")?.map({ Int64($0) })
                ?? matching.model.integers(node.input(1))
        else { return nil }
        // A non-negative number less a rank cannot overflow.
        let normalized = axes.map { $0 < 0 ? $0 : $0 - Int64(rank) }
        let expected = (0..<axes.count).map { Int64($0 - axes.count) }
        return !axes.isEmpty && normalized.sorted() == expected ? -axes.count : nil
    }
}
