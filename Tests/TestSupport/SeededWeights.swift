import Foundation

/// Weights of any size as a function of a seed: the counterpart of `nnformer_training.fixtures.random_weights`, which says
/// how every element comes about. Both make the same bits, so golden values need no stored weights.
package struct SeededWeights {
    package var featureCount: Int
    package var graphFeatureCount: Int
    package var layers = 2
    package var width = 8
    package var feedForwardRatio = 4
    package var head = "additive"
    package var headWidth = 6
    package var platformIds = ["2080ti-pytorch-fp32", "gtx1660-tensorrt7.1-fp32", "pixel3-tflite-fp32"]
    package var seed: UInt64 = 1

    package init(featureCount: Int, graphFeatureCount: Int) {
        self.featureCount = featureCount
        self.graphFeatureCount = graphFeatureCount
    }

    /// Names and shapes as Documentation/Model.md lists them.
    package var shapes: [(name: String, shape: [Int])] {
        let expanded = width * feedForwardRatio
        var shapes: [(String, [Int])] = [("embed.weight", [width, featureCount]), ("embed.bias", [width])]
        for layer in 0..<layers {
            let prefix = "layers.\(layer)."
            shapes += [
                (prefix + "attention_norm.weight", [width]), (prefix + "attention_norm.bias", [width]),
                (prefix + "attention.qkv.weight", [3 * width, width]),
                (prefix + "attention.qkv.bias", [3 * width]),
                (prefix + "attention.project.weight", [width, width]),
                (prefix + "attention.project.bias", [width]),
                (prefix + "attention_scale", [width]),
                (prefix + "feedforward_norm.weight", [width]), (prefix + "feedforward_norm.bias", [width]),
                (prefix + "feedforward.expand.weight", [expanded, width]),
                (prefix + "feedforward.expand.bias", [expanded]),
                (prefix + "feedforward.aggregate.weight", [expanded, width]),
                (prefix + "feedforward.contract.weight", [width, expanded]),
                (prefix + "feedforward.contract.bias", [width]),
                (prefix + "feedforward_scale", [width]),
            ]
        }
        shapes += [("final_norm.weight", [width]), ("final_norm.bias", [width])]
        let platforms = platformIds.count
        if head == "pooled" {
            shapes += [("head.reduce.weight", [headWidth, width]), ("head.reduce.bias", [headWidth])]
        }
        shapes += [
            ("head.hidden.weight", [headWidth, head == "pooled" ? headWidth + graphFeatureCount : width]),
            ("head.hidden.bias", [headWidth]),
            ("head.platform.weight", [platforms, headWidth]), ("head.platform.bias", [platforms]),
        ]
        if head == "additive" { shapes += [("head.rates", [3, platforms]), ("head.base", [platforms])] }
        return shapes
    }

    package var tensors: [NamedTensor] {
        shapes.map { name, shape in
            let (scale, shift) = Self.scaleAndShift(name, shape)
            let count = shape.reduce(1, *)
            var generator = SplitMix64(seed: seed ^ Self.fnv1a(name))
            let elements = (0..<count).map { _ in
                let unit = Float(generator.next() >> 40) / Float(1 << 24)
                return scale * (2 * unit - 1) + shift
            }
            return NamedTensor(name, shape, elements)
        }
    }

    /// The metadata entry `nnformer`, for a library of that feature schema.
    package func metadata(featureSchema: UInt32) -> [String: Any] {
        [
            "format_version": 2, "feature_schema": Int(featureSchema), "feature_count": featureCount,
            "graph_feature_count": graphFeatureCount, "layers": layers, "width": width, "heads": 4,
            "feedforward_ratio": feedForwardRatio, "activation": "relu", "head": head, "head_width": headWidth,
            "platforms": platformIds.map { id in
                [
                    "id": id, "device": "d", "runtime": "r", "precision": "fp32", "quantity": "latency",
                    "source": "random weights", "licence": "none",
                    "labels": [
                        [
                            "file": "f.csv", "column": "c", "family": "nasbench201", "batch": 32,
                            "training_networks": 10, "validation_networks": 2, "mape_percent": 1.5,
                            "within_10_percent": 99, "spearman": NSNull(),
                        ] as [String: Any]
                    ],
                ] as [String: Any]
            },
        ]
    }

    /// A weights file.
    package func bytes(metadata: [String: Any], tensors: [NamedTensor]? = nil) throws -> [UInt8] {
        let text = try JSONSerialization.data(withJSONObject: metadata, options: [.sortedKeys])
        return try SafetensorsDocument.bytes(
            tensors: tensors ?? self.tensors, metadata: ["nnformer": String(decoding: text, as: UTF8.self)])
    }

    private static func scaleAndShift(_ name: String, _ shape: [Int]) -> (scale: Float, shift: Float) {
        if name == "head.base" || name == "head.rates" { return (1, 0) }
        if name.contains("norm") { return (0.1, name.hasSuffix(".weight") ? 1 : 0) }
        if name.hasSuffix("_scale") { return (0.1, 0.5) }
        if name.hasSuffix(".bias") { return (0.1, 0) }
        return (Float(1 / Double(shape.last ?? 1).squareRoot()), 0)
    }

    private static func fnv1a(_ text: String) -> UInt64 {
        text.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }
}
