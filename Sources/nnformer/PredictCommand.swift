import ArgumentParser

struct PredictCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "predict",
        abstract: "Estimates networks on every platform, or on those named.",
        discussion: """
            One row a file and platform. A file that fails is reported on standard error, the others go on. \
            Milliseconds are those of one run, or of one image on platforms that say so (time_per_image).
            """)

    @Argument(help: "ONNX files; - is standard input.")
    var files: [String]

    @Option(
        name: .customLong("platform"),
        help: ArgumentHelp("A platform to estimate; may be given again. All if left out.", valueName: "id"))
    var platforms: [String] = []

    @OptionGroup var graphOptions: GraphOptions

    @Option(help: "table, json or csv.")
    var format = OutputFormat.table

    @Option(
        help: ArgumentHelp("A weights file (safetensors) instead of the weights inside.", valueName: "file"))
    var weights: String?

    func validate() throws {
        if files.filter({ $0 == NetworkGraph.standardInput }).count > 1 {
            throw ValidationError("Standard input (-) can be read once.")
        }
    }

    func run() throws {
        var failure: ExitCode?
        let rows: [Row]
        do throws(LibraryError) {
            let predictor = try Predictor(weights: weights)
            var chosen = Array(predictor.platforms.indices)
            if !platforms.isEmpty {
                chosen = []
                for id in platforms { chosen.append(try predictor.platformIndex(id: id)) }
            }
            rows = files.flatMap { file in
                do {
                    return try Self.rows(
                        of: file, options: graphOptions, predictor: predictor, platforms: chosen)
                } catch {
                    let exitCode = FileFailure.report(error, file: file)
                    failure = failure ?? exitCode
                    return []
                }
            }
        } catch {
            StandardStreams.report(error.message, file: weights)
            throw error.exitCode
        }
        StandardStreams.write(try text(of: rows))
        if let failure { throw failure }
    }

    private static func rows(
        of file: String, options: GraphOptions, predictor: Predictor, platforms: [Int]
    ) throws -> [Row] {
        let graph = try NetworkGraph(file: file, options: options)
        let latencyMs = try predictor.predict(graph)
        let unknownOperators = graph.unknownOperators
        if !unknownOperators.isEmpty {
            StandardStreams.report(
                "note: estimated without knowing what \(unknownOperators.map(OneLine.text).joined(separator: ", ")) computes",
                file: file)
        }
        return platforms.map { index in
            let platform = predictor.platforms[index]
            return Row(
                file: file, platform: platform.id, quantity: platform.quantity, latencyMs: latencyMs[index],
                unknownOperators: unknownOperators)
        }
    }

    private func text(of rows: [Row]) throws -> String {
        switch format {
        case .json:
            return try JSONText.text(rows)
        case .csv:
            return CSVText.text(
                header: ["file", "platform", "quantity", "latency_ms"],
                rows: rows.map { [$0.file, $0.platform, $0.quantity.rawValue, "\($0.latencyMs)"] })
        case .table:
            var table = TextTable([
                ("file", .left), ("platform", .left), ("milliseconds", .right), ("per", .left),
            ])
            for row in rows {
                table.append([row.file, row.platform, ShortNumber.text(row.latencyMs), row.quantity.subject])
            }
            return rows.isEmpty ? "" : table.text
        }
    }

    private struct Row: Encodable {
        let file: String
        let platform: String
        let quantity: Platform.Quantity
        let latencyMs: Double
        let unknownOperators: [String]
    }
}

/// A file that could not be used.
enum FileFailure {
    /// Says on standard error what is wrong with `file`; returns the exit status for it.
    static func report(_ error: any Error, file: String) -> ExitCode {
        guard let error = error as? LibraryError else {
            StandardStreams.report("\(error)", file: file)
            return ExitStatus.internalError
        }
        StandardStreams.report(error.message, file: file)
        return error.exitCode
    }
}
