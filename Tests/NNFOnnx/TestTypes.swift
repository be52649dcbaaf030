import NNFGraph

/// XCTest brings in Foundation, which has a type of that name: here it is an axis's extent.
typealias Dimension = NNFGraph.Dimension
