import NNFGraph

/// Turns names into numbers, scope by scope, and replaces calls of model-local functions by their bodies.
///
/// Scoping follows the ONNX IR specification ("Names Within a Graph"): a subgraph sees the values of the graphs around it, a
/// function sees its formal inputs only. What is made is bounded by `Limits`, however functions multiply it.
struct NameResolution {
    /// - Throws: `invalidModel` for a value that is produced twice or not at all, for cycles and recursive functions;
    ///   `limitExceeded` beyond `Limits`.
    static func resolve(_ model: OnnxModel) throws(Failure) -> ResolvedModel {
        var resolution = NameResolution(model)
        let frame = Frame(
            scope: Scope(parent: nil), operatorSets: [model.operatorSets], call: nil, callStack: [],
            depth: 0, subgraphDepth: 0, namePrefix: "")
        let graph = try resolution.resolve(model.graph, in: frame)
        return ResolvedModel(graph: graph, values: resolution.values)
    }

    /// Where a node stands: what its names mean, and which call of a function it belongs to.
    struct Frame {
        var scope: Scope
        /// Those of the model, then of the functions being inlined: the last that has a domain says its version. They are
        /// looked up rather than merged, as a model may have any number of them and of calls.
        var operatorSets: [[String: Int64]]
        /// The call whose attributes a function's body may refer to.
        var call: (node: OnnxNode, defaults: Attributes)?
        /// Functions being inlined, outermost first; at most `Limits.nesting`.
        var callStack: [String]
        /// Subgraphs and functions around the node.
        var depth: Int
        /// Subgraphs among them.
        var subgraphDepth: Int
        /// Put before the names of nodes, to tell apart the copies of a function.
        var namePrefix: String
    }

    private let functions: [String: OnnxFunction]
    private var values: [ResolvedValue] = []
    private var budget = ResolutionBudget()

    private init(_ model: OnnxModel) {
        var functions: [String: OnnxFunction] = [:]
        for function in model.functions {
            let key = Self.functionKey(domain: function.domain, name: function.name)
            if functions[key] == nil { functions[key] = function }
        }
        self.functions = functions
    }

    /// ONNX's own domain has two spellings.
    static func normalized(domain: String) -> String { domain == "ai.onnx" ? "" : domain }

    private static func functionKey(domain: String, name: String) -> String {
        "\(normalized(domain: domain))::\(name)"
    }

    // MARK: Graphs

    private mutating func resolve(_ graph: OnnxGraph, in frame: Frame) throws(Failure) -> ResolvedGraph {
        // A graph inside a function is read anew for each call.
        try budget.charge(
            edges: graph.initializers.count + graph.inputs.count + graph.outputs.count
                + graph.values.count)
        if frame.call != nil { try budget.charge(inlined: graph.copiedNameBytes) }
        let firstOwnValue = values.count
        let isSubgraph = frame.scope.parent != nil
        var declared: [String: OnnxValue] = [:]
        for value in graph.values + graph.outputs { declared[value.name] = value }
        var initializers: Set<String> = []
        for tensor in graph.initializers where initializers.insert(tensor.name).inserted {
            values.append(
                ResolvedValue(
                    name: tensor.name, declared: nil, inferred: InferredValue(constant: tensor),
                    isConstant: true))
            frame.scope.numbers[tensor.name] = .some(values.count - 1)
        }
        var inputs: [Int] = []
        for input in graph.inputs {
            if initializers.contains(input.name), let number = frame.scope.number(of: input.name) {
                // An initializer that is also an input is a default. The main graph keeps it; a subgraph's
                // formal inputs count by position.
                if isSubgraph, let number { inputs.append(number) }
                continue
            }
            inputs.append(try define(input.name, declared: input, in: frame.scope))
        }
        try defineOutputs(of: graph.nodes, declared: declared, in: frame.scope)
        var nodes: [ResolvedNode] = []
        for node in graph.nodes { try append(node, in: frame, to: &nodes) }
        var outputs: [Int] = []
        for output in graph.outputs {
            guard let number = frame.scope.number(of: output.name).flatMap(\.self) else {
                throw Failure(.invalidModel, "output '\(output.name)' of the graph is produced by no node")
            }
            outputs.append(number)
        }
        var captures: [Int] = []
        if isSubgraph {
            var seen: Set<Int> = []
            for number in nodes.flatMap(\.dependencies) + outputs
            where number < firstOwnValue && seen.insert(number).inserted {
                captures.append(number)
            }
            try budget.charge(edges: captures.count)
        }
        return ResolvedGraph(
            inputs: inputs, outputs: outputs, nodes: try TopologicalOrder.sorted(nodes),
            captures: captures)
    }

    private mutating func defineOutputs(
        of nodes: [OnnxNode], declared: [String: OnnxValue], in scope: Scope
    ) throws(Failure) {
        for node in nodes {
            for output in node.outputs where !output.isEmpty {
                _ = try define(output, declared: declared[output], in: scope)
            }
        }
    }

