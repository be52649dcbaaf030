import ArgumentParser
import CNNFormer

struct InspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract:
            "Shows what a network consists of: operators, shapes, parameters, arithmetic, memory traffic.",
        discussion: """
            MACs are multiply-accumulates; a MAC is two FLOPs. Bytes are those of operands read and results written, \
            each once. csv holds the nodes, table and json the totals as well.
            """)

    @Argument(help: "An ONNX file; - is standard input.")
    var file: String

    @OptionGroup var graphOptions: GraphOptions

    @Option(help: "table, json or csv.")
    var format = OutputFormat.table

    func run() throws {
        let network: Network
        do {
            network = try Network(file: file, graph: try NetworkGraph(file: file, options: graphOptions))
        } catch {
            throw FileFailure.report(error, file: file)
        }
        switch format {
        case .json: StandardStreams.write(try JSONText.text(network))
        case .csv: StandardStreams.write(network.csvText)
        case .table: StandardStreams.write(network.tableText)
        }
    }
}

/// A network in numbers, as `nnformer inspect` shows it.
private struct Network: Encodable {
    struct Node: Encodable {
        let name: String
        let operatorName: String
        let isKnown: Bool
        let outputs: [TensorType]
        let costs: Costs
    }

    struct Costs: Encodable {
        let parameters, macs, flops, bytesRead, bytesWritten: UInt64

        static let names = ["parameters", "macs", "flops", "bytes_read", "bytes_written"]
        var values: [UInt64] { [parameters, macs, flops, bytesRead, bytesWritten] }
    }

    let file: String
    let batchSize: UInt64
    let edges: UInt64
    let unknownOperators: [String]
    let costs: Costs
    let nodes: [Node]

    init(file: String, graph: NetworkGraph) throws(LibraryError) {
        let summary = try graph.summary()
        self.file = file
        batchSize = summary.batch_size
        edges = summary.edge_count
        unknownOperators = graph.unknownOperators
        costs = Costs(
            parameters: summary.parameters, macs: summary.macs, flops: summary.flops,
            bytesRead: summary.bytes_read, bytesWritten: summary.bytes_written)
        var nodes: [Node] = []
        for index in 0..<Int(clamping: summary.node_count) {
            let node = try graph.node(index)
            var outputs: [TensorType] = []
            for output in 0..<Int(node.output_count) {
                outputs.append(try graph.outputType(node: index, output: output))
            }
            nodes.append(
                Node(
                    name: String(library: node.name), operatorName: String(library: node.operator_name),
                    isKnown: node.is_known != 0, outputs: outputs,
                    costs: Costs(
                        parameters: node.parameters, macs: node.macs, flops: node.flops,
                        bytesRead: node.bytes_read, bytesWritten: node.bytes_written)))
        }
        self.nodes = nodes
    }

    var csvText: String {
        CSVText.text(
            header: ["name", "operator", "is_known", "output_shape"] + Costs.names,
            rows: nodes.map { node in
                [node.name, node.operatorName, node.isKnown ? "1" : "0", node.outputs.first?.shapeText ?? ""]
                    + node.costs.values.map(String.init)
            })
    }

    var tableText: String {
        var table = TextTable([
            ("name", .left), ("operator", .left), ("output", .left), ("parameters", .right), ("MACs", .right),
            ("FLOPs", .right), ("bytes read", .right), ("bytes written", .right),
        ])
        for node in nodes {
            table.append(
                [
                    node.name, node.operatorName + (node.isKnown ? "" : " (unknown)"),
                    node.outputs.first?.shapeText ?? "",
                ]
                    + node.costs.values.map(ShortNumber.text))
        }
        table.append(
            ["total", "\(nodes.count) operators", "batch \(batchSize)"] + costs.values.map(ShortNumber.text))
        let unknown = unknownOperators.map(OneLine.text).joined(separator: ", ")
        return table.text + (unknown.isEmpty ? "" : "\nUnknown operators: \(unknown)\n")
    }
}
