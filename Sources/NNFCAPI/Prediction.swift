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

@c @implementation
public func nnformer_session_create(
    _ session: UnsafeMutablePointer<OpaquePointer?>?, _ predictor: OpaquePointer?, _ thread_count: Int,
    _ error: UnsafeMutablePointer<nnformer_error>?
) -> nnformer_status {
    Handle.create(into: session, "session", reportingTo: error) { () throws(Failure) in
        let predictor = try Handle<PredictorHandle>.object(predictor, "predictor").predictor
        guard (1...PredictionSession.maximumThreadCount).contains(thread_count) else {
            throw Failure(
                .invalidArgument,
                "thread_count is \(UInt(bitPattern: thread_count)): give 1 to \(PredictionSession.maximumThreadCount)")
        }
        return SessionHandle(predictor, threadCount: thread_count)
    }
}

@c @implementation
public func nnformer_session_destroy(_ session: OpaquePointer?) { Handle<SessionHandle>.destroy(session) }

@c @implementation
public func nnformer_session_predict(
    _ session: OpaquePointer?, _ graphs: UnsafePointer<OpaquePointer?>?, _ graph_count: Int,
    _ latency_ms: UnsafeMutablePointer<Double>?, _ capacity: Int, _ error: UnsafeMutablePointer<nnformer_error>?
) -> nnformer_status {
    reportingFailure(to: error) { () throws(Failure) in
        let session = try Handle<SessionHandle>.object(session, "session")
        let (count, overflows) = graph_count.multipliedReportingOverflow(by: session.platformCount)
        guard graph_count >= 0, !overflows else {
            throw Failure(.limitExceeded, "graph_count is \(UInt(bitPattern: graph_count)), more than memory can hold")
        }
        try requireRoom(for: count, in: latency_ms, capacity: capacity, "latency_ms")
        let handles = UnsafeBufferPointer(
            start: graph_count > 0 ? try graphs.required("graphs") : nil, count: graph_count)
        guard let estimates = try session.predict(handles).baseAddress else { return }
        latency_ms?.update(from: estimates, count: count)
    }
}