    /// Gives a value of this scope its number.
    private mutating func define(
        _ name: String, declared: OnnxValue?, in scope: Scope
    ) throws(Failure) -> Int {
        if let number = scope.formalOutputs.removeValue(forKey: name) {
            scope.numbers[name] = .some(number)
            return number
        }
        if scope.numbers[name] != nil {
            throw Failure(.invalidModel, "value '\(name)' is produced more than once")
        }
        let number = try makeValue(name: name, declared: declared)
        scope.numbers[name] = .some(number)
        return number
    }

    private mutating func makeValue(name: String, declared: OnnxValue?) throws(Failure) -> Int {
        try budget.charge(edges: 1)
        values.append(ResolvedValue(name: name, declared: declared))
        return values.count - 1
    }

    // MARK: Nodes

    private mutating func append(
        _ original: OnnxNode, in frame: Frame, to nodes: inout [ResolvedNode]
    ) throws(Failure) {
        try budget.charge(
            nodes: 1, edges: original.inputs.count + original.outputs.count + original.subgraphs.count)
        var node = original
        node.domain = Self.normalized(domain: node.domain)
        if frame.call != nil {
            try budget.charge(inlined: original.copiedNameBytes)
            if !node.attributeReferences.isEmpty {
                // The attributes are copied for each call of the function.
                try budget.charge(edges: node.attributeReferences.count + node.attributes.count + node.tensors.count)
                node.resolveAttributeReferences(call: frame.call)
            }
            try budget.charge(inlined: node.copiedAttributeBytes)
        }
        node.name = Self.qualifiedName(of: node, number: budget.nodeCount - 1, in: frame)
        var inputs: [Int?] = []
        for name in node.inputs {
            guard !name.isEmpty else { inputs.append(nil); continue }
            guard let number = frame.scope.number(of: name) else {
                throw Failure(
                    .invalidModel,
                    "node '\(node.name)' (\(node.operatorType)) reads '\(name)', which nothing produces")
            }
            inputs.append(number)
        }
        let outputs = node.outputs.map { $0.isEmpty ? nil : frame.scope.number(of: $0).flatMap(\.self) }
        let key = Self.functionKey(domain: node.domain, name: node.operatorType)
        if let function = functions[key] {
            try inline(
                function, key: key, call: node, inputs: inputs, outputs: outputs, in: frame, to: &nodes)
            return
        }
        var resolved = ResolvedNode(
            node: node, operatorSet: Self.version(of: node.domain, in: frame.operatorSets),
            inputs: inputs, outputs: outputs)
        for name in node.subgraphs.keys.sorted() {
            guard let subgraph = node.subgraphs[name] else { continue }
            var inner = frame
            inner.scope = Scope(parent: frame.scope)
            inner.depth = try deeper(than: frame.depth, node: node)
            inner.subgraphDepth = try deeperSubgraph(than: frame.subgraphDepth, node: node)
            inner.namePrefix = node.name
            resolved.subgraphs.append(
                ResolvedNode.Subgraph(name: name, graph: try resolve(subgraph, in: inner)))
        }
        nodes.append(resolved)
    }

    /// Version 1 where a model does not say, as before operator sets were versioned.
    private static func version(of domain: String, in operatorSets: [[String: Int64]]) -> Int {
        func stated(_ domain: String) -> Int64? {
            for sets in operatorSets.reversed() {
                if let version = sets[domain] { return version }
            }
            return nil
        }
        let version = stated(domain) ?? (domain.isEmpty ? stated("ai.onnx") : nil) ?? 1
        return Int(exactly: max(version, 1)) ?? 1
    }

    /// Names are kept short when functions nest, and cut in a function's copies, so that a long one cannot be multiplied.
    private static func qualifiedName(of node: OnnxNode, number: Int, in frame: Frame) -> String {
        let isCopy = frame.call != nil
        let stated = node.name.isEmpty ? node.operatorType : node.name
        let kept = isCopy ? abridged(stated) : stated
        let name = node.name.isEmpty ? "\(kept)_\(number)" : kept
        guard !frame.namePrefix.isEmpty, frame.namePrefix.utf8.count + name.utf8.count < 128 else { return name }
        return "\(frame.namePrefix)/\(name)"
    }

    /// At most `Limits.inlinedNameBytes` of a name, and an ellipsis where that is not all of it.
    private static func abridged(_ name: String) -> String {
        guard name.utf8.count > Limits.inlinedNameBytes else { return name }
        var end = name.utf8.index(name.utf8.startIndex, offsetBy: Limits.inlinedNameBytes)
        while end.samePosition(in: name.unicodeScalars) == nil, end > name.utf8.startIndex {
            end = name.utf8.index(before: end)
        }
        return String(name[..<end]) + "…"
    }

    // MARK: Functions

