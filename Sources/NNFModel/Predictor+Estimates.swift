package import NNFGraph
import NNFKernels

/// An estimate and how far it can be trusted.
package struct Estimate: Sendable {
    package var latencyMs: Double
    /// 90 % interval; NaN where nothing is known, here and below.
    package var lowerMs: Double
    package var upperMs: Double
    /// 0...1, 1 for a graph like those trained on.
    package var inDomainScore: Double

    fileprivate init(_ latencyMs: Double, _ judgement: Judgement?) {
        self.latencyMs = latencyMs
        guard let judgement else {
            (lowerMs, upperMs, inDomainScore) = (.nan, .nan, .nan)
            return
        }
        let factor = nnf_exp(min(judgement.logHalfWidth, logarithmRange.upperBound))
        (lowerMs, upperMs) = (latencyMs / factor, latencyMs * factor)
        inDomainScore = judgement.inDomainScore
    }
}

extension Predictor {
    /// By platform, from one pass of the encoder; the milliseconds are those of `predict`.
    package func estimates(of graph: GraphEncoding) throws(Failure) -> [Estimate] {
        let (latencyMs, judgements) = try judgedLatencies(of: graph)
        let known = zip(latencyMs, judgements).map { Estimate($0, $1) }
        let predictors = CalibrationPredictors(latencyMs, graph.graphFeatures)
        return known + calibratedPlatforms.map { platform in
            Estimate(platform.latencyMs(predictors.values), platform.judgement(from: judgements))
        }
    }

    /// By platform of the weights; a judgement is `nil` where nothing is known.
    func judgedLatencies(
        of graph: GraphEncoding
    ) throws(Failure) -> (latencyMs: [Double], judgements: [Judgement?]) {
        var latencyMs = [Double](repeating: 0, count: model.platforms.count)
        let position = try latencyMs.withUnsafeMutableBufferPointer { buffer throws(Failure) -> TrainingDomain.Position? in
            // Never empty: weights have at least one platform.
            guard let start = buffer.baseAddress else { return nil }
            return try model.predictWithPosition(graph, memory: PredictionMemory(), into: start)
        }
        return (
            latencyMs,
            model.platforms.indices.map { platform in
                position.flatMap { model.trainingDomain?.judgement(of: $0, platform: platform) }
            }
        )
    }

    /// Whether a platform's training graphs hold the operator; true where the weights do not know. `platform` is an index of
    /// `platforms`.
    package func hasSeen(_ operatorName: String, platform: Int) -> Bool {
        guard let domain = model.trainingDomain else { return true }
        return knownPlatforms(speakingFor: platform).contains { domain.hasSeen(operatorName, platform: $0) }
    }

    /// Names of the operators that a platform's training graphs hold, each once; `nil` where the weights do not know.
    /// `platform` is an index of `platforms`. O(operators of the weights + known platforms).
    package func operators(seenBy platform: Int) -> [String]? {
        model.trainingDomain?.operators(seenBy: knownPlatforms(speakingFor: platform))
    }

    /// Those of the weights that a platform is: itself, or what it is made of.
    private func knownPlatforms(speakingFor platform: Int) -> [Int] {
        guard platform >= model.platforms.count else { return [platform] }
        let number = platform - model.platforms.count
        guard calibratedPlatforms.indices.contains(number) else { return [] }
        return calibratedPlatforms[number].mixture.filter { $0.share > 0 }.map(\.platform)
    }

    /// The estimate of a platform, an index of `platforms`, node by node. Throws for weights with the pooled head.
    package func explain(_ graph: GraphEncoding, platform: Int) throws(Failure) -> Explanation {
        let contributions = try model.nodeContributions(of: graph, memory: PredictionMemory())
        guard platforms.indices.contains(platform) else {
            throw Failure(.invalidArgument, "there is no platform \(platform); there are \(platforms.count)")
        }
        if let explanation = contributions.explanation(ofPlatform: platform) { return explanation }
        // In bounds: it is none of the weights' own platforms.
        let calibrated = calibratedPlatforms[platform - model.platforms.count]
        let latencyMs = try predict(graph)[platform]
        // Each known platform says what share of its estimate a node has; the calibrated one mixes these shares.
        var nodes = [Double](repeating: 0, count: contributions.nodeCount)
        var fixed = 0.0
        for (known, share) in calibrated.mixture where share > 0 {
            guard let explanation = contributions.explanation(ofPlatform: known) else { continue }
            let scale = share * latencyMs / explanation.latencyMs
            guard scale.isFinite else { continue }
            for (node, milliseconds) in explanation.nodeLatencyMs.enumerated() { nodes[node] += scale * milliseconds }
            fixed += scale * explanation.fixedLatencyMs
        }
        return Explanation(nodeLatencyMs: nodes, fixedLatencyMs: fixed)
    }
}
