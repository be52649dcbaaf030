/// Why bytes cannot be used as weights.
package struct WeightsError: Error, Equatable, Sendable {
    package enum Reason: Sendable {
        /// The file could not be opened or read.
        case inputOutput
        /// The bytes break the rules of their format.
        case malformed
        /// Within the format, but beyond what this reader takes on.
        case limitExceeded
        /// Within the format, but of a kind that this reader does not know.
        case unsupported
    }

    package let reason: Reason
    /// One line: what, where, and what to do.
    package let message: String
    /// Where in the document that was read, when that is known.
    package let byteOffset: UInt64?

    init(_ reason: Reason, _ message: String, byteOffset: Int? = nil) {
        self.reason = reason
        self.message = message
        self.byteOffset = byteOffset.flatMap(UInt64.init(exactly:))
    }
}
