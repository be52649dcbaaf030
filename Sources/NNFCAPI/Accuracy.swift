// Section 8 of nnformer.h: accuracy of cells.
public import CNNFormer
import NNFCells
import NNFGraph
import NNFModel

/// What an `nnformer_accuracy_predictor` stands for: weights, and C copies of the strings that describe their datasets.
private final class AccuracyPredictorHandle: Sendable {
    let predictor: AccuracyPredictor
    /// By dataset: space, id, quantity, source, licence.
    let strings: [CStringArena]

    init(_ predictor: AccuracyPredictor) throws(Failure) {
        self.predictor = predictor
        strings = try predictor.datasets.map { dataset throws(Failure) in
            try CStringArena([
                dataset.space.rawValue, dataset.id, dataset.quantity, dataset.source, dataset.licence,
            ])
        }
    }
}

@c @implementation
public func nnformer_accuracy_predictor_create(
    _ predictor: UnsafeMutablePointer<OpaquePointer?>?, _ error: UnsafeMutablePointer<nnformer_error>?
) -> nnformer_status {
    Handle.create(into: predictor, "predictor", reportingTo: error) { () throws(Failure) in
        try AccuracyPredictorHandle(try AccuracyPredictor.embedded())
    }
}

@c @implementation
public func nnformer_accuracy_predictor_open(
    _ predictor: UnsafeMutablePointer<OpaquePointer?>?, _ path: UnsafePointer<CChar>?,
    _ error: UnsafeMutablePointer<nnformer_error>?
) -> nnformer_status {
    Handle.create(into: predictor, "predictor", reportingTo: error) { () throws(Failure) in
        try AccuracyPredictorHandle(try AccuracyPredictor.open(path: try text(path, "path")))
    }
}

@c @implementation
public func nnformer_accuracy_predictor_destroy(_ predictor: OpaquePointer?) {
    Handle<AccuracyPredictorHandle>.destroy(predictor)
}

@c @implementation
public func nnformer_accuracy_predictor_dataset_count(_ predictor: OpaquePointer?) -> Int {
    (try? Handle<AccuracyPredictorHandle>.object(predictor, "predictor"))?.predictor.datasets.count ?? 0
}

@c @implementation
public func nnformer_accuracy_predictor_get_dataset(
    _ predictor: OpaquePointer?, _ index: Int, _ dataset: UnsafeMutablePointer<nnformer_accuracy_dataset>?,
    _ error: UnsafeMutablePointer<nnformer_error>?
) -> nnformer_status {
    reportingFailure(to: error) { () throws(Failure) in
        let handle = try Handle<AccuracyPredictorHandle>.object(predictor, "predictor")
        let found = try handle.predictor.datasets.element(at: index, "datasets")
        let strings = try handle.strings.element(at: index, "datasets")
        try nnformer_accuracy_dataset.update(dataset, "dataset") { dataset in
            dataset.space = strings[0]
            dataset.id = strings[1]
            dataset.quantity = strings[2]
            dataset.source = strings[3]
            dataset.licence = strings[4]
            dataset.training_cells = UInt64(clamping: found.trainingCellCount)
            dataset.validation_cells = UInt64(clamping: found.validationCellCount)
            dataset.kendall_tau = found.kendallTau
        }
    }
}

@c @implementation
public func nnformer_accuracy_predictor_find_dataset(
    _ predictor: OpaquePointer?, _ space: UnsafePointer<CChar>?, _ id: UnsafePointer<CChar>?,
    _ index: UnsafeMutablePointer<Int>?, _ error: UnsafeMutablePointer<nnformer_error>?
) -> nnformer_status {
    reportingFailure(to: error) { () throws(Failure) in
        let datasets = try Handle<AccuracyPredictorHandle>.object(predictor, "predictor").predictor.datasets
        let index = try index.required("index")
        let space = try cellSpace(space)
        let id = try text(id, "id")
        guard let found = datasets.firstIndex(where: { $0.space == space && $0.id == id }) else {
            let known = datasets.filter { $0.space == space }.map(\.id).joined(separator: ", ")
            throw Failure(.notFound, "no dataset \(id) of \(space.rawValue); there are \(known.isEmpty ? "none" : known)")
        }
        index.pointee = found
    }
}

@c @implementation
public func nnformer_accuracy_predict(
    _ predictor: OpaquePointer?, _ list: OpaquePointer?, _ dataset: Int,
    _ accuracyPercent: UnsafeMutablePointer<Double>?, _ capacity: Int,
    _ error: UnsafeMutablePointer<nnformer_error>?
) -> nnformer_status {
    reportingFailure(to: error) { () throws(Failure) in
        let predictor = try Handle<AccuracyPredictorHandle>.object(predictor, "predictor").predictor
        let cells = try Handle<CellListHandle>.object(list, "list").cells
        _ = try predictor.datasets.element(at: dataset, "datasets")
        // Checked before the work that a small buffer would waste.
        try requireRoom(for: cells.count, in: accuracyPercent, capacity: capacity, "accuracy_percent")
        try copy(
            try predictor.predict(cells, on: dataset), to: accuracyPercent, capacity: capacity, "accuracy_percent")
    }
}
