import CNNFormer
import NNFGraph

/// Runs the body of a C entry point and turns the failure it throws, if any, into a status and the caller's `error`.
///
/// Every entry point that can fail consists of one call of this function, or of `Handle.create`. On success `error` is reset, so that one
/// structure can serve many calls. An `error` too small to hold a message is itself an invalid argument.
func reportingFailure(
    to error: UnsafeMutablePointer<nnformer_error>?, _ body: () throws(Failure) -> Void
) -> nnformer_status {
    let report: ErrorReport?
    do throws(Failure) {
        report = try error.map { pointer throws(Failure) in try ErrorReport(pointer) }
    } catch {
        return error.code.rawValue
    }
    do throws(Failure) {
        try body()
    } catch let failure {
        report?.write(failure)
        return failure.code.rawValue
    }
    report?.reset()
    return NNFORMER_OK
}

/// A caller's `nnformer_error`, of which no more than its `struct_size` is touched.
private struct ErrorReport {
    private let error: UnsafeMutablePointer<nnformer_error>
    private let messageCapacity: Int

    init(_ error: UnsafeMutablePointer<nnformer_error>) throws(Failure) {
        let size = try nnformer_error.sizeGiven(at: error)
        self.error = error
        messageCapacity = min(size, MemoryLayout<nnformer_error>.size) - nnformer_error.messageOffset
    }

    func write(_ failure: Failure) {
        fill(
            status: failure.code.rawValue,
            byteOffset: failure.byteOffset ?? UInt64.max,
            message: failure.message)
    }

    func reset() { fill(status: NNFORMER_OK, byteOffset: UInt64.max, message: "") }

    private func fill(status: nnformer_status, byteOffset: UInt64, message: String) {
        // Field by field through raw memory: the structure may be shorter than the type says.
        let base = UnsafeMutableRawPointer(error)
        base.storeBytes(
            of: status, toByteOffset: nnformer_error.statusOffset, as: nnformer_status.self)
        base.storeBytes(
            of: byteOffset, toByteOffset: nnformer_error.byteOffsetOffset, as: UInt64.self)
        var position = nnformer_error.messageOffset
        let end = nnformer_error.messageOffset + messageCapacity - 1  // the last byte is NUL's
        for scalar in message.unicodeScalars {
            // Messages quote names out of files: what could break the line or steer a terminal becomes a space.
            let printable = scalar.properties.generalCategory.isLineSafe ? scalar : " "
            let bytes = UTF8.encode(printable)
            guard let bytes, position + bytes.count <= end else { break }
            for byte in bytes {
                base.storeBytes(of: byte, toByteOffset: position, as: UInt8.self)
                position += 1
            }
        }
        base.storeBytes(of: 0, toByteOffset: position, as: UInt8.self)
    }
}

extension Unicode.GeneralCategory {
    /// Whether characters of this category leave a one-line message one line.
    fileprivate var isLineSafe: Bool {
        switch self {
        case .control, .format, .lineSeparator, .paragraphSeparator: false
        default: true
        }
    }
}
