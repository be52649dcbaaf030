import NNFGraph

/// XCTest brings in Foundation, which has a type of that name: here it is an axis's extent.
typealias Dimension = NNFGraph.Dimension

/// The generator of random nodes: the same numbers in every run.
typealias SeededGenerator = SplitMix64
