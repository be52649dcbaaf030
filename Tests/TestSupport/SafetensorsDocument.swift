import Foundation

/// A safetensors file as bytes, from its parts: honest ones, and any other that a test can think of.
package enum SafetensorsDocument {
    /// Header length, header padded to a multiple of 8, data.
    package static func bytes(header: String, data: [UInt8] = []) -> [UInt8] {
        var text = Array(header.utf8)
        while text.count % 8 != 0 { text.append(UInt8(ascii: " ")) }
        return littleEndian(UInt64(text.count)) + text + data
    }

    /// An honest file with these tensors in this order.
    package static func bytes(tensors: [NamedTensor], metadata: [String: String]) throws -> [UInt8] {
        var header: [String: Any] = metadata.isEmpty ? [:] : ["__metadata__": metadata]
        var data: [UInt8] = []
        for tensor in tensors {
            let begin = data.count
            // The host is little-endian, or the library would not compile.
            tensor.elements.withUnsafeBytes { data.append(contentsOf: $0) }
            header[tensor.name] = [
                "dtype": "F32", "shape": tensor.shape, "data_offsets": [begin, data.count],
            ]
        }
        let text = try JSONSerialization.data(withJSONObject: header, options: [.sortedKeys])
        return bytes(header: String(decoding: text, as: UTF8.self), data: data)
    }

    private static func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }
}

package struct NamedTensor {
    package var name: String
    package var shape: [Int]
    package var elements: [Float]

    package init(_ name: String, _ shape: [Int], _ elements: [Float]) {
        self.name = name
        self.shape = shape
        self.elements = elements
    }
}
