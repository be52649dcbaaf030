/// One input of a node.
package struct NodeInput: Hashable, Sendable {
    package enum Source: Hashable, Sendable {
        /// An input of the graph, by its position.
        case graphInput(Int)
        /// An output of another node.
        case node(Int)
        /// A constant of the model (weight, bias, table), stored once per `number` whoever reads it.
        case constant(number: Int)
        /// An optional input that is not given.
        case absent
    }

    package var source: Source
    package var type: TensorType

    package init(source: Source, type: TensorType) {
        self.source = source
        self.type = type
    }
}

/// One operator of a network, with everything that its cost and features are computed from.
package struct Node: Sendable {
    package var name: String
    /// Operator name, qualified by its domain (`domain::Name`) outside ONNX's own.
    package var operatorName: String
    package var attributes: Attributes
    package var inputs: [NodeInput]
    package var outputs: [TensorType]
    /// Elements of the trained constants this node reads; a constant shared by several nodes counts at its first reader.
    package var parameterCount: Int
    package var cost: Cost

    package init(
        name: String, operatorName: String, attributes: Attributes, inputs: [NodeInput],
        outputs: [TensorType], parameterCount: Int = 0, cost: Cost = Cost()
    ) {
        self.name = name
        self.operatorName = operatorName
        self.attributes = attributes
        self.inputs = inputs
        self.outputs = outputs
        self.parameterCount = parameterCount
        self.cost = cost
    }
}

/// What one run of a node or graph asks of the hardware.
package struct Cost: Hashable, Sendable {
    /// Multiply-accumulates of convolutions, matrix products and recurrent cells.
    package var macs: UInt64 = 0
    /// Floating-point operations: two a multiply-accumulate, and those of everything else.
    package var flops: UInt64 = 0
    /// Bytes of activations and constants read, each operand once.
    package var bytesRead: UInt64 = 0
    package var bytesWritten: UInt64 = 0

    package init() {}
}

/// A network as the library sees it: operators in topological order, typed values between them.
package struct Graph: Sendable {
    package struct Input: Sendable {
        package var name: String
        package var type: TensorType

        package init(name: String, type: TensorType) {
            self.name = name
            self.type = type
        }
    }

    package var inputs: [Input]
    /// In topological order: a node reads only from nodes before it.
    package var nodes: [Node]
    /// Extent of the first axis of the first input, 1 where it has none.
    package var batchSize: Int
    /// Operators that the library does not know, each once, in order of appearance.
    package var unknownOperators: [String]

    package init(inputs: [Input], nodes: [Node], batchSize: Int, unknownOperators: [String]) {
        self.inputs = inputs
        self.nodes = nodes
        self.batchSize = batchSize
        self.unknownOperators = unknownOperators
    }
}
