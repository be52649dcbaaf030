// Section 11 of nnformer.h: calibration.
public import CNNFormer
import NNFGraph
import NNFModel

/// What an `nnformer_calibrated_platform` stands for.
private final class CalibratedPlatformHandle: Sendable {
    let platform: CalibratedPlatform
    let id: CStringArena

    init(_ platform: CalibratedPlatform) throws(Failure) {
        self.platform = platform
        id = try CStringArena([platform.id])
    }
}

@c @implementation
public func nnformer_calibration_create(
    _ calibration: UnsafeMutablePointer<OpaquePointer?>?, _ predictor: OpaquePointer?,
    _ error: UnsafeMutablePointer<nnformer_error>?
) -> nnformer_status {
    Handle.create(into: calibration, "calibration", reportingTo: error) { () throws(Failure) in
        Calibration(try Handle<PredictorHandle>.object(predictor, "predictor").predictor)
    }
}

@c @implementation
public func nnformer_calibration_destroy(_ calibration: OpaquePointer?) {
    Handle<Calibration>.destroy(calibration)
}

@c @implementation
public func nnformer_calibration_add_sample(
    _ calibration: OpaquePointer?, _ graph: OpaquePointer?, _ latency_ms: Double,
    _ error: UnsafeMutablePointer<nnformer_error>?
) -> nnformer_status {
    reportingFailure(to: error) { () throws(Failure) in
        let calibration = try Handle<Calibration>.object(calibration, "calibration")
        let encoding = try Handle<GraphHandle>.object(graph, "graph").encoding
        try calibration.addSample(encoding, latencyMs: latency_ms)
    }
}

@c @implementation
public func nnformer_calibration_fit(
    _ calibration: OpaquePointer?, _ id: UnsafePointer<CChar>?,
    _ platform: UnsafeMutablePointer<OpaquePointer?>?, _ error: UnsafeMutablePointer<nnformer_error>?
) -> nnformer_status {
    Handle.create(into: platform, "platform", reportingTo: error) { () throws(Failure) in
        let calibration = try Handle<Calibration>.object(calibration, "calibration")
        return try CalibratedPlatformHandle(try calibration.fit(id: try text(id, "id")))
    }
}

@c @implementation
public func nnformer_calibration_suggest(
    _ calibration: OpaquePointer?, _ graphs: UnsafePointer<OpaquePointer?>?, _ graph_count: Int,
    _ indices: UnsafeMutablePointer<Int>?, _ index_count: Int, _ error: UnsafeMutablePointer<nnformer_error>?
) -> nnformer_status {
    reportingFailure(to: error) { () throws(Failure) in
        let calibration = try Handle<Calibration>.object(calibration, "calibration")
        let handles = try array(graphs, count: graph_count, limit: Limits.nodes, "graphs")
        guard (0...handles.count).contains(index_count) else {
            throw Failure(
                .invalidArgument, "\(UInt(bitPattern: index_count)) graphs are wanted, \(handles.count) are given")
        }
        var encodings: [GraphEncoding] = []
        for handle in handles {
            encodings.append(try Handle<GraphHandle>.object(handle, "an element of graphs").encoding)
        }
        try requireRoom(for: index_count, in: indices, capacity: index_count, "indices")
        try copy(
            try calibration.suggest(count: index_count, of: encodings), to: indices, capacity: index_count, "indices")
    }
}

@c @implementation
public func nnformer_calibrated_platform_save(
    _ platform: OpaquePointer?, _ path: UnsafePointer<CChar>?, _ error: UnsafeMutablePointer<nnformer_error>?
) -> nnformer_status {
    reportingFailure(to: error) { () throws(Failure) in
        let handle = try Handle<CalibratedPlatformHandle>.object(platform, "platform")
        try handle.platform.save(path: try text(path, "path"))
    }
}

@c @implementation
public func nnformer_calibrated_platform_open(
    _ platform: UnsafeMutablePointer<OpaquePointer?>?, _ path: UnsafePointer<CChar>?,
    _ error: UnsafeMutablePointer<nnformer_error>?
) -> nnformer_status {
    Handle.create(into: platform, "platform", reportingTo: error) { () throws(Failure) in
        try CalibratedPlatformHandle(try CalibratedPlatform.open(path: try text(path, "path")))
    }
}

@c @implementation
public func nnformer_calibrated_platform_destroy(_ platform: OpaquePointer?) {
    Handle<CalibratedPlatformHandle>.destroy(platform)
}

@c @implementation
public func nnformer_calibrated_platform_get_report(
    _ platform: OpaquePointer?, _ report: UnsafeMutablePointer<nnformer_calibration_report>?,
    _ error: UnsafeMutablePointer<nnformer_error>?
) -> nnformer_status {
    reportingFailure(to: error) { () throws(Failure) in
        let handle = try Handle<CalibratedPlatformHandle>.object(platform, "platform")
        let found = handle.platform.report
        try nnformer_calibration_report.update(report, "report") { report in
            report.sample_count = UInt32(clamping: found.sampleCount)
            report.id = handle.id[0]
            report.leave_one_out_mape_percent = found.leaveOneOutMapePercent
            report.leave_one_out_spearman = found.leaveOneOutSpearman
            report.outlier_count = UInt32(clamping: found.outlierCount)
            report.reserved = 0
        }
    }
}

@c @implementation
public func nnformer_predictor_add_platforms(
    _ extended: UnsafeMutablePointer<OpaquePointer?>?, _ predictor: OpaquePointer?,
    _ platforms: UnsafePointer<OpaquePointer?>?, _ platform_count: Int,
    _ error: UnsafeMutablePointer<nnformer_error>?
) -> nnformer_status {
    Handle.create(into: extended, "extended", reportingTo: error) { () throws(Failure) in
        let predictor = try Handle<PredictorHandle>.object(predictor, "predictor").predictor
        var added: [CalibratedPlatform] = []
        for handle in try array(platforms, count: platform_count, limit: 4096, "platforms") {
            added.append(try Handle<CalibratedPlatformHandle>.object(handle, "an element of platforms").platform)
        }
        return try PredictorHandle(try predictor.adding(added))
    }
}
