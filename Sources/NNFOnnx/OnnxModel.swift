package import NNFGraph

/// What the library keeps of an ONNX file: its structure, without the payloads of its weights.
///
/// Plain values that outlive the parser. The reader makes one from a file; the graph builder of the C API makes one
/// node by node; both take the same way from here.
package struct OnnxModel: Sendable {
    package var irVersion: Int64
    /// Operator-set version by domain, `""` being ONNX's own.
    package var operatorSets: [String: Int64]
    package var graph: OnnxGraph
    package var functions: [OnnxFunction]

    package init(
        irVersion: Int64, operatorSets: [String: Int64], graph: OnnxGraph,
        functions: [OnnxFunction] = []
    ) {
        self.irVersion = irVersion
        self.operatorSets = operatorSets
        self.graph = graph
        self.functions = functions
    }
}

/// A graph or subgraph of the file. Values are referred to by name, as in the file.
package struct OnnxGraph: Sendable {
    package var name = ""
    /// Declared inputs; an initializer's name may be among them.
    package var inputs: [OnnxValue] = []
    package var outputs: [OnnxValue] = []
    /// Types the file states for values in between.
    package var values: [OnnxValue] = []
    package var initializers: [OnnxTensor] = []
    package var nodes: [OnnxNode] = []

    package init() {}
}

/// A named value and the type that the file declares for it.
package struct OnnxValue: Sendable {
    package var name: String
    package var elementType: ElementType
    /// `nil` where the file states no shape.
    package var axes: [OnnxAxis]?

    package init(name: String, elementType: ElementType, axes: [OnnxAxis]?) {
        self.name = name
        self.elementType = elementType
        self.axes = axes
    }
}

/// An axis as the file declares it.
package enum OnnxAxis: Hashable, Sendable {
    case extent(Int64)
    /// `dim_param`: a name shared by all axes of one extent.
    case parameter(String)
    case unspecified
}

/// A constant of the file. Its payload is kept only when it is small enough to take part in shape arithmetic.
package struct OnnxTensor: Sendable {
    package var name: String
    package var elementType: ElementType
    package var dimensions: [Int64]
    /// `nil` when the payload was skipped, is external, or does not match `dimensions`.
    package var elements: ConstantElements?

    package init(
        name: String, elementType: ElementType, dimensions: [Int64], elements: ConstantElements?
    ) {
        self.name = name
        self.elementType = elementType
        self.dimensions = dimensions
        self.elements = elements
    }
}

/// Elements of a small constant in row-major order. Integers and booleans are widened to 64 bits, floats to double.
package enum ConstantElements: Hashable, Sendable {
    case integers([Int64])
    case reals([Double])

    package var count: Int {
        switch self {
        case .integers(let elements): elements.count
        case .reals(let elements): elements.count
        }
    }
}

package struct OnnxNode: Sendable {
    /// May be empty: names are optional in ONNX.
    package var name: String
    package var operatorType: String
    package var domain: String
    /// `""` stands for an optional input that is left out.
    package var inputs: [String]
    package var outputs: [String]
    package var attributes: Attributes
    package var tensors: [String: OnnxTensor] = [:]
    package var subgraphs: [String: OnnxGraph] = [:]
    /// In a function body: attributes that take the value of an attribute of the call, by name.
    package var attributeReferences: [String: String] = [:]

    package init(
        name: String, operatorType: String, domain: String = "", inputs: [String],
        outputs: [String], attributes: Attributes = Attributes()
    ) {
        self.name = name
        self.operatorType = operatorType
        self.domain = domain
        self.inputs = inputs
        self.outputs = outputs
        self.attributes = attributes
    }
}

/// A model-local function; calls to it are replaced by its body.
package struct OnnxFunction: Sendable {
    package var name: String
    package var domain: String
    package var inputs: [String]
    package var outputs: [String]
    package var operatorSets: [String: Int64]
    package var nodes: [OnnxNode]
    /// Attributes with a default value.
    package var defaults: Attributes

    package init(
        name: String, domain: String, inputs: [String], outputs: [String],
        operatorSets: [String: Int64], nodes: [OnnxNode], defaults: Attributes
    ) {
        self.name = name
        self.domain = domain
        self.inputs = inputs
        self.outputs = outputs
        self.operatorSets = operatorSets
        self.nodes = nodes
        self.defaults = defaults
    }
}
