import ArgumentParser

struct ExplainCommand: ParsableCommand {
    enum Format: String, ExpressibleByArgument, CaseIterable { case table, json, csv, html }

    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Shows where the time of one network goes, block by block and node by node.",
        discussion: """
            Nodes, and what a run takes whatever its nodes, sum to the estimate. Blocks follow the scopes in the names of nodes, or the \
            network's structure where names have none. table has the blocks and the slowest nodes, csv the nodes, json both; html is a page \
            of its own, with drawings and a comparison of all platforms.
            """)

    @Argument(help: "An ONNX file; - is standard input.")
    var file: String

    @Option(help: ArgumentHelp("The platform whose estimate is explained.", valueName: "id"))
    var platform: String

    @OptionGroup var graphOptions: GraphOptions

    @OptionGroup var weightsOptions: WeightsOptions

    @Option(help: "table, json, csv or html.")
    var format = Format.table

    @Option(help: ArgumentHelp("How many of the slowest nodes the table lists.", valueName: "n"))
    var top = 10

    func validate() throws {
        guard top >= 0 else { throw ValidationError("--top is \(top): give 0 or more.") }
    }

    func run() throws {
        let predictor = try weightsOptions.openPredictor()
        let breakdown: Breakdown
        do {
            let index: Int
            do throws(LibraryError) {
                index = try predictor.platformIndex(id: platform)
            } catch {
                throw FileFailure.report(error, file: weightsOptions.weights)
            }
            let graph = try NetworkGraph(file: file, options: graphOptions)
            breakdown = try Breakdown(file: file, graph: graph, predictor: predictor, platform: index)
        } catch let exitCode as ExitCode {
            throw exitCode
        } catch {
            throw FileFailure.report(error, file: file)
        }
        switch format {
        case .json: StandardStreams.write(try JSONText.text(breakdown))
        case .csv: StandardStreams.write(breakdown.csvText)
        case .html: StandardStreams.write(BreakdownPage(breakdown).text)
        case .table: StandardStreams.write(breakdown.tableText(top: top))
        }
    }
}

extension Breakdown {
    var csvText: String {
        CSVText.text(
            header: ["name", "operator", "block", "latency_ms", "share", "flops", "bytes_read", "bytes_written"],
            rows: nodes.map { node in
                [
                    node.name, node.operatorName, blocks[node.block].name, "\(node.latencyMs)", "\(node.share)",
                    "\(node.flops)", "\(node.bytesRead)", "\(node.bytesWritten)",
                ]
            })
    }

    func tableText(top: Int) -> String {
        var byBlock = TextTable([
            ("block", .left), ("nodes", .right), ("milliseconds", .right), ("share", .right), ("FLOPs", .right),
            ("bytes", .right),
        ])
        for block in blocks {
            byBlock.append([
                block.name, "\(block.nodeCount)", ShortNumber.text(block.latencyMs), Self.percent(block.share),
                ShortNumber.text(block.flops), ShortNumber.text(block.bytes),
            ])
        }
        byBlock.append(["(whatever the nodes)", "", ShortNumber.text(fixedMs), Self.percent(fixedShare), "", ""])
        byBlock.append([
            "total", "\(nodes.count)", ShortNumber.text(latencyMs), Self.percent(1),
            ShortNumber.text(Self.sum(blocks.map(\.flops))), ShortNumber.text(Self.sum(blocks.map(\.bytes))),
        ])
        guard top > 0, !nodes.isEmpty else { return byBlock.text }
        var byNode = TextTable([
            ("slowest nodes", .left), ("operator", .left), ("block", .left), ("milliseconds", .right), ("share", .right),
        ])
        for node in slowestNodes.prefix(top) {
            byNode.append([
                node.name, node.operatorName, blocks[node.block].name, ShortNumber.text(node.latencyMs),
                Self.percent(node.share),
            ])
        }
        return byBlock.text + "\n" + byNode.text
    }

    static func percent(_ share: Double) -> String { ShortNumber.fixed(100 * share, decimals: 1) + " %" }
}
