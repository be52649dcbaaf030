import ArgumentParser
import CNNFormer
import Glibc

/// `nnformer`: the library for the shell. A client of nnformer.h like any other.
@main
struct Tool: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "nnformer",
        abstract: "Predicts how long neural networks take on named hardware, from their ONNX graphs alone.",
        discussion: """
            FILE is an .onnx file, or - for standard input. Payloads of weights are never read.

            Exit status: 0 all went well; 64 the command line is wrong, or lacks the extent of an open axis; 65 a file is not what it should be; \
            66 a file cannot be read or written; 70 a defect of this program. Of several failures the first counts.
            """,
        version: nnformer_version().map { String(cString: $0) } ?? "",
        subcommands: [
            PredictCommand.self, ExplainCommand.self, PlatformsCommand.self, InspectCommand.self, CalibrateCommand.self,
            SuggestCommand.self, AccuracyCommand.self,
        ])

    static func main() {
        // A reader that leaves, such as head, ends the program without a word, whatever the parent process has set.
        signal(SIGPIPE, SIG_DFL)
        main(nil)
    }
}
