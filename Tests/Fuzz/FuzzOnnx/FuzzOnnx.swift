import FuzzMutator
import NNFGraph
import NNFOnnx

/// Takes bytes all the way from a file to features. Whatever they are, the way ends in an encoding or in a `Failure` that is
/// the file's fault: a trap, a hang, or a failure that calls itself a defect is a finding.
@c(LLVMFuzzerTestOneInput)
public func testOneInput(bytes: UnsafePointer<UInt8>?, count: Int) -> CInt {
    do throws(Failure) {
        let model = try OnnxReader.read(bytes: UnsafeRawBufferPointer(start: bytes, count: count))
        let graph = try GraphImporter.makeGraph(from: model, options: ImportOptions(batchSize: 2))
        let encoding = try GraphEncoding(of: graph)
        precondition(encoding.nodeFeatures.allSatisfy(\.isFinite), "features are finite numbers")
        precondition(encoding.graphFeatures.allSatisfy(\.isFinite), "features are finite numbers")
    } catch {
        precondition(error.code != .internalError, error.message)
        precondition(!error.message.isEmpty)
    }
    return 0
}

/// SwiftPM gives an executable's entry point this name.
@c(FuzzOnnx_main)
public func main(argumentCount: CInt, arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> CInt {
    var argumentCount = argumentCount
    var arguments = arguments
    return LLVMFuzzerRunDriver(&argumentCount, &arguments, testOneInput)
}
