/// Why an operation could not be carried out.
///
/// The one error type of the library: every layer throws it, the C entry points turn it into a status and a message.
package struct Failure: Error, Sendable {
    /// What kind of failure this is; numbered as `nnformer_status` in `nnformer.h`.
    package enum Code: Int32, Sendable {
        /// An argument of the caller is unusable: a null pointer, an index out of range, a buffer too small.
        case invalidArgument = 1
        /// A file could not be opened or read.
        case inputOutput = 2
        /// The bytes are not what they should be: not ONNX, truncated, inconsistent.
        case malformedInput = 3
        /// Valid, but beyond a limit stated in `Limits`.
        case limitExceeded = 4
        /// An axis of an input is open and the caller has not fixed it.
        case openAxis = 5
        /// Shapes or types contradict each other.
        case invalidModel = 6
        /// No such platform, node, input.
        case notFound = 7
        /// A weights file of another format or feature schema.
        case incompatibleWeights = 8
        /// A defect of this library.
        case internalError = 9
    }

    package var code: Code
    /// One line without a line break: what, where, and what to do.
    package var message: String
    /// Where in the file the trouble lies, when that is known.
    package var byteOffset: UInt64?

    package init(_ code: Code, _ message: String, byteOffset: UInt64? = nil) {
        self.code = code
        self.message = message
        self.byteOffset = byteOffset
    }
}
