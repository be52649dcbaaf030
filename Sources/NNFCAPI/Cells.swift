// Section 8 of nnformer.h: lists of cells, and their features, for training.
public import CNNFormer
import NNFCells
import NNFGraph

@c @implementation
public func nnformer_cell_list_create(
    _ list: UnsafeMutablePointer<OpaquePointer?>?, _ space: UnsafePointer<CChar>?,
    _ error: UnsafeMutablePointer<nnformer_error>?
) -> nnformer_status {
    Handle.create(into: list, "list", reportingTo: error) { () throws(Failure) in
        CellListHandle(try cellSpace(space))
    }
}

@c @implementation
public func nnformer_cell_list_destroy(_ list: OpaquePointer?) {
    Handle<CellListHandle>.destroy(list)
}

@c @implementation
public func nnformer_cell_list_count(_ list: OpaquePointer?) -> Int {
    (try? Handle<CellListHandle>.object(list, "list"))?.cells.count ?? 0
}

@c @implementation
public func nnformer_cell_list_add_architecture(
    _ list: OpaquePointer?, _ architecture: UnsafePointer<CChar>?, _ error: UnsafeMutablePointer<nnformer_error>?
) -> nnformer_status {
    reportingFailure(to: error) { () throws(Failure) in
        let list = try Handle<CellListHandle>.object(list, "list")
        let architecture = try text(architecture, "architecture")
        try list.append(from: .nasbench201) { () throws(Failure) in try Cell(nasbench201: architecture) }
    }
}

@c @implementation
public func nnformer_cell_list_add_matrix(
    _ list: OpaquePointer?, _ adjacency: UnsafePointer<UInt8>?, _ vertexCount: Int,
    _ operations: UnsafePointer<UnsafePointer<CChar>?>?, _ error: UnsafeMutablePointer<nnformer_error>?
) -> nnformer_status {
    reportingFailure(to: error) { () throws(Failure) in
        let list = try Handle<CellListHandle>.object(list, "list")
        // Checked here too, because it says how much of the caller's arrays is read.
        guard (0...Cell.maximumVertices).contains(vertexCount) else {
            throw Failure(
                .malformedInput,
                "the cell has \(UInt(bitPattern: vertexCount)) vertices; NAS-Bench-101 has 2 to \(Cell.maximumVertices)")
        }
        let pointers = try array(operations, count: vertexCount, limit: Cell.maximumVertices, "operations")
        var names: [String] = []
        for pointer in pointers { names.append(try text(pointer, "operations")) }
        let entries = vertexCount * vertexCount
        let matrix = try array(adjacency, count: entries, limit: entries, "adjacency")
        try list.append(from: .nasbench101) { () throws(Failure) in
            try Cell(nasbench101: matrix, operations: names)
        }
    }
}

@c @implementation
public func nnformer_cell_schema_version() -> UInt32 { CellSchema.version }

@c @implementation
public func nnformer_cell_feature_count() -> Int { CellSchema.featureCount }

@c @implementation
public func nnformer_cell_list_encoding_size(
    _ list: OpaquePointer?, _ relation: Int32, _ nodeCount: UnsafeMutablePointer<Int>?,
    _ entryCount: UnsafeMutablePointer<Int>?, _ error: UnsafeMutablePointer<nnformer_error>?
) -> nnformer_status {
    reportingFailure(to: error) { () throws(Failure) in
        let encoding = try Handle<CellListHandle>.object(list, "list").encoding
        let adjacency = try encoding.relations.adjacency(numbered: relation)
        let entries = try entryCount.required("entry_count")
        try nodeCount.required("node_count").pointee = encoding.nodeCount
        entries.pointee = adjacency.indices.count
    }
}

@c @implementation
public func nnformer_cell_list_copy_features(
    _ list: OpaquePointer?, _ features: UnsafeMutablePointer<Float>?, _ capacity: Int,
    _ error: UnsafeMutablePointer<nnformer_error>?
) -> nnformer_status {
    reportingFailure(to: error) { () throws(Failure) in
        let encoding = try Handle<CellListHandle>.object(list, "list").encoding
        try copy(encoding.nodeFeatures, to: features, capacity: capacity, "features")
    }
}

@c @implementation
public func nnformer_cell_list_copy_relation(
    _ list: OpaquePointer?, _ relation: Int32, _ offsets: UnsafeMutablePointer<UInt32>?, _ offsetCapacity: Int,
    _ indices: UnsafeMutablePointer<UInt32>?, _ indexCapacity: Int, _ error: UnsafeMutablePointer<nnformer_error>?
) -> nnformer_status {
    reportingFailure(to: error) { () throws(Failure) in
        let relations = try Handle<CellListHandle>.object(list, "list").encoding.relations
        try relations.adjacency(numbered: relation).copyRows(
            offsets: offsets, offsetCapacity, indices: indices, indexCapacity)
    }
}

/// The search space of that name.
func cellSpace(_ name: UnsafePointer<CChar>?) throws(Failure) -> CellSpace {
    let name = try text(name, "space")
    guard let space = CellSpace(rawValue: name) else {
        throw Failure(
            .notFound, "no search space \(name); there are " + CellSpace.allCases.map(\.rawValue).joined(separator: ", "))
    }
    return space
}
