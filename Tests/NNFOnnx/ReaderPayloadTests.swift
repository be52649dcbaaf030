import Foundation
import NNFOnnx
import TestSupport
import XCTest

/// Payloads of weights cost neither memory nor time.
final class ReaderPayloadTests: XCTestCase {
    /// TensorProto of `count` floats, named "weight", up to its raw_data.
    private func tensorStart(_ count: Int) -> [UInt8] {
        [0x08] + ModelBytes.varint(UInt64(count)) + [0x10, 0x01] + ModelBytes.delimited(8, Array("weight".utf8))
    }

    /// Appends an initializer to a model. Protobuf merges the second graph field of a model into its first.
    private func write(_ url: URL, fixture: Data, payloadSizeInBytes: Int, isPayloadThere: Bool) throws {
        var tensor = tensorStart(payloadSizeInBytes / 4)
        if isPayloadThere { tensor += ModelBytes.header(9, length: payloadSizeInBytes) }
        let tensorSize = tensor.count + (isPayloadThere ? payloadSizeInBytes : 0)
        let initializerHeader = ModelBytes.header(5, length: tensorSize)
        let graphHeader = ModelBytes.header(7, length: initializerHeader.count + tensorSize)
        let written = Data(Array(fixture) + graphHeader + initializerHeader + tensor)
        try written.write(to: url)
        // The payload is a hole in the file: it takes no disk, and reading it would still take memory.
        guard isPayloadThere else { return }
        let handle = try FileHandle(forWritingTo: url)
        try handle.truncate(atOffset: UInt64(written.count + payloadSizeInBytes))
        try handle.close()
    }

    private func assertPayloadIsSkipped(sizeInBytes: Int) throws {
        let fixture = try Data(contentsOf: RepositoryFile.fixture("resnet18_opset13.onnx"))
        let stripped = try makeTemporaryFile(), full = try makeTemporaryFile()
        try write(stripped, fixture: fixture, payloadSizeInBytes: sizeInBytes, isPayloadThere: false)
        try write(full, fixture: fixture, payloadSizeInBytes: sizeInBytes, isPayloadThere: true)
        let expected = ReaderListing(try OnnxReader.read(path: stripped.path)).lines
        XCTAssertTrue(expected.contains("initializer weight 1 [\(sizeInBytes / 4)] -"))

        let growth = try MemoryUse.growthInBytes {
            XCTAssertEqual(ReaderListing(try OnnxReader.read(path: full.path)).lines, expected)
        }
        XCTAssertLessThan(growth, 8 << 20)
    }

    func testPayloadOf64MiB() throws { try assertPayloadIsSkipped(sizeInBytes: 64 << 20) }

    /// Beyond protobuf's own bound of 2 GiB for a message.
    func testPayloadOf5GiB() throws { try assertPayloadIsSkipped(sizeInBytes: 5 << 30) }

    /// Payloads in lists, packed and not, and strings are skipped as raw ones are; small tensors next to them stay.
    func testPayloadsInLists() throws {
        let fields: [(number: UInt64, tag: UInt8, type: UInt8)] = [
            (4, 0x25, 1), (5, 0x28, 6), (7, 0x38, 7), (10, 0x51, 11), (11, 0x58, 13),
        ]
        for field in fields {
            let elementSize = field.tag & 7 == 5 ? 4 : field.tag & 7 == 1 ? 8 : 1
            for count in [2, 100_000] {
                let dimensions = [UInt8(0x08)] + ModelBytes.varint(UInt64(count)) + [0x10, field.type]
                let element = [UInt8](repeating: 0, count: elementSize)
                let packed = ModelBytes.delimited(field.number, [UInt8](repeating: 0, count: count * elementSize))
                let unpacked = (0..<count).flatMap { _ in [field.tag] + element }
                for payload in [packed, unpacked] {
                    let graph = ModelBytes.delimited(5, dimensions + payload)
                    let model = try ModelBytes.read(ModelBytes.model(graph: graph))
                    let tensor = try XCTUnwrap(model.graph.initializers.first)
                    XCTAssertEqual(tensor.dimensions, [Int64(count)])
                    XCTAssertEqual(tensor.elements?.count, count == 2 ? 2 : nil)
                }
            }
        }
    }

    /// A payload inside an attribute of a node of a subgraph.
    func testPayloadInASubgraph() throws {
        let tensor = tensorStart(25_000) + ModelBytes.delimited(9, [UInt8](repeating: 1, count: 100_000))
        let value = ModelBytes.delimited(1, Array("value".utf8)) + ModelBytes.delimited(5, tensor) + [0xa0, 0x01, 0x04]
        let inner = ModelBytes.delimited(1, ModelBytes.delimited(5, value))
        let body = ModelBytes.delimited(1, Array("body".utf8)) + ModelBytes.delimited(6, inner) + [0xa0, 0x01, 0x05]
        let graph = ModelBytes.delimited(1, ModelBytes.delimited(5, body))
        let model = try ModelBytes.read(ModelBytes.model(graph: graph))
        let node = try XCTUnwrap(model.graph.nodes.first?.subgraphs["body"]?.nodes.first)
        XCTAssertEqual(node.tensors["value"]?.dimensions, [25_000])
        XCTAssertNil(node.tensors["value"]?.elements)
    }
}