    private mutating func inline(
        _ function: OnnxFunction, key: String, call: OnnxNode, inputs: [Int?], outputs: [Int?],
        in caller: Frame, to nodes: inout [ResolvedNode]
    ) throws(Failure) {
        if caller.callStack.contains(key) {
            throw Failure(.invalidModel, "function '\(key)' calls itself, at node '\(call.name)'")
        }
        guard inputs.count <= function.inputs.count, outputs.count <= function.outputs.count else {
            throw Failure(
                .invalidModel,
                "node '\(call.name)' passes \(inputs.count) inputs and \(outputs.count) outputs to function '\(key)', which has \(function.inputs.count) and \(function.outputs.count)")
        }
        try budget.charge(edges: function.inputs.count + function.outputs.count)
        try budget.charge(inlined: function.copiedNameBytes)
        let scope = Scope(parent: nil)
        for (position, name) in function.inputs.enumerated() {
            scope.numbers[name] = position < inputs.count ? .some(inputs[position]) : .some(nil)
        }
        var forwarded: [(from: Int?, to: Int)] = []
        for (position, name) in function.outputs.enumerated() {
            let target = position < outputs.count ? outputs[position] : nil
            if let source = scope.numbers[name] {
                // The function hands an input through.
                if let target { forwarded.append((source, target)) }
            } else if scope.formalOutputs[name] == nil {
                if let target {
                    scope.formalOutputs[name] = target
                } else {
                    scope.formalOutputs[name] = try makeValue(name: name, declared: nil)
                }
            }
        }
        try defineOutputs(of: function.nodes, declared: [:], in: scope)
        if let missing = function.outputs.first(where: { scope.formalOutputs[$0] != nil }) {
            throw Failure(.invalidModel, "function '\(key)' does not produce its output '\(missing)'")
        }
        let frame = Frame(
            scope: scope, operatorSets: caller.operatorSets + [function.operatorSets],
            call: (call, function.defaults), callStack: caller.callStack + [key],
            depth: try deeper(than: caller.depth, node: call), subgraphDepth: caller.subgraphDepth,
            namePrefix: call.name)
        for node in function.nodes { try append(node, in: frame, to: &nodes) }
        for (source, target) in forwarded {
            try budget.charge(nodes: 1)
            let identity = OnnxNode(
                name: "\(Self.abridged(call.name))/Identity", operatorType: "Identity", inputs: [""], outputs: [""])
            nodes.append(ResolvedNode(node: identity, operatorSet: 1, inputs: [source], outputs: [target]))
        }
    }

    // MARK: Bounds

    private func deeper(than depth: Int, node: OnnxNode) throws(Failure) -> Int {
        guard depth < Limits.nesting else {
            throw Failure(
                .limitExceeded,
                "node '\(node.name)' (\(node.operatorType)): subgraphs and functions nest deeper than \(Limits.nesting)")
        }
        return depth + 1
    }

    private func deeperSubgraph(than depth: Int, node: OnnxNode) throws(Failure) -> Int {
        guard depth < Limits.subgraphNesting else {
            throw Failure(
                .limitExceeded,
                "node '\(node.name)' (\(node.operatorType)): subgraphs nest more than \(Limits.subgraphNesting) deep")
        }
        return depth + 1
    }
}

/// The names of one graph or function body.
final class Scope {
    /// The scope around, which a subgraph sees; `nil` for the main graph and for functions.
    let parent: Scope?
    /// A name may be known and yet stand for nothing: an optional input that a call leaves out.
    var numbers: [String: Int?] = [:]
    /// Outputs of a function that its body has yet to produce: they have the numbers of the call's outputs.
    var formalOutputs: [String: Int] = [:]

    init(parent: Scope?) { self.parent = parent }

    /// `nil` for a name that nothing defines; at most `Limits.nesting` steps.
    func number(of name: String) -> Int?? {
        var scope: Scope? = self
        while let current = scope {
            if let number = current.numbers[name] { return .some(number) }
            scope = current.parent
        }
        return nil
    }
}

extension OnnxNode {
    /// Gives attributes of a function's body that refer to attributes of the call their values, or their defaults.
    fileprivate mutating func resolveAttributeReferences(
        call: (node: OnnxNode, defaults: Attributes)?
    ) {
        guard let call else { return }
        for name in attributeReferences.keys.sorted() {
            guard let reference = attributeReferences[name] else { continue }
            if let tensor = call.node.tensors[reference] {
                tensors[name] = tensor
            } else {
                attributes[name] = call.node.attributes[reference] ?? call.defaults[reference]
            }
        }
    }
}

extension InferredValue {
    /// An initializer: its type, and its elements where they are small.
    fileprivate init(constant tensor: OnnxTensor) {
        let extents = tensor.dimensions.map { Int(exactly: $0) ?? -1 }
        let type = TensorType(tensor.elementType, extents.map { Dimension($0) })
        self.init(type: type)
        if let elements = tensor.elements, elements.count <= Limits.constantElements,
            type.elementCount == elements.count
        {
            constant = ConstantValue(
                elementType: tensor.elementType, extents: extents, elements: elements)
        }
    }
}
