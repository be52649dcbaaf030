import NNFGraph
import NNFOnnx

/// What an `nnformer_graph_builder` stands for: an ONNX model that grows node by node.
///
/// Each `add` checks everything before it changes anything. What only the whole graph can tell (a name that nothing
/// defines, a cycle, shapes that do not match) is left to `finish`, which takes the way that a file takes.
final class GraphBuilder {
    private static let defaultOperatorSet: Int64 = 17
    /// Version that an operator of another domain is taken from.
    private static let foreignOperatorSet: Int64 = 1

    private var operatorSets: [String: Int64]
    private var graph = OnnxGraph()
    /// Names that something defines already.
    private var definedNames: Set<String> = []
    private var outputNames: Set<String> = []
    private var edgeCount = 0

    /// `operatorSet` 0 stands for the default.
    init(operatorSet: Int64) throws(Failure) {
        guard operatorSet >= 0 else {
            throw Failure(
                .invalidArgument,
                "operator_set is \(operatorSet): give 1 or more, or 0 for \(Self.defaultOperatorSet)")
        }
        operatorSets = ["": operatorSet == 0 ? Self.defaultOperatorSet : operatorSet]
    }

    /// An input; an extent of -1 is an open axis.
    func addInput(name: String, elementType: Int32, extents: [Int64]) throws(Failure) {
        try requireElementType(elementType, of: name)
        if let wrong = extents.first(where: { $0 < -1 }) {
            throw Failure(
                .invalidArgument, "input \(name) has the extent \(wrong): give -1 to leave an axis open")
        }
        try define([name])
        graph.inputs.append(
            OnnxValue(
                name: name, elementType: ElementType(rawValue: elementType),
                axes: extents.map { $0 < 0 ? .unspecified : .extent($0) }))
    }

    /// A trained constant.
    func addParameter(name: String, elementType: Int32, extents: [Int64]) throws(Failure) {
        try requireElementType(elementType, of: name)
        if let wrong = extents.first(where: { $0 < 0 }) {
            throw Failure(.invalidArgument, "parameter \(name) has the extent \(wrong)")
        }
        try addConstant(
            name: name, elementType: ElementType(rawValue: elementType), dimensions: extents, elements: nil)
    }

    /// A constant of rank 1 with values.
    func addVector(name: String, elementType: ElementType, elements: ConstantElements) throws(Failure) {
        try addConstant(
            name: name, elementType: elementType, dimensions: [Int64(elements.count)], elements: elements)
    }

    private func addConstant(
        name: String, elementType: ElementType, dimensions: [Int64], elements: ConstantElements?
    ) throws(Failure) {
        try define([name])
        graph.initializers.append(
            OnnxTensor(name: name, elementType: elementType, dimensions: dimensions, elements: elements))
    }

    /// A node; `""` among inputs and outputs leaves an optional one out.
    func addNode(operatorName: String, inputs: [String], outputs: [String]) throws(Failure) {
        let (domain, operatorType) = try Self.split(operatorName)
        guard graph.nodes.count < Limits.nodes else {
            throw Failure(.limitExceeded, "a graph has at most \(Limits.nodes) nodes")
        }
        guard inputs.count <= Limits.edges - edgeCount else {
            throw Failure(.limitExceeded, "a graph has at most \(Limits.edges) edges")
        }
        let results = outputs.filter { !$0.isEmpty }
        guard !results.isEmpty else {
            throw Failure(.invalidArgument, "the \(operatorName) node has no output")
        }
        try define(results)
        edgeCount += inputs.count
        if operatorSets[domain] == nil { operatorSets[domain] = Self.foreignOperatorSet }
        graph.nodes.append(
            OnnxNode(
                // Names of nodes are for people: that of its first result says where the node is.
                name: results.first ?? "", operatorType: operatorType, domain: domain, inputs: inputs,
                outputs: outputs))
    }

    /// Sets an attribute of the node added last.
    func setAttribute(_ name: String, to value: AttributeValue) throws(Failure) {
        guard let last = graph.nodes.indices.last else {
            throw Failure(.invalidArgument, "attribute \(name) belongs to no node: add one first")
        }
        guard !name.isEmpty else { throw Failure(.invalidArgument, "name of an attribute is empty") }
        graph.nodes[last].attributes[name] = value
    }

    /// An output, whose type is inferred.
    func addOutput(name: String) throws(Failure) {
        guard !name.isEmpty else { throw Failure(.invalidArgument, "name of an output is empty") }
        guard outputNames.insert(name).inserted else {
            throw Failure(.invalidArgument, "output \(name) was added already")
        }
        graph.outputs.append(OnnxValue(name: name, elementType: .undefined, axes: nil))
    }

    /// The graph as built so far; without outputs, every result that no node reads is one.
    func makeGraph(options: ImportOptions) throws(Failure) -> Graph {
        var complete = graph
        if complete.outputs.isEmpty {
            complete.outputs = unreadResults.map { OnnxValue(name: $0, elementType: .undefined, axes: nil) }
        }
        let model = OnnxModel(irVersion: 8, operatorSets: operatorSets, graph: complete)
        return try GraphImporter.makeGraph(from: model, options: options)
    }

    /// The first result of every node of which nobody reads anything.
    private var unreadResults: [String] {
        var readNames: Set<String> = []
        for node in graph.nodes { readNames.formUnion(node.inputs) }
        return graph.nodes.compactMap { node in
            let results = node.outputs.filter { !$0.isEmpty }
            return results.contains(where: readNames.contains) ? nil : results.first
        }
    }

    /// Records that `names` are defined, all or none of them.
    private func define(_ names: [String]) throws(Failure) {
        var newNames: Set<String> = []
        for name in names {
            guard !name.isEmpty else { throw Failure(.invalidArgument, "name of a value is empty") }
            guard !definedNames.contains(name), newNames.insert(name).inserted else {
                throw Failure(.invalidArgument, "\(name) is defined already: names of values are unique")
            }
        }
        definedNames.formUnion(newNames)
    }

    private func requireElementType(_ number: Int32, of name: String) throws(Failure) {
        guard number > 0 else {
            throw Failure(
                .invalidArgument,
                "\(name) has the element type \(number): give a number of ONNX's TensorProto.DataType, 1 for float"
            )
        }
    }

    /// Domain and type of `Name` or `domain::Name`.
    private static func split(_ operatorName: String) throws(Failure) -> (
        domain: String, operatorType: String
    ) {
        var domain = ""
        var operatorType = operatorName[...]
        if let colon = operatorName.lastIndex(of: ":"), operatorName[..<colon].hasSuffix(":") {
            domain = String(operatorName[..<colon].dropLast())
            operatorType = operatorName[colon...].dropFirst()
        }
        if domain == "ai.onnx" { domain = "" }  // the two are ONNX's names for its own
        guard !operatorType.isEmpty else {
            throw Failure(
                .invalidArgument, "operator_name is \"\(operatorName)\": give \"Name\" or \"domain::Name\"")
        }
        return (domain, String(operatorType))
    }
}
