import NNFGraph
import NNFWeights

extension WeightsError {
    var code: Failure.Code {
        switch reason {
        case .inputOutput: .inputOutput
        case .malformed: .malformedInput
        case .limitExceeded: .limitExceeded
        case .unsupported: .incompatibleWeights
        }
    }
}

extension Failure {
    init(_ error: WeightsError) {
        self.init(error.code, error.message, byteOffset: error.byteOffset)
    }
}
