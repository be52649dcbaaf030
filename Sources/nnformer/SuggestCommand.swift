import ArgumentParser

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

struct SuggestCommand: ParsableCommand {
    enum Format: String, ExpressibleByArgument, CaseIterable { case table, csv }

    static let configuration = CommandConfiguration(
        commandName: "suggest",
        abstract: "Picks the networks of a folder whose measurement tells most of a new device.",
        discussion: """
            The most telling comes first. csv is a samples file for calibrate that only lacks the milliseconds. \
            Files that are not usable models are reported on standard error and left aside.
            """)

    @Argument(help: "A folder of .onnx files, searched with its subfolders.")
    var folder: String

    @Option(help: ArgumentHelp("How many to pick.", valueName: "n"))
    var count = 10

    @OptionGroup var graphOptions: GraphOptions

    @Option(help: "table or csv.")
    var format = Format.table

    @Option(
        help: ArgumentHelp("A weights file (safetensors) instead of the weights inside.", valueName: "file"))
    var weights: String?

    func validate() throws {
        guard (1...4096).contains(count) else { throw ValidationError("--count is \(count): give 1 to 4096.") }
    }

    func run() throws {
        let predictor = try WeightsOptions.predictor(weights: weights)
        do {
            var graphs: [(file: String, graph: NetworkGraph)] = []
            for file in try modelFiles() {
                do {
                    graphs.append((file, try NetworkGraph(file: file, options: graphOptions)))
                } catch {
                    _ = FileFailure.report(error, file: file)
                }
            }
            let chosen = try Calibration(predictor).suggest(count: count, of: graphs.map(\.graph))
            let batches = try chosen.map { try graphs[$0].graph.summary().batch_size }
            let files = chosen.map { graphs[$0].file }
            switch format {
            case .table: StandardStreams.write(files.map { OneLine.text($0) + "\n" }.joined())
            case .csv:
                StandardStreams.write(
                    CSVText.text(
                        header: ["model", "batch", "milliseconds"],
                        rows: zip(files, batches).map { [$0, "\($1)", ""] }))
            }
        } catch {
            throw FileFailure.report(error, file: folder)
        }
    }

    /// Paths that begin with the folder, in alphabetical order.
    private func modelFiles() throws(LibraryError) -> [String] {
        guard let names = try? FileManager.default.subpathsOfDirectory(atPath: folder) else {
            throw LibraryError(inputOutput: "the folder cannot be read: does it exist?")
        }
        let prefix = folder.hasSuffix("/") ? folder : folder + "/"
        return names.filter { $0.hasSuffix(".onnx") }.sorted().map { prefix + $0 }
    }
}
