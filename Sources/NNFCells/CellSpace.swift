/// A search space whose networks repeat one small cell.
package enum CellSpace: String, CaseIterable, Sendable {
    /// Dong & Yang, ICLR 2020: four nodes, an operation on each of six edges.
    case nasbench201
    /// Ying et al., ICML 2019: up to seven vertices, an operation on each, up to nine edges.
    case nasbench101
}

/// What a node of a cell computes. Raw values are positions in the model's features: append, never insert.
package enum CellOperation: Int, CaseIterable, Sendable {
    case input
    case output
    case nasbench201Convolution1x1
    case nasbench201Convolution3x3
    case nasbench201AveragePool3x3
    case nasbench101Convolution1x1
    case nasbench101Convolution3x3
    case nasbench101MaxPool3x3
}
