import ArgumentParser

/// Flags that say which platforms there are, shared by the commands that estimate.
struct WeightsOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("A weights file (safetensors) instead of the weights inside.", valueName: "file"))
    var weights: String?

    @Option(
        name: .customLong("calibration"),
        help: ArgumentHelp(
            "A platform that calibrate made, to have besides those of the weights; may be given again.",
            valueName: "file.nnfp"))
    var calibrations: [String] = []

    /// The predictor with all of them. What is wrong is reported on standard error before the exit code is thrown.
    func openPredictor() throws -> Predictor {
        let predictor = try Self.predictor(weights: weights)
        return calibrations.isEmpty ? predictor : try Predictor(adding: calibrations, to: predictor)
    }

    /// That of a weights file, or of the weights inside; what is wrong is reported.
    static func predictor(weights: String?) throws -> Predictor {
        do throws(LibraryError) {
            return try Predictor(weights: weights)
        } catch {
            throw FileFailure.report(error, file: weights)
        }
    }
}
