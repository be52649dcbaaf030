import NNFGraph
import NNFKernels

/// BGIFFN, bidirectional graph-isomorphism feed-forward (Documentation/Model.md, "Encoder", 2).
///
/// The r·d hidden channels are worked through in parts of at most d, each expanded, activated and contracted before the
/// next: memory stays at 3·n·d whatever r, and the results add up to the same.
struct GraphFeedForward: Sendable {
    private enum Direction {
        /// A·U: sums over successors, the left half of the hidden channels.
        case successors
        /// Aᵀ·U: sums over predecessors, the right half.
        case predecessors
    }

    private struct Part {
        let direction: Direction
        let expand: LinearLayer
        let aggregate: LinearLayer
        let contract: LinearLayer
    }

    private let norm: LayerNormalization
    private let parts: [Part]
    private let residual: ScaledResidual

    init(
        _ sizes: EncoderSizes, _ prefix: String, _ source: inout TensorSource
    ) throws(Failure) {
        let width = sizes.width
        let hidden = width * sizes.feedForwardRatio
        norm = try source.takeNormalization("\(prefix).feedforward_norm", width: width)
        let expand = try source.takeLinear("\(prefix).feedforward.expand", inputs: width, outputs: hidden)
        let aggregate = try source.takeLinear(
            "\(prefix).feedforward.aggregate", inputs: width, outputs: hidden, hasBias: false)
        let contract = try source.takeLinear("\(prefix).feedforward.contract", inputs: hidden, outputs: width)
        residual = ScaledResidual(scale: try source.take("\(prefix).feedforward_scale", shape: [width]))

        // Halves are whole: the width is a multiple of 4.
        parts = [(Direction.successors, 0..<hidden / 2), (.predecessors, hidden / 2..<hidden)].flatMap {
            direction, half in
            stride(from: half.lowerBound, to: half.upperBound, by: width).map { first in
                let channels = first..<min(first + width, half.upperBound)
                return Part(
                    direction: direction, expand: expand.outputs(channels), aggregate: aggregate.outputs(channels),
                    contract: contract.inputs(channels))
            }
        }
    }

    func apply(to workspace: EncoderWorkspace, _ relations: Relations) {
        let width = workspace.state.columns
        let normalized = workspace.normalized
        let update = workspace.scratch.columns(0..<width)
        norm.apply(to: workspace.state, into: normalized)
        for (index, part) in parts.enumerated() {
            let hidden = workspace.scratch.columns(width..<width + part.expand.outputs)
            let messages = workspace.scratch.columns(2 * width..<2 * width + part.expand.outputs)
            part.expand.apply(to: normalized, into: hidden)
            part.aggregate.apply(to: normalized, into: messages)
            let lists =
                switch part.direction {
                case .successors: relations.successors
                case .predecessors: relations.predecessors
                }
            nnf_add_list_sums(
                hidden.rows, hidden.columns, messages.start, messages.stride, lists.offsets, lists.indices,
                hidden.start, hidden.stride)
            nnf_relu(hidden.rows, hidden.columns, hidden.start, hidden.stride)
            part.contract.apply(to: hidden, into: update, adding: index > 0)
        }
        residual.add(update, to: workspace.state)
    }
}
