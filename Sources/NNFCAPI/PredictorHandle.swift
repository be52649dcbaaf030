import NNFGraph
import NNFModel

/// What an `nnformer_predictor` stands for: weights, and C copies of the strings that describe their platforms.
final class PredictorHandle: Sendable {
    let predictor: Predictor
    /// By platform: id, device, runtime, precision, source, licence.
    let platformStrings: [CStringArena]
    /// By platform: file, column and family of each of its label sets.
    let labelSetStrings: [[CStringArena]]

    init(_ predictor: Predictor) {
        self.predictor = predictor
        platformStrings = predictor.platforms.map { platform in
            CStringArena([
                platform.id, platform.device, platform.runtime, platform.precision, platform.source,
                platform.licence,
            ])
        }
        labelSetStrings = predictor.platforms.map { platform in
            platform.labels.map { CStringArena([$0.file, $0.column, $0.family]) }
        }
    }
}
