import Foundation
import TestSupport

/// Documentation/Model.md written down over n × n matrices in double precision: no lists, no parts, no kernels.
struct DenseReference {
    typealias Rows = [[Double]]

    private let tensors: [String: NamedTensor]
    private let weights: SeededWeights

    init(_ weights: SeededWeights) {
        self.weights = weights
        tensors = Dictionary(uniqueKeysWithValues: weights.tensors.map { ($0.name, $0) })
    }

    /// Milliseconds on each platform. adjacency[i][j]: i feeds j; siblings are all that the product of matrices shows,
    /// so no node may have more children or parents than the library shows each other.
    func predict(features: Rows, costs: Rows, graphFeatures: [Double], adjacency: [[Bool]]) -> [Double] {
        let h = embeddings(features: features, adjacency: adjacency)
        if weights.head == "additive" {
            let logarithms = linear(relu(linear(h, "head.hidden")), "head.platform")
            let ideal = multiply(costs.map { $0 + [1] }, matrix("head.rates").map { $0.map(milliseconds) })
            return vector("head.base").enumerated().map { platform, base in
                zip(logarithms, ideal).map { milliseconds($0[platform]) * $1[platform] }.reduce(milliseconds(base), +)
            }
        }
        let reduced = relu(linear(h, "head.reduce"))
        let sums = (0..<weights.headWidth).map { channel in reduced.map { $0[channel] }.reduce(0, +) }
        return linear(relu(linear([sums + graphFeatures], "head.hidden")), "head.platform")[0].map(milliseconds)
    }

    /// What the encoder makes of each node.
    func embeddings(features: Rows, adjacency: [[Bool]]) -> Rows {
        let nodes = features.indices
        let a = adjacency.map { $0.map { $0 ? 1.0 : 0.0 } }
        let transposed = nodes.map { i in nodes.map { j in a[j][i] } }
        let relations = [a, transposed, multiply(transposed, a), multiply(a, transposed)]

        var h = linear(features, "embed")
        for layer in 0..<weights.layers {
            let prefix = "layers.\(layer)."
            let attended = attention(normalize(h, prefix + "attention_norm"), prefix, relations)
            h = add(h, attended, scale: vector(prefix + "attention_scale"))
            let normalized = normalize(h, prefix + "feedforward_norm")
            let u = linear(normalized, prefix + "feedforward.aggregate")
            let half = weights.width * weights.feedForwardRatio / 2
            let left = multiply(a, u.map { Array($0[..<half]) })
            let right = multiply(transposed, u.map { Array($0[half...]) })
            let expanded = linear(normalized, prefix + "feedforward.expand")
            let hidden = nodes.map { i in zip(expanded[i], left[i] + right[i]).map { max($0 + $1, 0) } }
            h = add(h, linear(hidden, prefix + "feedforward.contract"), scale: vector(prefix + "feedforward_scale"))
        }
        return normalize(h, "final_norm")
    }

    private func attention(_ x: Rows, _ prefix: String, _ relations: [Rows]) -> Rows {
        let d = weights.width
        let headWidth = d / 4
        let qkv = linear(x, prefix + "attention.qkv")
        var concatenated = x.map { _ in [Double]() }
        for (head, relation) in relations.enumerated() {
            let columns = head * headWidth..<(head + 1) * headWidth
            for i in x.indices {
                let seen = x.indices.filter { $0 == i || relation[i][$0] > 0 }
                let scores = seen.map { j in
                    columns.map { qkv[i][$0] * qkv[j][d + $0] }.reduce(0, +) / Double(headWidth).squareRoot()
                }
                let exponentials = scores.map { exp($0 - (scores.max() ?? 0)) }
                let total = exponentials.reduce(0, +)
                concatenated[i] += columns.map { column in
                    zip(seen, exponentials).map { qkv[$0][2 * d + column] * $1 }.reduce(0, +) / total
                }
            }
        }
        return linear(concatenated, prefix + "attention.project")
    }

    private func milliseconds(_ logarithm: Double) -> Double { exp(min(max(logarithm, -30), 15)) }

    private func relu(_ x: Rows) -> Rows { x.map { $0.map { max($0, 0) } } }

    private func normalize(_ x: Rows, _ name: String) -> Rows {
        let (scale, shift) = (vector(name + ".weight"), vector(name + ".bias"))
        return x.map { row in
            let mean = row.reduce(0, +) / Double(row.count)
            let variance = row.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / Double(row.count)
            return row.indices.map { (row[$0] - mean) / (variance + 1e-5).squareRoot() * scale[$0] + shift[$0] }
        }
    }

    private func linear(_ x: Rows, _ name: String) -> Rows {
        let weight = matrix(name + ".weight")
        let bias = tensors[name + ".bias"] == nil ? weight.map { _ in 0 } : vector(name + ".bias")
        return x.map { row in
            zip(weight, bias).map { weights, bias in zip(row, weights).map(*).reduce(bias, +) }
        }
    }

    private func add(_ x: Rows, _ update: Rows, scale: [Double]) -> Rows {
        zip(x, update).map { row, update in row.indices.map { row[$0] + scale[$0] * update[$0] } }
    }

    private func multiply(_ a: Rows, _ b: Rows) -> Rows {
        a.map { row in
            var result = [Double](repeating: 0, count: b.first?.count ?? 0)
            for (factor, other) in zip(row, b) where factor != 0 {
                for column in result.indices { result[column] += factor * other[column] }
            }
            return result
        }
    }

    private func vector(_ name: String) -> [Double] { (tensors[name]?.elements ?? []).map(Double.init) }

    private func matrix(_ name: String) -> Rows {
        guard let tensor = tensors[name], tensor.shape.count == 2 else { return [] }
        let columns = tensor.shape[1]
        return stride(from: 0, to: tensor.elements.count, by: columns).map {
            tensor.elements[$0..<$0 + columns].map(Double.init)
        }
    }
}
