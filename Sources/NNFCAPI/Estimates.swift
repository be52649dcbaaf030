// Section 9 of nnformer.h: how far to trust an estimate.
public import CNNFormer
import NNFGraph
import NNFModel

@c @implementation
public func nnformer_predict_estimates(
    _ predictor: OpaquePointer?, _ graph: OpaquePointer?, _ estimates: UnsafeMutablePointer<nnformer_estimate>?,
    _ capacity: Int, _ error: UnsafeMutablePointer<nnformer_error>?
) -> nnformer_status {
    reportingFailure(to: error) { () throws(Failure) in
        let predictor = try Handle<PredictorHandle>.object(predictor, "predictor").predictor
        let graph = try Handle<GraphHandle>.object(graph, "graph")
        try requireRoom(for: predictor.platforms.count, in: estimates, capacity: capacity, "estimates")
        let first = try estimates.required("estimates")
        let size = try nnformer_estimate.sizeGiven(at: first)
        guard size % MemoryLayout<nnformer_estimate>.alignment == 0 else {
            throw Failure(.invalidArgument, "estimates[0].struct_size is \(size), which is the size of no structure")
        }
        func element(_ index: Int) -> UnsafeMutablePointer<nnformer_estimate> {
            // The caller's elements are `size` bytes apart, and there are as many as platforms.
            (UnsafeMutableRawPointer(first) + index * size).assumingMemoryBound(to: nnformer_estimate.self)
        }
        for index in predictor.platforms.indices {
            guard try nnformer_estimate.sizeGiven(at: element(index)) == size else {
                throw Failure(
                    .invalidArgument,
                    "estimates[\(index)].struct_size differs from that of estimates[0]: initialise every element")
            }
        }
        for (index, estimate) in try predictor.estimates(of: graph.encoding).enumerated() {
            try nnformer_estimate.update(element(index), "estimates") { target in
                target.unseen_operator_count = UInt32(
                    clamping: graph.operators(unseenBy: predictor, platform: index).count)
                target.latency_ms = estimate.latencyMs
                target.lower_ms = estimate.lowerMs
                target.upper_ms = estimate.upperMs
                target.in_domain_score = estimate.inDomainScore
            }
        }
    }
}

@c @implementation
public func nnformer_predictor_unseen_operator(
    _ predictor: OpaquePointer?, _ graph: OpaquePointer?, _ platform: Int, _ index: Int
) -> UnsafePointer<CChar>? {
    guard let predictor = (try? Handle<PredictorHandle>.object(predictor, "predictor"))?.predictor,
        let graph = try? Handle<GraphHandle>.object(graph, "graph"),
        predictor.platforms.indices.contains(platform)
    else { return nil }
    let unseen = graph.operators(unseenBy: predictor, platform: platform)
    return unseen.indices.contains(index) ? unseen[index] : nil
}

extension GraphHandle {
    /// Kinds of operators of the graph, in order of appearance, that the training graphs of a platform lack.
    fileprivate func operators(unseenBy predictor: Predictor, platform: Int) -> [UnsafePointer<CChar>] {
        (0..<distinctOperators.count).compactMap { number in
            predictor.hasSeen(distinctOperators[number], platform: platform) ? nil : distinctOperatorNames[number]
        }
    }
}
