// Section 1 of nnformer.h: version, status, errors.
public import CNNFormer
import NNFGraph

/// The version that the header states, as text that lives as long as the process. No name, here and below, where there is no
/// memory for these few bytes.
private let version = try? CStringArena([
    "\(NNFORMER_VERSION_MAJOR).\(NNFORMER_VERSION_MINOR).\(NNFORMER_VERSION_PATCH)"
])

/// Names by status, then the name of all other numbers.
private let statusNames = try? CStringArena([
    "ok", "invalid argument", "input/output error", "malformed input", "limit exceeded", "open axis",
    "invalid model", "not found", "incompatible weights", "internal error",
])
private let unknownStatusName = try? CStringArena(["unknown status"])

@c @implementation
public func nnformer_version() -> UnsafePointer<CChar>? { version?[0] }

@c @implementation
public func nnformer_abi_version() -> UInt32 { UInt32(NNFORMER_ABI_VERSION) }

@c @implementation
public func nnformer_status_name(_ status: nnformer_status) -> UnsafePointer<CChar>? {
    statusNames?[Int(status)] ?? unknownStatusName?[0]
}
