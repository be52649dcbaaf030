import CNNFormer

/// An open `nnformer_predictor`.
final class Predictor {
    private let handle: OpaquePointer?
    let platforms: [Platform]

    /// Opens a weights file, or the weights inside the library.
    init(weights: String?) throws(LibraryError) {
        var handle: OpaquePointer?
        try LibraryError.check { error in
            if let weights {
                nnformer_predictor_open(&handle, weights, error)
            } else {
                nnformer_predictor_create(&handle, error)
            }
        }
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

    /// Milliseconds by platform.
    func predict(_ graph: NetworkGraph) throws(LibraryError) -> [Double] {
        var latencyMs = [Double](repeating: 0, count: platforms.count)
        try LibraryError.check { error in
            nnformer_predict(handle, graph.handle, &latencyMs, latencyMs.count, error)
        }
        return latencyMs
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
