import NNFGraph

/// What the fusions ask of the nodes behind a value.
///
/// An inner node of a pattern is one whose only reader is the pattern: its result is needed nowhere else.
struct PatternMatching {
    let model: ResolvedModel
    private let index: GraphIndex

    init(_ model: ResolvedModel) {
        self.model = model
        index = GraphIndex(model)
    }

    func node(at position: Int) -> ResolvedNode { model.graph.nodes[position] }

    func readerCount(of value: Int?) -> Int { index.readerCount(of: value) }

    /// Position of the node of the given operator that makes a value as its first result.
    func producer(of value: Int?, _ operatorName: String) -> Int? {
        guard let position = index.producer(of: value) else { return nil }
        let producer = node(at: position)
        return producer.standardOperator == operatorName && producer.output(0) == value ? position : nil
    }

    /// The same for a value with no reader but the pattern.
    func inner(_ value: Int?, _ operatorName: String) -> Int? {
        readerCount(of: value) == 1 ? producer(of: value, operatorName) : nil
    }

    /// Whether a value is a constant of one element, equal to `number` within 10⁻³: weights of half precision and
    /// abbreviated constants (1.4142) included.
    func isScalar(_ value: Int?, _ number: Double) -> Bool {
        guard let scalar = model.scalar(value) else { return false }
        return (scalar - number).magnitude <= 1e-3 * max(number.magnitude, 1)
    }

    /// The operand beside the constant `number` of a commutative operator of two inputs.
    func operand(besides number: Double, of position: Int) -> Int? {
        let inputs = node(at: position).inputs
        guard inputs.count == 2 else { return nil }
        if isScalar(inputs[1], number) { return inputs[0] }
        return isScalar(inputs[0], number) ? inputs[1] : nil
    }

    /// The operand of a node that divides by a constant, or multiplies by its inverse.
    func dividend(by divisor: Double, at value: Int?) -> (operand: Int, position: Int)? {
        if let position = inner(value, "Div"), isScalar(node(at: position).input(1), divisor) {
            return node(at: position).input(0).map { ($0, position) }
        }
        if let position = inner(value, "Mul") {
            return operand(besides: 1 / divisor, of: position).map { ($0, position) }
        }
        return nil
    }
}
