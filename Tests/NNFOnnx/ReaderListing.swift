import NNFGraph
import NNFOnnx

/// Writes what the reader understood of a model in the form of `Fixtures/make_fixtures.py`, one item a line.
struct ReaderListing {
    private(set) var lines = [String]()

    init(_ model: OnnxModel) {
        lines.append("ir \(model.irVersion) operator sets \(operatorSets(model.operatorSets))")
        add(model.graph)
        for function in model.functions {
            let inputs = function.inputs.joined(separator: ","), outputs = function.outputs.joined(separator: ",")
            lines.append("function \(function.domain)::\(function.name) (\(inputs)) -> (\(outputs))")
            lines.append("operator sets \(operatorSets(function.operatorSets))")
            add(function.defaults)
            function.nodes.forEach { add($0) }
        }
    }

    private mutating func add(_ graph: OnnxGraph) {
        lines.append("name \(graph.name)")
        for (kind, values) in [("input", graph.inputs), ("output", graph.outputs), ("value", graph.values)] {
            for value in values {
                let axes = value.axes.map { "[\($0.map(text).joined(separator: ", "))]" } ?? "unknown"
                lines.append("\(kind) \(value.name) \(value.elementType.rawValue) \(axes)")
            }
        }
        for tensor in graph.initializers { lines.append("initializer \(text(tensor))") }
        for node in graph.nodes { add(node) }
    }

    private mutating func add(_ node: OnnxNode) {
        let inputs = node.inputs.joined(separator: ","), outputs = node.outputs.joined(separator: ",")
        lines.append("node '\(node.name)' \(node.domain)::\(node.operatorType) (\(inputs)) -> (\(outputs))")
        add(node.attributes)
        for (name, referred) in node.attributeReferences.sorted(by: { $0.key < $1.key }) {
            lines.append("reference \(name) \(referred)")
        }
        for (name, tensor) in node.tensors.sorted(by: { $0.key < $1.key }) {
            lines.append("tensor \(name) \(text(tensor))")
        }
        for (name, graph) in node.subgraphs.sorted(by: { $0.key < $1.key }) {
            lines.append("graph \(name)")
            add(graph)
            lines.append("end")
        }
    }

    private mutating func add(_ attributes: Attributes) {
        for name in attributes.names {
            switch attributes[name] {
            case .float(let value): lines.append("float \(name) \(text(Double(value)))")
            case .int(let value): lines.append("int \(name) \(value)")
            case .string(let value): lines.append("string \(name) \(value)")
            case .floats(let values):
                lines.append("floats \(name) \(values.map { text(Double($0)) }.joined(separator: " "))")
            case .ints(let values): lines.append("ints \(name) \(values.map(String.init).joined(separator: " "))")
            case .strings(let values): lines.append("strings \(name) \(values.joined(separator: " "))")
            case nil: lines.append("nothing \(name)")
            }
        }
    }

    private func operatorSets(_ sets: [String: Int64]) -> String {
        sets.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ", ")
    }

    private func text(_ axis: OnnxAxis) -> String {
        switch axis {
        case .extent(let extent): String(extent)
        case .parameter(let name): name
        case .unspecified: "?"
        }
    }

    private func text(_ tensor: OnnxTensor) -> String {
        let elements =
            switch tensor.elements {
            case .integers(let integers): "integers \(integers.count) \(hash(integers.map { UInt64(bitPattern: $0) }))"
            case .reals(let reals): "reals \(reals.count) \(hash(reals.map(\.bitPattern)))"
            case nil: "-"
            }
        return "\(tensor.name) \(tensor.elementType.rawValue) \(tensor.dimensions) \(elements)"
    }

    private func text(_ real: Double) -> String { hexadecimal(real.bitPattern) }

    private func hexadecimal(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// FNV-1a over the elements' 64-bit patterns, little endian.
    private func hash(_ patterns: [UInt64]) -> String {
        var state: UInt64 = 0xcbf2_9ce4_8422_2325
        for pattern in patterns {
            for shift in stride(from: UInt64(0), to: 64, by: 8) {
                state = (state ^ (pattern >> shift & 0xff)) &* 0x100_0000_01b3
            }
        }
        return hexadecimal(state)
    }
}
