import NNFGraph

/// Memory that predictions of one thread work in, one after another. It keeps what the largest of them needed, so that
/// one that is no larger allocates nothing.
///
/// `@unchecked Sendable`: a session lends it to one thread at a time.
final class PredictionMemory: @unchecked Sendable {
    /// In one prediction. Where memory is overcommitted, an excessive allocation ends the host: it is refused beforehand.
    static let maximumSizeInBytes = 1 << 33

    private var blocks: [UnsafeMutableRawBufferPointer] = []
    /// Of the last block.
    private var usedInBytes = 0
    private var totalInBytes = 0

    deinit { freeBlocks() }

    /// Gives back everything that was taken; what took several blocks will fit in one.
    func reset() {
        usedInBytes = 0
        guard blocks.count > 1 else { return }
        freeBlocks()
        let total = totalInBytes
        totalInBytes = 0
        // Where that much is not to be had in one piece, `take` asks for what it needs.
        _ = try? appendBlock(sizeInBytes: total)
    }

    /// `count` × `columns` elements of whatever value, aligned to 64 bytes, valid until `reset`.
    func take<Element: BitwiseCopyable>(
        _ count: Int, times columns: Int = 1
    ) throws(Failure) -> UnsafeMutablePointer<Element> {
        let (elements, tooMany) = count.multipliedReportingOverflow(by: columns)
        let (size, tooLarge) = elements.multipliedReportingOverflow(by: MemoryLayout<Element>.stride)
        guard !tooMany, !tooLarge, size >= 0, size <= Self.maximumSizeInBytes - totalInBytes else {
            throw Failure(
                .limitExceeded,
                "intermediate values of the graph need more than \(Self.maximumSizeInBytes >> 30) GiB; "
                    + "use a smaller graph or narrower weights")
        }
        let rounded = (size + 63) & ~63
        if let block = blocks.last, rounded <= block.count - usedInBytes, let start = block.baseAddress {
            defer { usedInBytes += rounded }
            return (start + usedInBytes).bindMemory(to: Element.self, capacity: elements)
        }
        let start = try appendBlock(sizeInBytes: max(rounded, Self.minimumBlockSizeInBytes))
        usedInBytes = rounded
        return start.bindMemory(to: Element.self, capacity: elements)
    }

    /// Rows of `columns` elements, rounded up so that whole panels can be written.
    func takeMatrix(rows: Int, columns: Int) throws(Failure) -> Matrix {
        let (padded, overflows) = columns.addingReportingOverflow(15)
        let stride = overflows ? columns : padded & ~15
        return Matrix(rows: rows, columns: stride, stride: stride, start: try take(rows, times: stride))
    }

    private static let minimumBlockSizeInBytes = 1 << 16

    @discardableResult
    private func appendBlock(sizeInBytes: Int) throws(Failure) -> UnsafeMutableRawPointer {
        let start = try HostMemory.allocate(byteCount: sizeInBytes)
        blocks.append(UnsafeMutableRawBufferPointer(start: start, count: sizeInBytes))
        totalInBytes += sizeInBytes
        return start
    }

    private func freeBlocks() {
        for block in blocks {
            if let start = block.baseAddress { HostMemory.free(start) }
        }
        blocks.removeAll(keepingCapacity: true)
    }
}
