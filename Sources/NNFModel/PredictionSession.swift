package import NNFGraph
import NNFKernels

/// What predictions one after another share: memory, which stays, and the number of threads to spread a batch over.
///
/// Belongs to one thread at a time. Threads are started by `predict` and have ended when it returns.
package final class PredictionSession {
    package static let maximumThreadCount = Int(NNF_MAXIMUM_PARTS)

    /// Distinct rows of so many nodes and what is computed of them stay in a usual second-level cache, and the more
    /// graphs go together, the more rows they share.
    private static let nodesOfAPass = 2048

    package let predictor: Predictor
    private var workers: [Worker]
    private var results: UnsafeMutableBufferPointer<Double>
    /// Of the last successful call: those of the first graph on every platform, then those of the second.
    package private(set) var estimates: UnsafeBufferPointer<Double>

    /// `threadCount` lies within 1 ... `maximumThreadCount`.
    package init(_ predictor: Predictor, threadCount: Int) {
        self.predictor = predictor
        workers = (0..<min(max(threadCount, 1), Self.maximumThreadCount)).map { _ in Worker() }
        results = UnsafeMutableBufferPointer(start: nil, count: 0)
        estimates = UnsafeBufferPointer(rebasing: results[..<0])
    }

    deinit { freeResults() }

    private func freeResults() {
        if let start = results.baseAddress { HostMemory.free(start) }
    }

    /// Estimates every graph; `estimates` has them until the next call. The bits do not depend on how many graphs there
    /// are, nor on the number of threads. Once it has seen a batch, and `settle` was called, one that is no larger allocates
    /// nothing (unless it starts threads).
    package func predict(_ graphs: [GraphEncoding]) throws(Failure) {
        estimates = UnsafeBufferPointer(rebasing: results[..<0])
        let (count, overflows) = graphs.count.multipliedReportingOverflow(by: predictor.platforms.count)
        guard !overflows, count <= PredictionMemory.maximumSizeInBytes / MemoryLayout<Double>.stride else {
            throw Failure(.limitExceeded, "\(graphs.count) graphs are more than one call handles")
        }
        if results.count < count {
            // No overflow: `count` was compared with the largest size.
            let memory = try HostMemory.allocate(byteCount: count * MemoryLayout<Double>.stride)
            freeResults()
            results = UnsafeMutableBufferPointer(
                start: memory.bindMemory(to: Double.self, capacity: count), count: count)
        }
        guard let start = results.baseAddress else { return }
        for worker in workers { worker.failure = nil }

        let nodeCount = graphs.reduce(0) { $0 + $1.nodeCount }
        var job = Job(
            predictor: predictor, graphs: graphs, workers: workers, results: start,
            nodesOfAPass: min(Self.nodesOfAPass, nodeCount / workers.count + 1))
        if workers.count == 1 {
            job.run(worker: 0)
        } else {
            withUnsafeMutablePointer(to: &job) { job in
                nnf_run_parts(
                    workers.count,
                    { job, index in job.assumingMemoryBound(to: Job.self).pointee.run(worker: index) }, job)
            }
        }
        for worker in workers {
            if let failure = worker.failure { throw failure }
        }
        estimates = UnsafeBufferPointer(rebasing: results[..<count])
    }

    /// What took several blocks of memory is had in one piece, so that a call that needs no more allocates nothing.
    package func settle() {
        for worker in workers { worker.memory.reset() }
    }
}

/// One thread's own.
private final class Worker {
    let memory = PredictionMemory()
    var failure: Failure?
}

/// What all threads of a call read.
private struct Job {
    let predictor: Predictor
    let graphs: [GraphEncoding]
    let workers: [Worker]
    /// [graphs × platforms], of which each worker writes other elements.
    let results: UnsafeMutablePointer<Double>
    let nodesOfAPass: Int

    /// Consecutive graphs of at least `nodesOfAPass` nodes make a pass; workers take them in turns.
    func run(worker index: Int) {
        let worker = workers[index]
        var pass = 0
        var first = 0
        while first < graphs.count {
            var end = first
            var nodeCount = 0
            repeat {
                nodeCount += graphs[end].nodeCount
                end += 1
            } while end < graphs.count && nodeCount < nodesOfAPass
            if pass % workers.count == index {
                do throws(Failure) {
                    try predictor.predict(
                        graphs[first..<end], memory: worker.memory,
                        into: results + first * predictor.platforms.count)
                } catch {
                    worker.failure = error
                    return
                }
            }
            pass += 1
            first = end
        }
    }
}
