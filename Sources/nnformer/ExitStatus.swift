import ArgumentParser
import CNNFormer

/// The tool's exit statuses, numbered as in sysexits.h. A wrong command line exits with 64, ArgumentParser's own.
enum ExitStatus {
    static let dataError = ExitCode(65)
    /// For output that cannot be written, too.
    static let noInput = ExitCode(66)
    static let internalError = ExitCode(70)

    /// The exit status for a library's status other than `NNFORMER_OK`.
    static func code(for status: nnformer_status) -> ExitCode {
        switch status {
        // What the command line asked for does not exist, or still lacks something.
        case NNFORMER_INVALID_ARGUMENT, NNFORMER_NOT_FOUND, NNFORMER_OPEN_AXIS: .validationFailure
        case NNFORMER_INPUT_OUTPUT: noInput
        case NNFORMER_INTERNAL_ERROR: internalError
        default: dataError
        }
    }
}
