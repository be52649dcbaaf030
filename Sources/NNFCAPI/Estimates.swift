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
                    clamping: graph.unseenOperatorCount(predictor, platform: index))
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
    return graph.unseenOperator(index, predictor, platform: platform)
}

/// Kinds of operators of the graph, in order of appearance, that the training graphs of a platform lack. Networks may have a
/// million kinds, training graphs have dozens: costs follow the latter, so that a loop over the former is linear.
extension GraphHandle {
    fileprivate func unseenOperatorCount(_ predictor: Predictor, platform: Int) -> Int {
        guard let names = predictor.operators(seenBy: platform) else { return 0 }
        return distinctOperatorNames.count - operatorNumbers(among: names).count
    }

    fileprivate func unseenOperator(
        _ index: Int, _ predictor: Predictor, platform: Int
    ) -> UnsafePointer<CChar>? {
        guard let names = predictor.operators(seenBy: platform) else { return nil }
        let seen = operatorNumbers(among: names)
        guard (0..<distinctOperatorNames.count - seen.count).contains(index) else { return nil }
        // Every one seen before it moves it up by one.
        var number = index
        for earlier in seen where earlier <= number { number += 1 }
        return distinctOperatorNames[number]
    }
}
