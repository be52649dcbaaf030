package import NNFGraph
package import NNFWeights

/// The file of a calibrated platform, `.nnfp`: safetensors with the metadata entry `nnformer_platform`, a JSON document.
///
/// | tensor | shape | what |
/// |---|---|---|
/// | `intercept` | [1] | natural logarithm of milliseconds |
/// | `coefficients` | [P + G] | of the logarithms of the P known platforms' milliseconds, and of 2 to the graph features |
/// | `interval` | [2] | logarithm of upper bound / estimate; widening of the known platforms' intervals among the samples |
/// | `shares` | [P] | of the known platforms in the explanation, 0...1, together 1 |
///
/// `weights_fingerprint`, 16 hexadecimal digits, says which weights the known platforms are of.
extension CalibratedPlatform {
    private static let formatVersion = 1
    private static let entry = "nnformer_platform"
    /// Twenty times what one for as many platforms as there can be takes.
    private static let maximumSizeInBytes = 1 << 20
    /// Coefficients beyond this come from no fit, and their sums would leave the range of numbers.
    private static let largestCoefficient: Float = 1e6

    package func save(path: String) throws(Failure) {
        let fields = [
            ("format_version", "\(Self.formatVersion)"), ("id", JSONWriter.string(report.id)),
            ("weights_fingerprint", JSONWriter.string(Self.hexadecimal(fingerprint))),
            ("graph_features", "\(coefficients.count - shares.count)"), ("platforms", "\(shares.count)"),
            ("sample_count", "\(report.sampleCount)"), ("outlier_count", "\(report.outlierCount)"),
            ("leave_one_out_mape_percent", JSONWriter.number(report.leaveOneOutMapePercent)),
            ("leave_one_out_spearman", JSONWriter.number(report.leaveOneOutSpearman)),
        ]
        let document = "{" + fields.map { JSONWriter.string($0.0) + ":" + $0.1 }.joined(separator: ",") + "}"
        let bytes = WeightsFileWriter.bytes(
            tensors: [
                ("intercept", [intercept]), ("coefficients", coefficients), ("interval", [logHalfWidth, usualWidening]),
                ("shares", shares),
            ], metadata: [(Self.entry, document)])
        do throws(WeightsError) {
            try FileReplacement.replace(path, with: bytes)
        } catch {
            throw Failure(error)
        }
    }

    package static func open(path: String) throws(Failure) -> CalibratedPlatform {
        let bytes: WeightsBytes
        do throws(WeightsError) {
            bytes = try WeightsBytes.contents(ofFile: path, maximumSizeInBytes: maximumSizeInBytes)
        } catch {
            throw Failure(error)
        }
        do throws(Failure) {
            return try CalibratedPlatform(bytes)
        } catch {
            throw Failure(error.code, "'\(path)': \(error.message)", byteOffset: error.byteOffset)
        }
    }

    /// Validates everything but whether it is of a predictor's weights, see `Predictor.adding`.
    package init(_ bytes: WeightsBytes) throws(Failure) {
        let file: WeightsFile
        do throws(WeightsError) {
            file = try WeightsFile(bytes)
        } catch {
            throw Failure(error)
        }
        let metadata = try MetadataObject(of: file, entry: Self.entry)
        try metadata.requireVersions(
            [("format_version", Self.formatVersion)], of: "the calibrated platform has", remedy: "calibrate it again")
        let platformCount = try metadata.integer("platforms", in: 1...ModelConfiguration.maximumEntries)
        let featureCount = try metadata.integer("graph_features", in: 0...1024)
        let digits = try metadata.string("weights_fingerprint")
        guard let fingerprint = UInt64(digits, radix: 16), Self.hexadecimal(fingerprint) == digits else {
            throw metadata.unusable("weights_fingerprint", "16 hexadecimal digits")
        }
        let id = try metadata.string("id")
        guard !id.isEmpty, id.utf8.count <= 256 else { throw metadata.unusable("id", "a text of 1 to 256 bytes") }
        var source = TensorSource(file)
        func elements(_ name: String, _ count: Int) throws(Failure) -> [Float] {
            try source.take(name, shape: [count]).withElements { Array($0) }
        }
        let intercept = try elements("intercept", 1)
        let coefficients = try elements("coefficients", platformCount + featureCount)
        let interval = try elements("interval", 2)
        let shares = try elements("shares", platformCount)
        try source.requireAllTaken()
        guard (intercept + coefficients).allSatisfy({ $0.magnitude <= Self.largestCoefficient }) else {
            throw Failure(.malformedInput, "a coefficient is beyond \(Self.largestCoefficient): it cannot come from a calibration")
        }
        guard interval.allSatisfy({ $0 > 0 && $0 <= Self.largestCoefficient }) else {
            throw Failure(.malformedInput, "tensor 'interval' holds \(interval): two positive numbers are needed")
        }
        guard shares.allSatisfy({ (0...1).contains($0) }), (0.99...1.01).contains(shares.reduce(0, +)) else {
            throw Failure(.malformedInput, "tensor 'shares' must hold numbers from 0 to 1, together 1")
        }
        let counts = 0...Int(Int32.max)
        report = Report(
            id: id, sampleCount: try metadata.integer("sample_count", in: counts),
            outlierCount: try metadata.integer("outlier_count", in: counts),
            leaveOneOutMapePercent: try metadata.number("leave_one_out_mape_percent"),
            leaveOneOutSpearman: try metadata.number("leave_one_out_spearman"))
        self.fingerprint = fingerprint
        self.intercept = intercept[0]
        self.coefficients = coefficients
        (logHalfWidth, usualWidening) = (interval[0], interval[1])
        self.shares = shares
    }

    private static func hexadecimal(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
