"""A stand-in for libnnformer: simple features of ONNX graphs, enough to test everything around them."""

from __future__ import annotations

import hashlib

import numpy as np
import onnx
from synthetic_graphs import neighbour_lists

from nnformer_training.features.graph_library import GraphData


class FakeLibrary:
    """Features: operator code, batch size, number of weights. The hash ignores names and the order of nodes."""

    version = "0.0.0"
    feature_schema = 99
    feature_names = ("operator", "batch", "weights")
    graph_feature_names = ("nodes", "batch")

    def graph_data(self, model: bytes, batch: int) -> GraphData:
        graph = onnx.ModelProto.FromString(model).graph
        sizes = {tensor.name: float(np.prod(tensor.dims)) for tensor in graph.initializer}
        numbers = {node.output[0]: number for number, node in enumerate(graph.node)}
        edges = [
            (numbers[name], numbers[node.output[0]]) for node in graph.node for name in node.input if name in numbers
        ]
        lists = neighbour_lists(len(graph.node), edges)
        features = [
            [sum(node.op_type.encode()), batch, sum(sizes.get(name, 0) for name in node.input)] for node in graph.node
        ]
        return GraphData(
            features=np.array(features, np.float32),
            graph_features=np.array([len(graph.node), batch], np.float32),
            relations=tuple(
                (
                    np.cumsum([0, *map(len, rows)]).astype(np.uint32),
                    np.array([node for row in rows for node in row], np.uint32),
                )
                for rows in lists
            ),
            totals=np.array([batch, 2, 3, 4, 5], np.float64) * len(graph.node),
            graph_hash=self.graph_hash(model, batch),
        )

    def graph_hash(self, model: bytes, batch: int) -> str:
        graph = onnx.ModelProto.FromString(model).graph
        colours = {value.name: "input" for value in graph.input}
        sizes = {tensor.name: str(tuple(tensor.dims)) for tensor in graph.initializer}
        for node in graph.node:
            inputs = sorted(colours.get(name) or sizes[name] for name in node.input)
            text = f"{node.op_type}{inputs}{sorted(str(attribute) for attribute in node.attribute)}"
            colours[node.output[0]] = hashlib.sha256(text.encode()).hexdigest()
        outputs = "".join(colours[value.name] for value in graph.output)
        return hashlib.sha256(f"{batch}{outputs}".encode()).hexdigest()[:32]
