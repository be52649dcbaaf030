import NNFGraph

/// A C string of the caller as a `String`.
func text(_ pointer: UnsafePointer<CChar>?, _ argument: StaticString) throws(Failure) -> String {
    guard let string = String(validatingCString: try pointer.required(argument)) else {
        throw Failure(.invalidArgument, "\(argument) is not UTF-8")
    }
    return string
}

/// The caller's array of `count` elements. NULL is the empty array.
func array<Element>(
    _ pointer: UnsafePointer<Element>?, count: Int, limit: Int, _ argument: StaticString
) throws(Failure) -> [Element] {
    // A size_t beyond Int's range arrives as a negative number.
    guard (0...limit).contains(count) else {
        throw Failure(
            .limitExceeded,
            "\(argument) has \(UInt(bitPattern: count)) elements, at most \(limit) are handled")
    }
    guard count > 0 else { return [] }
    return Array(UnsafeBufferPointer(start: try pointer.required(argument), count: count))
}

/// Copies `elements` to the caller's buffer of `capacity` elements.
func copy<Element>(
    _ elements: [Element], to buffer: UnsafeMutablePointer<Element>?, capacity: Int,
    _ argument: StaticString
) throws(Failure) {
    try requireRoom(for: elements.count, in: buffer, capacity: capacity, argument)
    buffer?.update(from: elements, count: elements.count)
}

/// Checks that `count` elements fit in the caller's buffer. A buffer for no elements may be NULL.
func requireRoom<Element>(
    for count: Int, in buffer: UnsafeMutablePointer<Element>?, capacity: Int,
    _ argument: StaticString
) throws(Failure) {
    guard UInt(bitPattern: capacity) >= UInt(bitPattern: count) else {
        throw Failure(
            .invalidArgument,
            "\(argument) has room for \(UInt(bitPattern: capacity)) elements, \(count) are needed")
    }
    if count > 0 { _ = try buffer.required(argument) }
}

extension Array {
    /// The element at an index that the caller chose; `what` names the elements in the message.
    func element(at index: Int, _ what: StaticString) throws(Failure) -> Element {
        guard indices.contains(index) else {
            throw Failure(
                .invalidArgument,
                "index \(UInt(bitPattern: index)) is out of range: there are \(count) \(what)")
        }
        return self[index]
    }
}
