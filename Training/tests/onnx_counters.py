"""Counters over a written ONNX graph, independent of the writer: shapes come from onnx's own inference."""

from __future__ import annotations

import math

import numpy as np
import onnx

Shapes = dict[str, tuple[int, ...]]


def infer_shapes(model: onnx.ModelProto, batch: int = 1) -> Shapes:
    """Shape of every tensor once the batch axis is fixed; fails where inference leaves an axis open."""
    fixed = onnx.ModelProto()
    fixed.CopyFrom(model)
    for value in (*fixed.graph.input, *fixed.graph.output):
        value.type.tensor_type.shape.dim[0].Clear()
    for value in fixed.graph.input:
        value.type.tensor_type.shape.dim[0].dim_value = batch
    inferred = onnx.shape_inference.infer_shapes(fixed, check_type=True, strict_mode=True, data_prop=True).graph
    shapes: Shapes = {tensor.name: tuple(tensor.dims) for tensor in inferred.initializer}
    for value in (*inferred.input, *inferred.value_info, *inferred.output):
        shapes[value.name] = tuple(dimension.dim_value for dimension in value.type.tensor_type.shape.dim)
        assert all(shapes[value.name]), f"{value.name} has an open axis: {shapes[value.name]}"
    return shapes


def trainable_parameters(model: onnx.ModelProto) -> int:
    """Weights and biases of convolutions and linear layers, scale and bias of normalisations."""
    shapes = {tensor.name: tuple(tensor.dims) for tensor in model.graph.initializer}
    counted = {"Conv": slice(1, None), "Gemm": slice(1, None), "BatchNormalization": slice(1, 3)}
    return sum(
        math.prod(shapes[name])
        for node in model.graph.node
        if node.op_type in counted
        for name in node.input[counted[node.op_type]]
    )


def multiply_accumulates(model: onnx.ModelProto, shapes: Shapes) -> int:
    """Of convolutions and linear layers, biases not counted."""
    total = 0
    for node in model.graph.node:
        if node.op_type in ("Conv", "Gemm"):
            total += math.prod(shapes[node.output[0]]) * math.prod(shapes[node.input[1]][1:])
    return total


def with_random_weights(model: onnx.ModelProto, seed: int) -> onnx.ModelProto:
    """The model with a payload in place of every external reference, so that a runtime can execute it."""
    generator = np.random.default_rng(seed)
    filled = onnx.ModelProto()
    filled.CopyFrom(model)
    for tensor in filled.graph.initializer:
        if tensor.data_location == onnx.TensorProto.EXTERNAL:
            values = generator.uniform(0.05, 0.15, tuple(tensor.dims)).astype(np.float32)
            tensor.ClearField("data_location")
            tensor.ClearField("external_data")
            tensor.raw_data = values.tobytes()
    return filled
