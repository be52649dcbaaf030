/// What a model estimates latency on: a device, a runtime, a precision. Batch size is part of the graph.
package struct Platform: Equatable, Sendable {
    package enum Quantity: String, Sendable {
        /// Milliseconds for one run of the graph at its batch size.
        case latency
        /// Milliseconds per image of a saturated device, 1000 / throughput; the graph is given at batch 1.
        case timePerImage = "time_per_image"
    }

    /// Device, runtime and precision: `gtx1660-tensorrt7.1-fp32`. Differs from those of the other platforms.
    package let id: String
    package let device: String
    package let runtime: String
    package let precision: String
    package let quantity: Quantity
    /// Where the labels were published.
    package let source: String
    package let licence: String
    package let labels: [LabelSet]
}

/// Measurements that a platform was trained on, and how well those held out are met.
package struct LabelSet: Equatable, Sendable {
    package let file: String
    package let column: String
    /// Of networks: a search space.
    package let family: String
    package let batchSize: Int
    package let trainingNetworkCount: Int
    package let validationNetworkCount: Int
    /// Of the validation networks, in percent; NaN where it was not measured, here and below.
    package let meanAbsolutePercentageError: Double
    /// Percent of the validation networks whose estimate is within 10 % of the measurement.
    package let within10Percent: Double
    /// Rank correlation of estimates and measurements, -1 ... 1.
    package let spearman: Double
}
