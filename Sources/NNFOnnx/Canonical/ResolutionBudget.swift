import NNFGraph

/// What resolving names may still make: however functions multiply what a file holds, the sums stay within `Limits`.
struct ResolutionBudget {
    private(set) var nodeCount = 0
    private var edgeCount = 0
    private var inlinedBytes = 0

    mutating func charge(nodes: Int = 0, edges: Int = 0) throws(Failure) {
        nodeCount += nodes
        edgeCount += edges
        if nodeCount > Limits.nodes {
            throw Failure(
                .limitExceeded, "the model has more than \(Limits.nodes) nodes, functions inlined")
        }
        if edgeCount > Limits.edges {
            throw Failure(
                .limitExceeded, "the model has more than \(Limits.edges) values and edges, functions inlined")
        }
    }

    /// Charges a copy that a call makes of what the file holds once. No overflow: the bytes are in memory.
    mutating func charge(inlined bytes: Int) throws(Failure) {
        inlinedBytes += bytes
        if inlinedBytes > Limits.inlinedBytes {
            throw Failure(
                .limitExceeded,
                "names and attributes of the model's functions take more than \(Limits.inlinedBytes >> 20) MiB, inlined at every call; inline them before, or shorten them")
        }
    }
}

/// Bytes that a copy of a part of a function's body takes, and that are walked through when it is made: of names, which are
/// looked up anew, and of `ResolvedValue`s.
extension OnnxNode {
    /// Attributes, which a call may replace, not counted. O(inputs + outputs + references + subgraphs).
    var copiedNameBytes: Int {
        var sum = operatorType.copiedBytes + domain.copiedBytes + min(name.utf8.count, Limits.inlinedNameBytes)
        for input in inputs { sum += 8 + input.copiedBytes }
        for output in outputs { sum += inlinedValueBytes + output.copiedBytes }
        for (name, reference) in attributeReferences { sum += name.copiedBytes + reference.copiedBytes }
        for name in subgraphs.keys { sum += name.copiedBytes }
        return sum
    }

    /// Attributes and tensors, the elements of the latter not counted: their number is bounded where they are used.
    var copiedAttributeBytes: Int {
        tensors.keys.reduce(attributes.sizeInBytes) { $0 + 64 + $1.copiedBytes }
    }
}

extension OnnxGraph {
    /// Nodes not counted. O(inputs + outputs + values + initializers).
    var copiedNameBytes: Int {
        var sum = 0
        for value in inputs { sum += inlinedValueBytes + value.name.copiedBytes }
        for value in outputs { sum += value.name.copiedBytes }
        for value in values { sum += value.name.copiedBytes }
        for tensor in initializers {
            sum += inlinedValueBytes + tensor.name.copiedBytes + 16 * tensor.dimensions.count
        }
        return sum
    }
}

extension OnnxFunction {
    /// What a call costs but for the nodes of the body. O(inputs + outputs).
    var copiedNameBytes: Int {
        var sum = domain.copiedBytes + name.copiedBytes
        for input in inputs { sum += input.copiedBytes }
        for output in outputs { sum += inlinedValueBytes + output.copiedBytes }
        return sum
    }
}

/// What a value takes in the tables of a resolved model, or a good part of it.
private let inlinedValueBytes = 64

extension String {
    /// Bytes of a name, eightfold where it is not ASCII: Swift normalises such text each time it is hashed or compared.
    fileprivate var copiedBytes: Int { utf8.allSatisfy { $0 < 0x80 } ? utf8.count : 8 * utf8.count }
}
