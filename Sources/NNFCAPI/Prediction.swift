// Section 4 of nnformer.h: predict.
public import CNNFormer
import NNFGraph
import NNFModel

@c @implementation
public func nnformer_predict(
    _ predictor: OpaquePointer?, _ graph: OpaquePointer?, _ latency_ms: UnsafeMutablePointer<Double>?,
    _ capacity: Int, _ error: UnsafeMutablePointer<nnformer_error>?
) -> nnformer_status {
    reportingFailure(to: error) { () throws(Failure) in
        let predictor = try Handle<PredictorHandle>.object(predictor, "predictor").predictor
        let encoding = try Handle<GraphHandle>.object(graph, "graph").encoding
        // Checked before the work that a small buffer would waste.
        try requireRoom(for: predictor.platforms.count, in: latency_ms, capacity: capacity, "latency_ms")
        try copy(try predictor.predict(encoding), to: latency_ms, capacity: capacity, "latency_ms")
    }
}
