import ArgumentParser

struct PredictCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "predict",
        abstract: "Estimates networks on every platform, or on those named.",
        discussion: """
            One row a file and platform. A file that fails is reported on standard error, the others go on. \
            Milliseconds are those of one run, or of one image on platforms that say so (time_per_image), and nine times \
            in ten the measured latency lies in the interval. What is unlike the networks that a platform was trained on is \
            marked 'outside', by a score below 0.5 or by operators that they lack, which are named: there an interval \
            promises less. csv and json have the score and the operators, which csv separates by spaces.
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

    @OptionGroup var weightsOptions: WeightsOptions

    func validate() throws {
        if files.filter({ $0 == NetworkGraph.standardInput }).count > 1 {
            throw ValidationError("Standard input (-) can be read once.")
        }
    }

    func run() throws {
        var failure: ExitCode?
        let predictor = try weightsOptions.openPredictor()
        var chosen = Array(predictor.platforms.indices)
        if !platforms.isEmpty {
            chosen = []
            do throws(LibraryError) {
                for id in platforms { chosen.append(try predictor.platformIndex(id: id)) }
            } catch {
                throw FileFailure.report(error, file: weightsOptions.weights)
            }
        }
        let rows: [Row] = files.flatMap { file in
            do {
                return try Self.rows(of: file, options: graphOptions, predictor: predictor, platforms: chosen)
            } catch {
                let exitCode = FileFailure.report(error, file: file)
                failure = failure ?? exitCode
                return []
            }
        }
        StandardStreams.write(try text(of: rows))
        if let failure { throw failure }
    }

    private static func rows(
        of file: String, options: GraphOptions, predictor: Predictor, platforms: [Int]
    ) throws -> [Row] {
        let graph = try NetworkGraph(file: file, options: options)
        let estimates = try predictor.estimates(of: graph)
        let unknownOperators = graph.unknownOperators
        if !unknownOperators.isEmpty {
            StandardStreams.report(
                "note: estimated without knowing what \(unknownOperators.map(OneLine.text).joined(separator: ", ")) computes",
                file: file)
        }
        return platforms.map { index in
            let platform = predictor.platforms[index]
            return Row(
                file: file, platform: platform.id, quantity: platform.quantity, estimates[index],
                unknownOperators: unknownOperators)
        }
    }

    private func text(of rows: [Row]) throws -> String {
        switch format {
        case .json:
            return try JSONText.text(rows)
        case .csv:
            return CSVText.text(
                header: [
                    "file", "platform", "quantity", "latency_ms", "lower_ms", "upper_ms", "in_domain_score",
                    "unseen_operators",
                ],
                rows: rows.map { row in
                    [row.file, row.platform, row.quantity.rawValue, "\(row.latencyMs)"]
                        + [row.lowerMs, row.upperMs, row.inDomainScore].map { $0.map { "\($0)" } ?? "" }
                        + [row.unseenOperators.joined(separator: " ")]
                })
        case .table:
            var table = TextTable([
                ("file", .left), ("platform", .left), ("milliseconds", .right), ("per", .left), ("90 % interval", .left),
                ("in domain", .left),
            ])
            for row in rows {
                table.append([
                    row.file, row.platform, ShortNumber.text(row.latencyMs), row.quantity.subject,
                    row.estimate.intervalText, row.estimate.domainText,
                ])
            }
            return rows.isEmpty ? "" : table.text
        }
    }

    private struct Row: Encodable {
        let file: String
        let platform: String
        let quantity: Platform.Quantity
        let latencyMs: Double
        let lowerMs, upperMs, inDomainScore: Double?
        let unseenOperators: [String]
        let unknownOperators: [String]
        let estimate: Estimate

        private enum CodingKeys: String, CodingKey {
            case file, platform, quantity, latencyMs, lowerMs, upperMs, inDomainScore, unseenOperators, unknownOperators
        }

        init(
            file: String, platform: String, quantity: Platform.Quantity, _ estimate: Estimate,
            unknownOperators: [String]
        ) {
            (self.file, self.platform, self.quantity) = (file, platform, quantity)
            latencyMs = estimate.latencyMs
            (lowerMs, upperMs, inDomainScore) = (estimate.lowerMs, estimate.upperMs, estimate.inDomainScore)
            unseenOperators = estimate.unseenOperators
            self.unknownOperators = unknownOperators
            self.estimate = estimate
        }
    }
}

/// A file that could not be used.
enum FileFailure {
    /// Says on standard error what is wrong with `file`; returns the exit status for it.
    static func report(_ error: any Error, file: String?) -> ExitCode {
        guard let error = error as? LibraryError else {
            StandardStreams.report("\(error)", file: file)
            return ExitStatus.internalError
        }
        StandardStreams.report(error.message, file: file)
        return error.exitCode
    }
}
