import ArgumentParser
import CNNFormer

struct CalibrateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "calibrate",
        abstract: "Makes a platform of your own from a few measurements.",
        discussion: """
            The samples are a CSV file with a header that names at least the columns model (an ONNX file, relative to the \
            folder of the samples), batch and milliseconds. Five different samples are the least, ten are good. \
            --input and --keep-unused hold for every model; an extent of -1 is left to the column batch. \
            predict, explain and platforms take the result with --calibration.
            """)

    @Argument(help: "A CSV file of measurements; - is standard input.")
    var samples: String

    @Option(
        name: [.customShort("o"), .customLong("output")],
        help: ArgumentHelp("The file to write.", valueName: "file.nnfp"))
    var output: String

    @Option(help: ArgumentHelp("What the platform is to be called; the output's name if left out.", valueName: "id"))
    var id: String?

    @OptionGroup var inputOptions: InputOptions

    @Option(
        help: ArgumentHelp("A weights file (safetensors) instead of the weights inside.", valueName: "file"))
    var weights: String?

    private var platformId: String { id ?? Self.name(of: output) }

    func validate() throws {
        // Checked here too, because here it is the command line that is wrong, not the samples.
        guard (1...256).contains(platformId.utf8.count) else {
            throw ValidationError("The platform's id has \(platformId.utf8.count) bytes: give --id one of 1 to 256.")
        }
    }

    func run() throws {
        let predictor = try WeightsOptions.predictor(weights: weights)
        do {
            let calibration = try Calibration(predictor)
            for sample in try SamplesFile(samples).samples {
                do {
                    try calibration.add(sample, options: inputOptions)
                } catch let error as LibraryError {
                    throw error.at("line \(sample.line) (\(sample.model))")
                }
            }
            let report = try calibration.fit(id: platformId, output: output)
            StandardStreams.write(report)
        } catch {
            throw FileFailure.report(error, file: samples)
        }
    }

    /// `mydevice` of `folder/mydevice.nnfp`.
    private static func name(of path: String) -> String {
        let file = path.split(separator: "/").last ?? ""
        return String(file.hasSuffix(".nnfp") ? file.dropLast(5) : file)
    }
}

/// An open `nnformer_calibration`.
final class Calibration {
    private let handle: OpaquePointer?

    init(_ predictor: Predictor) throws(LibraryError) {
        var handle: OpaquePointer?
        try LibraryError.check { nnformer_calibration_create(&handle, predictor.handle, $0) }
        self.handle = handle
    }

    deinit { nnformer_calibration_destroy(handle) }

    func add(_ sample: SamplesFile.Sample, options: InputOptions) throws {
        let graph = try NetworkGraph(
            file: sample.path, batchSize: sample.batchSize, options: options, remedy: "--input NAME=SHAPE")
        do throws(LibraryError) {
            try LibraryError.check { nnformer_calibration_add_sample(handle, graph.handle, sample.milliseconds, $0) }
        } catch {
            throw error.ofData
        }
    }

    /// Writes the platform to `output`; says how well it meets the samples.
    func fit(id: String, output: String) throws(LibraryError) -> String {
        var platform: OpaquePointer?
        do throws(LibraryError) {
            try LibraryError.check { nnformer_calibration_fit(handle, id, &platform, $0) }
        } catch {
            throw error.ofData
        }
        defer { nnformer_calibrated_platform_destroy(platform) }
        try LibraryError.check { nnformer_calibrated_platform_save(platform, output, $0) }
        var report = nnformer_calibration_report()
        report.struct_size = UInt32(MemoryLayout<nnformer_calibration_report>.size)
        try LibraryError.check { nnformer_calibrated_platform_get_report(platform, &report, $0) }
        let outliers = report.outlier_count == 0 ? "" : ", \(report.outlier_count) of them outliers"
        return """
            \(OneLine.text(output)): platform \(OneLine.text(id)), \(report.sample_count) samples\(outliers)
            each left out and estimated from the others: error \
            \(ShortNumber.fixed(report.leave_one_out_mape_percent, decimals: 1)) %, rank correlation \
            \(ShortNumber.fixed(report.leave_one_out_spearman, decimals: 3))

            """
    }

    /// Positions in `graphs`, the most telling first.
    func suggest(count: Int, of graphs: [NetworkGraph]) throws(LibraryError) -> [Int] {
        var indices = [Int](repeating: 0, count: count)
        let handles = graphs.map(\.handle)
        try LibraryError.check {
            nnformer_calibration_suggest(handle, handles, handles.count, &indices, indices.count, $0)
        }
        return indices
    }
}
