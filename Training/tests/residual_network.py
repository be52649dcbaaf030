"""A small network of the kinds of nodes that runtimes fuse, as an ONNX file with weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper


def write_residual_network(path: Path) -> onnx.ModelProto:
    """A convolution, its normalisation, an activation and a residual addition."""
    generator = np.random.default_rng(0)
    shapes = {"w": (16, 16, 3, 3), **dict.fromkeys(("scale", "shift", "mean", "variance"), (16,))}
    parameters = [
        helper.make_tensor(name, TensorProto.FLOAT, shape, np.abs(generator.standard_normal(shape)).ravel())
        for name, shape in shapes.items()
    ]
    nodes = [
        # Names of nodes are not those of their outputs, as in the files of most exporters.
        helper.make_node("Conv", ["x", "w"], ["c"], "conv", pads=[1, 1, 1, 1]),
        helper.make_node("BatchNormalization", ["c", "scale", "shift", "mean", "variance"], ["n"], "norm"),
        helper.make_node("Relu", ["n"], ["r"], "act"),
        helper.make_node("Add", ["r", "x"], ["s"], "sum"),
        helper.make_node("GlobalAveragePool", ["s"], ["y"], "pool"),
    ]
    tensor = helper.make_tensor_value_info
    graph = helper.make_graph(
        nodes, "residual", [tensor("x", TensorProto.FLOAT, (1, 16, 32, 32))],
        [tensor("y", TensorProto.FLOAT, (1, 16, 1, 1))], parameters,
    )  # fmt: skip
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, path)
    return model
