import Foundation
import NNFGraph
import NNFOnnx

/// Writes ModelProto byte by byte, for what no ONNX package would write.
enum ModelBytes {
    /// A model of IR version 8 at operator set 17 with the given content of its GraphProto.
    static func model(graph: some Collection<UInt8>) -> [UInt8] {
        [0x08, 0x08] + delimited(7, graph) + delimited(8, [0x10, 0x11])
    }

    static func delimited(_ number: UInt64, _ content: some Collection<UInt8>) -> [UInt8] {
        header(number, length: content.count) + content
    }

    /// Tag and length of a length-delimited field.
    static func header(_ number: UInt64, length: Int) -> [UInt8] {
        varint(number << 3 | 2) + varint(UInt64(length))
    }

    /// `count` empty messages as field `number`, two bytes each.
    static func emptyMessages(_ number: UInt8, count: Int) -> [UInt8] {
        [UInt16](repeating: UInt16(number << 3 | 2).littleEndian, count: count).withUnsafeBytes { Array($0) }
    }

    static func varint(_ value: UInt64) -> [UInt8] {
        var rest = value
        var bytes = [UInt8]()
        while rest >= 0x80 {
            bytes.append(UInt8(rest & 0x7f) | 0x80)
            rest >>= 7
        }
        return bytes + [UInt8(rest)]
    }

    static func read(_ bytes: some Sequence<UInt8>) throws -> OnnxModel {
        try Array(bytes).withUnsafeBytes { try OnnxReader.read(bytes: $0) }
    }
}
