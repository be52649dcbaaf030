import CNNFormer

/// An open `nnformer_predictor`.
final class Predictor {
    let handle: OpaquePointer?
    let platforms: [Platform]

    /// Opens a weights file, or the weights inside the library.
    convenience init(weights: String?) throws(LibraryError) {
        var handle: OpaquePointer?
        try LibraryError.check { error in
            if let weights {
                nnformer_predictor_open(&handle, weights, error)
            } else {
                nnformer_predictor_create(&handle, error)
            }
        }
        try self.init(owning: handle)
    }

    /// The same weights and, after their platforms, those of `files`, which `nnformer calibrate` made.
    convenience init(adding files: [String], to predictor: Predictor) throws {
        var calibrated: [OpaquePointer?] = []
        defer { calibrated.forEach(nnformer_calibrated_platform_destroy) }
        for file in files {
            var platform: OpaquePointer?
            do throws(LibraryError) {
                try LibraryError.check { nnformer_calibrated_platform_open(&platform, file, $0) }
            } catch {
                throw FileFailure.report(error, file: file)
            }
            calibrated.append(platform)
        }
        var handle: OpaquePointer?
        do throws(LibraryError) {
            try LibraryError.check { nnformer_predictor_add_platforms(&handle, predictor.handle, calibrated, calibrated.count, $0) }
            try self.init(owning: handle)
        } catch {
            throw FileFailure.report(error, file: nil)
        }
    }

    private init(owning handle: OpaquePointer?) throws(LibraryError) {
        self.handle = handle
        do throws(LibraryError) {
            var platforms: [Platform] = []
            for index in 0..<nnformer_predictor_platform_count(handle) {
                platforms.append(try Platform(of: handle, index: index))
            }
            self.platforms = platforms
        } catch {
            nnformer_predictor_destroy(handle)
            throw error
        }
    }

    deinit { nnformer_predictor_destroy(handle) }

    /// The platform with that id; the error names the nearest ids.
    func platformIndex(id: String) throws(LibraryError) -> Int {
        var index = 0
        try LibraryError.check { nnformer_predictor_find_platform(handle, id, &index, $0) }
        return index
    }

    /// By platform.
    func estimates(of graph: NetworkGraph) throws(LibraryError) -> [Estimate] {
        var initial = nnformer_estimate()
        initial.struct_size = UInt32(MemoryLayout<nnformer_estimate>.size)
        var estimates = [nnformer_estimate](repeating: initial, count: platforms.count)
        try LibraryError.check { nnformer_predict_estimates(handle, graph.handle, &estimates, estimates.count, $0) }
        return estimates.enumerated().map { platform, estimate in
            Estimate(
                estimate,
                unseenOperators: (0..<Int(estimate.unseen_operator_count)).map {
                    String(library: nnformer_predictor_unseen_operator(handle, graph.handle, platform, $0))
                })
        }
    }
}

/// An estimate and how far it can be trusted.
struct Estimate {
    let latencyMs: Double
    /// `nil` where the weights do not know, here and below.
    let lowerMs, upperMs, inDomainScore: Double?
    let unseenOperators: [String]

    init(_ estimate: nnformer_estimate, unseenOperators: [String]) {
        func known(_ value: Double) -> Double? { value.isNaN ? nil : value }
        latencyMs = estimate.latency_ms
        (lowerMs, upperMs) = (known(estimate.lower_ms), known(estimate.upper_ms))
        inDomainScore = known(estimate.in_domain_score)
        self.unseenOperators = unseenOperators
    }

    /// Whether the graph is unlike what the platform was trained on: by its score, or by an operator.
    var isOutside: Bool { (inDomainScore ?? 1) < NNFORMER_IN_DOMAIN_SCORE || !unseenOperators.isEmpty }

    /// `1.2 … 1.4`, nothing where there is no interval.
    var intervalText: String {
        guard let lowerMs, let upperMs else { return "" }
        return "\(ShortNumber.text(lowerMs)) … \(ShortNumber.text(upperMs))"
    }

    /// `0.07 outside AveragePool`: the score, the mark, and the operators that the platform's training graphs lack.
    var domainText: String {
        let score = inDomainScore.map { [ShortNumber.fixed($0, decimals: 2)] } ?? []
        return (score + (isOutside ? ["outside"] : []) + unseenOperators).joined(separator: " ")
    }
}

/// What the library says of a platform; encodes as one entry of `nnformer platforms --format json`.
struct Platform: Encodable {
    enum Quantity: String, Encodable {
        case latency
        case timePerImage = "time_per_image"

        /// What one estimate is the time of.
        var subject: String {
            switch self {
            case .latency: "run"
            case .timePerImage: "image"
            }
        }
    }

    let id, device, runtime, precision: String
    let quantity: Quantity
    let source, licence: String
    let labelSets: [LabelSet]

    init(of predictor: OpaquePointer?, index: Int) throws(LibraryError) {
        var platform = nnformer_platform()
        platform.struct_size = UInt32(MemoryLayout<nnformer_platform>.size)
        try LibraryError.check { nnformer_predictor_get_platform(predictor, index, &platform, $0) }
        id = String(library: platform.id)
        device = String(library: platform.device)
        runtime = String(library: platform.runtime)
        precision = String(library: platform.precision)
        quantity = platform.quantity == NNFORMER_QUANTITY_TIME_PER_IMAGE ? .timePerImage : .latency
        source = String(library: platform.source)
        licence = String(library: platform.licence)
        var labelSets: [LabelSet] = []
        for number in 0..<platform.label_set_count {
            labelSets.append(try LabelSet(of: predictor, platform: index, index: number))
        }
        self.labelSets = labelSets
    }
}

/// One column of measurements that a platform was trained on, and the error on networks held out.
struct LabelSet: Encodable {
    let file, column, family: String
    let batchSize: UInt32
    let trainingNetworks, validationNetworks: UInt64
    let mapePercent, within10Percent, spearman: Double

    private enum CodingKeys: String, CodingKey {
        case file, column, family, batchSize, trainingNetworks, validationNetworks, mapePercent, spearman
        case within10Percent = "within_10_percent"
    }

    init(of predictor: OpaquePointer?, platform: Int, index: Int) throws(LibraryError) {
        var labelSet = nnformer_label_set()
        labelSet.struct_size = UInt32(MemoryLayout<nnformer_label_set>.size)
        try LibraryError.check { nnformer_predictor_get_label_set(predictor, platform, index, &labelSet, $0) }
        file = String(library: labelSet.file)
        column = String(library: labelSet.column)
        family = String(library: labelSet.family)
        batchSize = labelSet.batch_size
        trainingNetworks = labelSet.training_networks
        validationNetworks = labelSet.validation_networks
        mapePercent = labelSet.mape_percent
        within10Percent = labelSet.within_10_percent
        spearman = labelSet.spearman
    }
}
