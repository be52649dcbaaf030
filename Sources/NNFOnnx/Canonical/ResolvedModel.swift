import NNFGraph

/// A model whose names are resolved: nodes refer to values by number, local functions are replaced by their bodies.
///
/// Numbers are global: a subgraph reads a value of an outer scope by the same number as its owner does.
struct ResolvedModel {
    var graph: ResolvedGraph
    /// By number.
    var values: [ResolvedValue]
}

/// The nodes of one graph or subgraph, in topological order.
struct ResolvedGraph {
    /// Values the caller supplies, in order; initializers are not among them.
    var inputs: [Int]
    var outputs: [Int]
    var nodes: [ResolvedNode]
    /// Values of outer scopes that the nodes read, each once.
    var captures: [Int]
}

struct ResolvedNode {
    struct Subgraph {
        var name: String
        var graph: ResolvedGraph
    }

    /// Name, operator and attributes, those of a function body taken from the call; its value names are not used.
    ///
    /// Behind one reference: passes copy nodes far more often than they change this.
    var node: OnnxNode {
        get { shared.node }
        set { shared = Shared(newValue) }
    }
    private var shared: Shared
    /// Version of the operator set of the node's domain.
    var operatorSet: Int
    /// `nil` for an optional input that is left out.
    var inputs: [Int?]
    /// `nil` for an optional output that is left out.
    var outputs: [Int?]
    /// In ascending order of their attribute names.
    var subgraphs: [Subgraph] = []
    /// Whether the caller wants the node although no output needs it.
    var isKept = false

    private final class Shared: Sendable {
        let node: OnnxNode

        init(_ node: OnnxNode) { self.node = node }
    }

    init(node: OnnxNode, operatorSet: Int, inputs: [Int?], outputs: [Int?], subgraphs: [Subgraph] = [], isKept: Bool = false) {
        shared = Shared(node)
        (self.operatorSet, self.inputs, self.outputs) = (operatorSet, inputs, outputs)
        (self.subgraphs, self.isKept) = (subgraphs, isKept)
    }

    /// Everything the node has to wait for: its inputs, and what its subgraphs read of outer scopes.
    var dependencies: [Int] {
        var dependencies = inputs.compactMap(\.self)
        for subgraph in subgraphs { dependencies += subgraph.graph.captures }
        return dependencies
    }

    /// The operator's name, if it is one of ONNX's own domain; `""` otherwise, which no pattern matches.
    var standardOperator: String { node.domain.isEmpty ? node.operatorType : "" }

    /// The operator's name, qualified by its domain outside ONNX's own.
    var qualifiedOperator: String {
        node.domain.isEmpty ? node.operatorType : "\(node.domain)::\(node.operatorType)"
    }
}

struct ResolvedValue {
    /// In the file, or in the function it comes from.
    let name: String
    /// What the file says of its type, if anything.
    let declared: OnnxValue?
    var inferred: InferredValue = .unknown
    /// Whether the value is the same at every run: an initializer, or computed from such values alone.
    var isConstant = false
    /// For a constant computed from others: the constants whose elements went into it, or the one that was computed with it
    /// and remembers them.
    var derivedFrom: [Int] = []
}
