"""A width that meets a cost, for families whose cost no published network states."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import TypeVar

import onnx

from nnformer_training.zoo.draws import draw_macs

Recipe = TypeVar("Recipe")

#: Multiply-accumulates for one element of the output, from the weight's shape. Transposed convolutions are taken to
#: be without overlap (kernel = stride), and Gemm to have its weight as (out, in).
_PER_OUTPUT: dict[str, Callable[[tuple[int, ...]], int]] = {
    "Conv": lambda weight: math.prod(weight[1:]),
    "ConvTranspose": lambda weight: weight[0],
    "Gemm": lambda weight: weight[1],
    "MatMul": lambda weight: weight[-2],
}

#: Rounding makes the cost a staircase, so a few steps come as close as many.
_STEPS = 4


def multiply_accumulates(model: onnx.ModelProto) -> int:
    """Of convolutions and of products with weights, at batch 1."""
    graph = onnx.shape_inference.infer_shapes(model).graph
    weights = {tensor.name: tuple(tensor.dims) for tensor in graph.initializer}
    sizes = {
        value.name: math.prod(dimension.dim_value for dimension in value.type.tensor_type.shape.dim[1:])
        for value in (*graph.value_info, *graph.output)
    }
    return sum(
        sizes[node.output[0]] * _PER_OUTPUT[node.op_type](weights[node.input[1]])
        for node in graph.node
        if node.op_type in _PER_OUTPUT and node.input[1] in weights
    )


def fit_width(
    recipe_at: Callable[[float], Recipe],
    write: Callable[[Recipe], onnx.ModelProto],
    macs: float,
    bounds: tuple[float, float] = (0.05, 8.0),
) -> Recipe:
    """The recipe whose network costs about ``macs``; ``recipe_at`` scales all channels by its argument.

    Costs grow with about the square of the width. The bounds keep the network a plausible one and win over the cost.
    """
    width = 1.0
    for _ in range(_STEPS):
        cost = multiply_accumulates(write(recipe_at(width)))
        width = min(max(width * math.sqrt(macs / cost), bounds[0]), bounds[1])
    return recipe_at(width)


def draw_at_cost(
    generator: random.Random,
    draw: Callable[[random.Random, float], Recipe],
    write: Callable[[Recipe], onnx.ModelProto],
    bounds: tuple[float, float],
) -> Recipe:
    """The recipe that ``draw`` makes of random numbers and a width, at the width that costs what was drawn."""
    seed = generator.getrandbits(64)
    return fit_width(lambda width: draw(random.Random(seed), width), write, draw_macs(generator), bounds)
