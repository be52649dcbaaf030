// Section 7 of nnformer.h: features, for training.
public import CNNFormer
import NNFGraph

private let nodeFeatureNames = try? CStringArena(FeatureSchema.nodeFeatureNames)
private let graphFeatureNames = try? CStringArena(FeatureSchema.graphFeatureNames)

@c @implementation
public func nnformer_feature_schema_version() -> UInt32 { FeatureSchema.version }

@c @implementation
public func nnformer_feature_count() -> Int { FeatureSchema.nodeFeatureNames.count }

@c @implementation
public func nnformer_graph_feature_count() -> Int { FeatureSchema.graphFeatureNames.count }

@c @implementation
public func nnformer_feature_name(_ index: Int) -> UnsafePointer<CChar>? { nodeFeatureNames?[index] }

@c @implementation
public func nnformer_graph_feature_name(_ index: Int) -> UnsafePointer<CChar>? { graphFeatureNames?[index] }

@c @implementation
public func nnformer_graph_copy_features(
    _ graph: OpaquePointer?, _ features: UnsafeMutablePointer<Float>?, _ capacity: Int,
    _ error: UnsafeMutablePointer<nnformer_error>?
) -> nnformer_status {
    reportingFailure(to: error) { () throws(Failure) in
        let encoding = try Handle<GraphHandle>.object(graph, "graph").encoding
        try copy(encoding.nodeFeatures, to: features, capacity: capacity, "features")
    }
}

@c @implementation
public func nnformer_graph_copy_graph_features(
    _ graph: OpaquePointer?, _ features: UnsafeMutablePointer<Float>?, _ capacity: Int,
    _ error: UnsafeMutablePointer<nnformer_error>?
) -> nnformer_status {
    reportingFailure(to: error) { () throws(Failure) in
        let encoding = try Handle<GraphHandle>.object(graph, "graph").encoding
        try copy(encoding.graphFeatures, to: features, capacity: capacity, "features")
    }
}

@c @implementation
public func nnformer_graph_relation_size(
    _ graph: OpaquePointer?, _ relation: Int32, _ size: UnsafeMutablePointer<Int>?,
    _ error: UnsafeMutablePointer<nnformer_error>?
) -> nnformer_status {
    reportingFailure(to: error) { () throws(Failure) in
        let relations = try Handle<GraphHandle>.object(graph, "graph").encoding.relations
        let adjacency = try relations.adjacency(numbered: relation)
        try size.required("size").pointee = adjacency.indices.count
    }
}

@c @implementation
public func nnformer_graph_copy_relation(
    _ graph: OpaquePointer?, _ relation: Int32, _ offsets: UnsafeMutablePointer<UInt32>?,
    _ offsetCapacity: Int,
    _ indices: UnsafeMutablePointer<UInt32>?, _ indexCapacity: Int,
    _ error: UnsafeMutablePointer<nnformer_error>?
) -> nnformer_status {
    reportingFailure(to: error) { () throws(Failure) in
        let relations = try Handle<GraphHandle>.object(graph, "graph").encoding.relations
        try relations.adjacency(numbered: relation).copyRows(
            offsets: offsets, offsetCapacity, indices: indices, indexCapacity)
    }
}

extension Adjacency {
    /// Copies the compressed rows to the caller's buffers.
    func copyRows(
        offsets: UnsafeMutablePointer<UInt32>?, _ offsetCapacity: Int,
        indices: UnsafeMutablePointer<UInt32>?, _ indexCapacity: Int
    ) throws(Failure) {
        // Both buffers are checked before either is written: a failure leaves them untouched.
        try requireRoom(for: self.offsets.count, in: offsets, capacity: offsetCapacity, "offsets")
        try requireRoom(for: self.indices.count, in: indices, capacity: indexCapacity, "indices")
        try copy(self.offsets, to: offsets, capacity: offsetCapacity, "offsets")
        try copy(self.indices, to: indices, capacity: indexCapacity, "indices")
    }
}

extension Relations {
    func adjacency(numbered relation: Int32) throws(Failure) -> Adjacency {
        switch relation {
        case NNFORMER_RELATION_SUCCESSORS: return successors
        case NNFORMER_RELATION_PREDECESSORS: return predecessors
        case NNFORMER_RELATION_CO_CHILDREN: return coChildren
        case NNFORMER_RELATION_CO_PARENTS: return coParents
        default:
            throw Failure(.invalidArgument, "relation \(relation) is none of NNFORMER_RELATION_...")
        }
    }
}
