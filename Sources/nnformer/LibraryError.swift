import ArgumentParser
import CNNFormer

/// A failure that a function of the library reported.
struct LibraryError: Error {
    let status: nnformer_status
    let message: String

    var exitCode: ExitCode { ExitStatus.code(for: status) }

    init(inputOutput message: String) {
        status = NNFORMER_INPUT_OUTPUT
        self.message = message
    }

    init(malformedInput message: String) {
        status = NNFORMER_MALFORMED_INPUT
        self.message = message
    }

    /// The same failure, with where it happened.
    func at(_ place: String) -> LibraryError { LibraryError(status: status, message: "\(place): \(message)") }

    /// The same failure, with more to say at the end.
    func adding(_ advice: String) -> LibraryError { LibraryError(status: status, message: "\(message) \(advice)") }

    /// The same failure where the arguments came out of a file: what is wrong with them is wrong with the file.
    var ofData: LibraryError {
        status == NNFORMER_INVALID_ARGUMENT ? LibraryError(malformedInput: message) : self
    }

    private init(status: nnformer_status, message: String) {
        self.status = status
        self.message = message
    }

    private init(status: nnformer_status, error: nnformer_error) {
        self.status = status
        let text = withUnsafeBytes(of: error.message) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        message = error.byte_offset == UInt64.max ? text : "\(text) (byte \(error.byte_offset))"
    }

    /// Calls a function of the library and throws what it reports.
    static func check(_ call: (UnsafeMutablePointer<nnformer_error>) -> nnformer_status) throws(LibraryError)
    {
        var error = nnformer_error()
        error.struct_size = UInt32(MemoryLayout<nnformer_error>.size)
        error.byte_offset = UInt64.max
        let status = call(&error)
        guard status == NNFORMER_OK else { throw LibraryError(status: status, error: error) }
    }
}

extension String {
    /// A string of the library, empty for NULL.
    init(library pointer: UnsafePointer<CChar>?) {
        self = pointer.map { String(cString: $0) } ?? ""
    }
}
