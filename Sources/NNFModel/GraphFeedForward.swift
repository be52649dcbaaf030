import NNFGraph
import NNFKernels

/// BGIFFN, bidirectional graph-isomorphism feed-forward (Documentation/Model.md, "Encoder", 2).
///
/// The r·d hidden channels are worked through in parts of at most d, each expanded, activated and contracted before the
/// next: memory does not grow with r, and the results add up to the same.
struct GraphFeedForward: Sendable {
    private enum Direction {
        /// A·U: sums over successors, the left half of the hidden channels.
        case successors
        /// Aᵀ·U: sums over predecessors, the right half.
        case predecessors
    }

    private struct Part {
        let direction: Direction
        /// Outputs of `expand` and of U, in whole panels each.
        let paddedChannels: Int
        /// `expand`, and to its right U.
        let expandAndAggregate: LinearLayer
        /// With the layer scale γ₂ in its weights.
        let contract: LinearLayer
    }

    private let norm: LayerNormalization
    private let parts: [Part]
    let scratchColumns: Int

    init(
        _ configuration: EncoderConfiguration, _ prefix: String, _ source: inout TensorSource
    ) throws(Failure) {
        let width = configuration.width
        let hidden = width * configuration.feedForwardRatio
        norm = try source.takeNormalization("\(prefix).feedforward_norm", width: width)
        let expand = try source.takeLinear("\(prefix).feedforward.expand", inputs: width, outputs: hidden)
        let aggregate = try source.takeLinear(
            "\(prefix).feedforward.aggregate", inputs: width, outputs: hidden, hasBias: false)
        let contract = try source.takeLinear("\(prefix).feedforward.contract", inputs: hidden, outputs: width)
        let scale = try source.take("\(prefix).feedforward_scale", shape: [width])

        // Halves are whole: the width is a multiple of 4.
        var parts: [Part] = []
        for (direction, half) in [(Direction.successors, 0..<hidden / 2), (.predecessors, hidden / 2..<hidden)] {
            for first in stride(from: half.lowerBound, to: half.upperBound, by: width) {
                let channels = first..<min(first + width, half.upperBound)
                parts.append(
                    Part(
                        direction: direction, paddedChannels: nnf_padded_columns(channels.count),
                        expandAndAggregate: try LinearLayer(
                            expand.outputs(channels), aggregate.outputs(channels), precision: configuration.precision),
                        contract: try LinearLayer(
                            contract.inputs(channels), precision: configuration.precision, outputScale: scale)))
            }
        }
        self.parts = parts
        scratchColumns = parts.map(\.expandAndAggregate.paddedOutputs).max() ?? 0
    }

    func apply(to workspace: inout EncoderWorkspace, _ batch: inout GraphBatch) {
        let inputRows = 0..<batch.stage.row_count
        let normalized = workspace.normalized.rows(inputRows)
        norm.apply(to: workspace.state.rows(inputRows), into: normalized)
        batch.advance(relationCount: 2, seesItself: false)
        let stage = batch.stage
        workspace.advance(batch) { workspace in
            let scratch = workspace.scratch.rows(inputRows)
            for (index, part) in parts.enumerated() {
                part.expandAndAggregate.apply(
                    to: normalized, workspace.quantized, isQuantized: index > 0, into: scratch)
                let lists =
                    switch part.direction {
                    case .successors: stage.lists.0
                    case .predecessors: stage.lists.1
                    }
                var aggregation = nnf_aggregation(
                    columns: part.paddedChannels, x: scratch.start, messages: scratch.start + part.paddedChannels,
                    stride: scratch.stride, own: stage.own, lists: lists)
                for range in Matrix.blocks(of: stage.row_count) {
                    let hidden = workspace.block.rows(0..<range.count)
                    nnf_aggregate(
                        Matrix.instructions, &aggregation, range.lowerBound, range.count, hidden.start,
                        hidden.stride)
                    part.contract.apply(
                        to: hidden, workspace.quantizedBlock, into: workspace.nextState.rows(range), adding: true)
                }
            }
        }
    }
}
