// Section 2 of nnformer.h: predictor and platforms.
public import CNNFormer
import NNFGraph
import NNFModel

@c @implementation
public func nnformer_predictor_create(
    _ predictor: UnsafeMutablePointer<OpaquePointer?>?, _ error: UnsafeMutablePointer<nnformer_error>?
) -> nnformer_status {
    Handle.create(into: predictor, "predictor", reportingTo: error) { () throws(Failure) in
        try PredictorHandle(try Predictor.embedded())
    }
}

@c @implementation
public func nnformer_predictor_open(
    _ predictor: UnsafeMutablePointer<OpaquePointer?>?, _ path: UnsafePointer<CChar>?,
    _ error: UnsafeMutablePointer<nnformer_error>?
) -> nnformer_status {
    Handle.create(into: predictor, "predictor", reportingTo: error) { () throws(Failure) in
        try PredictorHandle(try Predictor.open(path: try text(path, "path")))
    }
}

@c @implementation
public func nnformer_predictor_open_in_precision(
    _ predictor: UnsafeMutablePointer<OpaquePointer?>?, _ path: UnsafePointer<CChar>?, _ precision: Int32,
    _ error: UnsafeMutablePointer<nnformer_error>?
) -> nnformer_status {
    Handle.create(into: predictor, "predictor", reportingTo: error) { () throws(Failure) -> PredictorHandle in
        let precision = try Precision(of: precision)
        guard let path else { return try PredictorHandle(try Predictor.embedded(precision: precision)) }
        return try PredictorHandle(try Predictor.open(path: try text(path, "path"), precision: precision))
    }
}

extension Precision {
    fileprivate init(of value: Int32) throws(Failure) {
        switch value {
        case NNFORMER_PRECISION_DEFAULT: self = .quantized
        case NNFORMER_PRECISION_FAST: self = .coarse
        default:
            throw Failure(
                .invalidArgument, "precision is \(value): give NNFORMER_PRECISION_DEFAULT or NNFORMER_PRECISION_FAST")
        }
    }
}

@c @implementation
public func nnformer_predictor_destroy(_ predictor: OpaquePointer?) {
    Handle<PredictorHandle>.destroy(predictor)
}

@c @implementation
public func nnformer_predictor_platform_count(_ predictor: OpaquePointer?) -> Int {
    (try? Handle<PredictorHandle>.object(predictor, "predictor"))?.predictor.platforms.count ?? 0
}

@c @implementation
public func nnformer_predictor_get_platform(
    _ predictor: OpaquePointer?, _ index: Int, _ platform: UnsafeMutablePointer<nnformer_platform>?,
    _ error: UnsafeMutablePointer<nnformer_error>?
) -> nnformer_status {
    reportingFailure(to: error) { () throws(Failure) in
        let handle = try Handle<PredictorHandle>.object(predictor, "predictor")
        let found = try handle.predictor.platforms.element(at: index, "platforms")
        let strings = try handle.platformStrings.element(at: index, "platforms")
        try nnformer_platform.update(platform, "platform") { platform in
            platform.quantity =
                switch found.quantity {
                case .latency: NNFORMER_QUANTITY_LATENCY
                case .timePerImage: NNFORMER_QUANTITY_TIME_PER_IMAGE
                }
            platform.id = strings[0]
            platform.device = strings[1]
            platform.runtime = strings[2]
            platform.precision = strings[3]
            platform.source = strings[4]
            platform.licence = strings[5]
            platform.label_set_count = found.labels.count
        }
    }
}

@c @implementation
public func nnformer_predictor_find_platform(
    _ predictor: OpaquePointer?, _ id: UnsafePointer<CChar>?, _ index: UnsafeMutablePointer<Int>?,
    _ error: UnsafeMutablePointer<nnformer_error>?
) -> nnformer_status {
    reportingFailure(to: error) { () throws(Failure) in
        let handle = try Handle<PredictorHandle>.object(predictor, "predictor")
        let index = try index.required("index")
        let id = try text(id, "id")
        let ids = handle.predictor.platforms.map(\.id)
        guard let found = ids.firstIndex(of: id) else {
            let nearest = NearestNames.nearest(to: id, among: ids, count: 3).joined(separator: ", ")
            throw Failure(.notFound, "no platform \(id); the nearest are \(nearest)")
        }
        index.pointee = found
    }
}

@c @implementation
public func nnformer_predictor_get_label_set(
    _ predictor: OpaquePointer?, _ platform: Int, _ index: Int,
    _ labelSet: UnsafeMutablePointer<nnformer_label_set>?, _ error: UnsafeMutablePointer<nnformer_error>?
) -> nnformer_status {
    reportingFailure(to: error) { () throws(Failure) in
        let handle = try Handle<PredictorHandle>.object(predictor, "predictor")
        let found = try handle.predictor.platforms.element(at: platform, "platforms")
            .labels.element(at: index, "label sets of the platform")
        let strings = try handle.labelSetStrings.element(at: platform, "platforms")
            .element(at: index, "label sets of the platform")
        try nnformer_label_set.update(labelSet, "label_set") { labelSet in
            labelSet.batch_size = UInt32(clamping: found.batchSize)
            labelSet.file = strings[0]
            labelSet.column = strings[1]
            labelSet.family = strings[2]
            labelSet.training_networks = UInt64(clamping: found.trainingNetworkCount)
            labelSet.validation_networks = UInt64(clamping: found.validationNetworkCount)
            labelSet.mape_percent = found.meanAbsolutePercentageError
            labelSet.within_10_percent = found.within10Percent
            labelSet.spearman = found.spearman
        }
    }
}
