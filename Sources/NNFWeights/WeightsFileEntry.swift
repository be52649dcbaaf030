/// What the header of a safetensors file says of one tensor, checked by itself.
struct WeightsFileEntry {
    let name: String
    let shape: [Int]
    let elementCount: Int
    /// Within the data of the file, which begins after the header. `count` is 4 × `elementCount`.
    let dataRange: Range<Int>

    init(name: String, _ value: JSONValue) throws(WeightsError) {
        guard case .object(let fields) = value else {
            throw WeightsError(.malformed, "tensor '\(name)' is not described by a JSON object")
        }
        guard case .string(let elementType) = fields["dtype"] else {
            throw WeightsError(.malformed, "tensor '\(name)' has no dtype")
        }
        guard elementType == "F32" else {
            throw WeightsError(.unsupported, "tensor '\(name)' is \(elementType); convert it to F32")
        }

        let shape = try Self.integers(fields["shape"], "shape", of: name)
        guard shape.count <= WeightsFile.maximumRank else {
            throw WeightsError(
                .limitExceeded, "tensor '\(name)' has \(shape.count) axes, more than \(WeightsFile.maximumRank)")
        }
        let offsets = try Self.integers(fields["data_offsets"], "data_offsets", of: name)
        guard offsets.count == 2, let begin = offsets.first, let end = offsets.last, begin <= end else {
            throw WeightsError(.malformed, "tensor '\(name)': data_offsets are two numbers, begin and end")
        }

        var elementCount = 1
        var sizeInBytes = 4
        for extent in shape {
            let (count, countOverflows) = elementCount.multipliedReportingOverflow(by: extent)
            let (size, sizeOverflows) = sizeInBytes.multipliedReportingOverflow(by: extent)
            guard !countOverflows, !sizeOverflows else {
                throw WeightsError(.malformed, "tensor '\(name)': shape \(shape) has more elements than memory")
            }
            (elementCount, sizeInBytes) = (count, size)
        }
        guard end - begin == sizeInBytes else {
            throw WeightsError(
                .malformed,
                "tensor '\(name)': shape \(shape) takes \(sizeInBytes) bytes, data_offsets give it \(end - begin)")
        }
        self.name = name
        self.shape = shape
        self.elementCount = elementCount
        dataRange = begin..<end
    }

    /// Non-negative integers.
    private static func integers(
        _ value: JSONValue?, _ field: String, of name: String
    ) throws(WeightsError) -> [Int] {
        guard case .array(let elements) = value else {
            throw WeightsError(.malformed, "tensor '\(name)' has no \(field)")
        }
        var integers: [Int] = []
        for element in elements {
            guard case .integer(let integer) = element, integer >= 0, let integer = Int(exactly: integer) else {
                throw WeightsError(.malformed, "tensor '\(name)': \(field) are integers of at least 0")
            }
            integers.append(integer)
        }
        return integers
    }
}
