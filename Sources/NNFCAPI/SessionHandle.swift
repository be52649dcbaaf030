import NNFGraph
import NNFModel

/// What an `nnformer_session` stands for.
final class SessionHandle {
    private let session: PredictionSession
    /// Of the present call; empty between calls, so that a session keeps no graph alive.
    private var encodings: [GraphEncoding] = []

    init(_ predictor: Predictor, threadCount: Int) {
        session = PredictionSession(predictor, threadCount: threadCount)
    }

    var platformCount: Int { session.predictor.platforms.count }

    /// Estimates graphs by their handles; the result is valid until the next call.
    func predict(_ graphs: UnsafeBufferPointer<OpaquePointer?>) throws(Failure) -> UnsafeBufferPointer<Double> {
        defer { encodings.removeAll(keepingCapacity: true) }
        for graph in graphs {
            encodings.append(try Handle<GraphHandle>.object(graph, "an element of graphs").encoding)
        }
        try session.predict(encodings)
        session.settle()
        return session.estimates
    }
}
