import ArgumentParser

enum CellSpaceOption: String, ExpressibleByArgument, CaseIterable {
    case nasbench201, nasbench101
}

struct AccuracyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "accuracy",
        abstract: "Estimates the accuracy that networks built of cells will reach.",
        discussion: """
            A cell of nasbench201 is an architecture string, '|nor_conv_3x3~0|+|none~0|skip_connect~1|+|…|'; one of \
            nasbench101 the rows of its adjacency matrix and its operations, '011,001,000 input,conv3x3-bn-relu,output'. \
            Without cells, or with -, they are read from standard input, one a line. A cell that is not of the space is \
            reported on standard error, the others go on.
            """)

    @Argument(help: "Cells; - is standard input.")
    var cells: [String] = []

    @Option(help: "Search space: nasbench201 or nasbench101.")
    var space: CellSpaceOption

    @Option(help: "cifar10, cifar100 or imagenet16 (nasbench201); cifar10 (nasbench101).")
    var dataset = "cifar10"

    @Flag(name: .customLong("best-first"), help: "Order cells by accuracy, the best first.")
    var isBestFirst = false

    @Option(help: "table, json or csv.")
    var format = OutputFormat.table

    @Option(
        help: ArgumentHelp("A file of accuracy weights (safetensors) instead of those inside.", valueName: "file"))
    var weights: String?

    func run() throws {
        var failure: ExitCode?
        var rows: [Row] = []
        do throws(LibraryError) {
            let predictor = try AccuracyPredictor(weights: weights)
            let dataset = try predictor.dataset(space: space.rawValue, id: dataset)
            let list = try CellList(space: space.rawValue)
            var accepted: [String] = []
            for cell in try describedCells() {
                do throws(LibraryError) {
                    try list.add(cell, space: space)
                    accepted.append(cell)
                } catch {
                    StandardStreams.report(error.message)
                    failure = failure ?? error.exitCode
                }
            }
            let accuracyPercent = try predictor.predict(list, dataset: dataset)
            rows = zip(accepted, accuracyPercent).map { Row(cell: $0, accuracyPercent: $1) }
        } catch {
            StandardStreams.report(error.message, file: weights)
            throw error.exitCode
        }
        if isBestFirst {
            // Equal cells keep their order: equal input gives equal output.
            rows = rows.enumerated()
                .sorted { ($1.element.accuracyPercent, $0.offset) < ($0.element.accuracyPercent, $1.offset) }
                .map(\.element)
        }
        StandardStreams.write(try text(of: rows))
        if let failure { throw failure }
    }

    /// The cells of the command line, standard input in the place of -.
    private func describedCells() throws(LibraryError) -> [String] {
        var described: [String] = []
        for cell in cells.isEmpty ? ["-"] : cells {
            if cell == "-" {
                let input = try StandardStreams.readInput()
                described += input.split { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }
                    .map { String(decoding: $0, as: UTF8.self) }
            } else {
                described.append(cell)
            }
        }
        return described
    }

    private func text(of rows: [Row]) throws -> String {
        switch format {
        case .json:
            return try JSONText.text(rows)
        case .csv:
            return CSVText.text(
                header: ["cell", "accuracy_percent"], rows: rows.map { [$0.cell, "\($0.accuracyPercent)"] })
        case .table:
            // Cells are copied out of tables: they are not shortened.
            return rows.map { "\(ShortNumber.fixed($0.accuracyPercent, decimals: 3))  \(OneLine.text($0.cell))\n" }.joined()
        }
    }

    private struct Row: Encodable {
        let cell: String
        let accuracyPercent: Double
    }
}
