import NNFGraph
import NNFModel

/// What an `nnformer_predictor` stands for: weights, and C copies of the strings that describe their platforms.
final class PredictorHandle: Sendable {
    let predictor: Predictor
    /// By platform: id, device, runtime, precision, source, licence.
    let platformStrings: [CStringArena]
    /// By platform: file, column and family of each of its label sets.
    let labelSetStrings: [[CStringArena]]

    init(_ predictor: Predictor) throws(Failure) {
        self.predictor = predictor
        platformStrings = try predictor.platforms.map { platform throws(Failure) in
            try CStringArena([
                platform.id, platform.device, platform.runtime, platform.precision, platform.source,
                platform.licence,
            ])
        }
        labelSetStrings = try predictor.platforms.map { platform throws(Failure) in
            try platform.labels.map { labels throws(Failure) in
                try CStringArena([labels.file, labels.column, labels.family])
            }
        }
    }
}
