import CNNFormer
import NNFGraph

/// A public structure of the header, whose first field says how many bytes its user was compiled with.
///
/// Structures only ever grow at their end. A caller of an older header gives a smaller one, of which the library
/// reads and writes that much; a caller of a newer header gives a larger one, whose rest stays untouched.
protocol SizedStructure {
    /// Name in the header, for messages.
    static var cName: StaticString { get }
    /// Bytes of the smallest form that can be used: all fields of the first release that had the structure.
    static var minimumSize: Int { get }
    var struct_size: UInt32 { get set }
    init()
}

extension SizedStructure {
    static var minimumSize: Int { MemoryLayout<Self>.size }

    /// The size stated by the caller.
    static func sizeGiven(at pointer: UnsafePointer<Self>) throws(Failure) -> Int {
        // Only these four bytes are known to exist before they have been looked at.
        let size = Int(UnsafeRawPointer(pointer).load(as: UInt32.self))
        guard size >= minimumSize else {
            throw Failure(
                .invalidArgument,
                "\(cName).struct_size is \(size), at least \(minimumSize) is needed: initialise the structure with its _INIT macro"
            )
        }
        return size
    }

    /// A copy of the caller's structure; fields that it lacks are zero.
    static func read(_ pointer: UnsafePointer<Self>) throws(Failure) -> Self {
        let size = min(try sizeGiven(at: pointer), MemoryLayout<Self>.size)
        var value = Self()
        withUnsafeMutableBytes(of: &value) { bytes in
            bytes.copyMemory(from: UnsafeRawBufferPointer(start: pointer, count: size))
        }
        return value
    }

    /// Lets `change` set fields of the caller's structure. Fields that it does not set keep their value.
    static func update(
        _ pointer: UnsafeMutablePointer<Self>?, _ argument: StaticString,
        _ change: (inout Self) throws(Failure) -> Void
    ) throws(Failure) {
        let pointer = try pointer.required(argument)
        let size = min(try sizeGiven(at: pointer), MemoryLayout<Self>.size)
        var value = try read(pointer)
        try change(&value)
        withUnsafeBytes(of: value) { bytes in
            UnsafeMutableRawBufferPointer(start: pointer, count: size)
                .copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes.prefix(size)))
        }
    }
}

extension nnformer_error: SizedStructure {
    static var cName: StaticString { "nnformer_error" }
    /// Room for at least the NUL of a message.
    static var minimumSize: Int { messageOffset + 1 }

    static var statusOffset: Int { MemoryLayout.offset(of: \Self.status) ?? 4 }
    static var byteOffsetOffset: Int { MemoryLayout.offset(of: \Self.byte_offset) ?? 8 }
    static var messageOffset: Int { MemoryLayout.offset(of: \Self.message) ?? 16 }
}

extension nnformer_platform: SizedStructure {
    static var cName: StaticString { "nnformer_platform" }
}

extension nnformer_label_set: SizedStructure {
    static var cName: StaticString { "nnformer_label_set" }
}

extension nnformer_graph_options: SizedStructure {
    static var cName: StaticString { "nnformer_graph_options" }
}

extension nnformer_graph_summary: SizedStructure {
    static var cName: StaticString { "nnformer_graph_summary" }
}

extension nnformer_node: SizedStructure {
    static var cName: StaticString { "nnformer_node" }
}

extension nnformer_tensor_type: SizedStructure {
    static var cName: StaticString { "nnformer_tensor_type" }
}

extension nnformer_accuracy_dataset: SizedStructure {
    static var cName: StaticString { "nnformer_accuracy_dataset" }
}

extension nnformer_estimate: SizedStructure {
    static var cName: StaticString { "nnformer_estimate" }
}

extension nnformer_explanation_summary: SizedStructure {
    static var cName: StaticString { "nnformer_explanation_summary" }
}

extension nnformer_block: SizedStructure {
    static var cName: StaticString { "nnformer_block" }
}

extension nnformer_calibration_report: SizedStructure {
    static var cName: StaticString { "nnformer_calibration_report" }
}
