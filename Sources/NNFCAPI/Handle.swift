import CNNFormer
import NNFGraph

/// The way between an opaque C handle and the object it stands for.
///
/// A handle is one retained reference. This is the only place that counts references by hand: `make` retains,
/// `destroy` releases, `object` borrows for the length of a call.
enum Handle<Object: AnyObject> {
    /// Hands `object` to the caller, who gives it back to `destroy`.
    static func make(_ object: Object) -> OpaquePointer {
        OpaquePointer(Unmanaged.passRetained(object).toOpaque())
    }

    /// The object behind a handle. The header's opaque types keep a C compiler from mixing handles up; a handle that was
    /// destroyed already cannot be told from a live one.
    static func object(_ handle: OpaquePointer?, _ argument: StaticString) throws(Failure) -> Object {
        Unmanaged<Object>.fromOpaque(UnsafeRawPointer(try handle.required(argument))).takeUnretainedValue()
    }

    static func destroy(_ handle: OpaquePointer?) {
        guard let handle else { return }
        Unmanaged<Object>.fromOpaque(UnsafeRawPointer(handle)).release()
    }

    /// The whole of an entry point that makes a handle: stores one for the object of `body` where `target` points.
    /// If anything fails, `target` holds NULL, even where `error` itself is unusable.
    static func create(
        into target: UnsafeMutablePointer<OpaquePointer?>?, _ argument: StaticString,
        reportingTo error: UnsafeMutablePointer<nnformer_error>?, _ body: () throws(Failure) -> Object
    ) -> nnformer_status {
        target?.pointee = nil
        return reportingFailure(to: error) { () throws(Failure) in
            let target = try target.required(argument)
            target.pointee = make(try body())
        }
    }
}

extension Optional {
    /// The value of an argument that must not be NULL.
    func required(_ argument: StaticString) throws(Failure) -> Wrapped {
        guard let value = self else {
            throw Failure(.invalidArgument, "\(argument) is NULL")
        }
        return value
    }
}
