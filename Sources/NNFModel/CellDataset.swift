package import NNFCells
import NNFGraph
import NNFKernels

/// Accuracies that cells of a space were trained on: what one output of an accuracy model estimates.
package struct CellDataset: Equatable, Sendable {
    package let space: CellSpace
    /// `cifar10`; differs from those of the space's other datasets.
    package let id: String
    /// What the accuracy is of, in words: `test accuracy after 200 epochs`.
    package let quantity: String
    /// Where the labels were published.
    package let source: String
    package let licence: String
    package let trainingCellCount: Int
    package let validationCellCount: Int
    /// Rank correlation with the labels of the validation cells, −1 ... 1; NaN where it was not measured.
    package let kendallTau: Double
    let scale: AccuracyScale

    init(_ metadata: MetadataObject, space: CellSpace) throws(Failure) {
        let counts = 0...Int(Int32.max)
        self.space = space
        id = try metadata.string("id")
        quantity = try metadata.string("quantity")
        source = try metadata.string("source")
        licence = try metadata.string("licence")
        trainingCellCount = try metadata.integer("training_cells", in: counts)
        validationCellCount = try metadata.integer("validation_cells", in: counts)
        kendallTau = try metadata.number("kendall_tau")
        scale = try AccuracyScale(metadata)
    }
}

/// From what a model is trained on to percent: z = (−log(ceiling − percent) − mean) / deviation spreads the good cells, whose
/// accuracies lie close together, and draws the bad ones in.
struct AccuracyScale: Equatable, Sendable {
    private let ceilingPercent: Double
    private let mean: Double
    private let deviation: Double

    init(_ metadata: MetadataObject) throws(Failure) {
        ceilingPercent = try metadata.number("ceiling_percent")
        mean = try metadata.number("mean")
        deviation = try metadata.number("deviation")
        for (name, value) in [("ceiling_percent", ceilingPercent), ("mean", mean), ("deviation", deviation)]
        where !value.isFinite || (name == "deviation" && value <= 0) {
            throw metadata.unusable(name, name == "deviation" ? "a positive number" : "a finite number")
        }
    }

    /// Within 0 ... 100; rises with z but for that.
    func percent(_ z: Double) -> Double {
        min(max(ceilingPercent - nnf_exp(-(z * deviation + mean)), 0), 100)
    }
}
