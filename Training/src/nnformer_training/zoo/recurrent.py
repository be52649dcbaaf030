"""Stacked LSTM and GRU layers over features or embedded tokens, as PyTorch exports modules with ``batch_first``."""

from __future__ import annotations

import random
from dataclasses import dataclass

import numpy as np
import onnx
from onnx import TensorProto

from nnformer_training.onnx_writer import OnnxWriter, Value
from nnformer_training.zoo import tokens
from nnformer_training.zoo.family import Family
from nnformer_training.zoo.token_costs import draw_near_cost

#: Matrices that a cell holds for its input, and as many for its state.
GATES = {"LSTM": 4, "GRU": 3}


@dataclass(frozen=True)
class Recipe:
    """``cell`` is the operator; ``hidden`` the state's width in one direction; ``length`` in steps.

    ``vocabulary`` 0: the input is ``features`` numbers a step; otherwise token numbers, embedded to ``features``.
    ``per_step``: the head classifies every step, else the last.
    """

    cell: str
    layers: int
    is_bidirectional: bool
    length: int
    features: int
    hidden: int
    vocabulary: int
    per_step: bool
    classes: int

    @property
    def directions(self) -> int:
        return 1 + self.is_bidirectional


def sample(generator: random.Random) -> Recipe:
    return draw_near_cost(generator, _draw, _macs)


def write(recipe: Recipe) -> onnx.ModelProto:
    writer = OnnxWriter("recurrent")
    if recipe.vocabulary:
        numbers = writer.input("input_ids", (recipe.length,), TensorProto.INT64)
        x = tokens.embedding(writer, numbers, "words", recipe.vocabulary, recipe.features)
    else:
        x = writer.input("input", (recipe.length, recipe.features))
    x = writer.node("Transpose", "to_steps_first", [x.name], x.shape, perm=(1, 0, 2))
    for layer in range(recipe.layers):
        x = _layer(writer, x, f"layer{layer}", recipe)
    x = writer.node("Transpose", "to_batch_first", [x.name], x.shape, perm=(1, 0, 2))
    if recipe.per_step:
        return writer.finish(tokens.linear(writer, x, "classifier", recipe.classes))
    return writer.finish(writer.linear(tokens.token(writer, x, "last", -1), "classifier", recipe.classes))


def _draw(generator: random.Random) -> Recipe:
    return Recipe(
        cell=generator.choice(tuple(GATES)),
        layers=generator.randint(1, 4),
        is_bidirectional=generator.random() < 0.5,
        length=generator.choice((10, 16, 20, 32, 50, 64, 100, 128, 200, 256, generator.randint(8, 300))),
        features=generator.choice((16, 32, 40, 64, 80, 100, 128, 200, 256, 300, 512)),
        hidden=8 * generator.randint(8, 96),
        vocabulary=generator.choice((0, 0, 1000, 10000)),
        per_step=generator.random() < 0.5,
        classes=generator.choice((2, 10, 29, 100, 1000)),
    )


def _macs(recipe: Recipe) -> int:
    out = recipe.directions * recipe.hidden
    read = recipe.features + (recipe.layers - 1) * out + recipe.layers * recipe.hidden
    return recipe.length * (out * GATES[recipe.cell] * read + recipe.per_step * out * recipe.classes)


def _layer(writer: OnnxWriter, x: Value, name: str, recipe: Recipe) -> Value:
    """Steps come first, then the batch. States start at zero, which the operators take unsaid."""
    length, features = x.shape
    rows, directions, hidden = GATES[recipe.cell] * recipe.hidden, recipe.directions, recipe.hidden
    inputs = [
        x.name,
        writer.weight(f"{name}.W", (directions, rows, features)),
        writer.weight(f"{name}.R", (directions, rows, hidden)),
        writer.weight(f"{name}.B", (directions, 2 * rows)),
    ]
    # PyTorch's GRU applies the reset gate after its matrix product.
    attributes = {"linear_before_reset": 1} if recipe.cell == "GRU" else {}
    direction = "bidirectional" if recipe.is_bidirectional else "forward"
    shape = (length, directions, hidden)
    x = writer.node(recipe.cell, f"{name}.cell", inputs, shape, hidden_size=hidden, direction=direction, **attributes)
    # (steps, directions, batch, hidden) to (steps, batch, directions · hidden).
    x = writer.node("Transpose", f"{name}.transpose", [x.name], shape, perm=(0, 2, 1, 3))
    target = writer.constant(f"{name}.shape", np.array([0, 0, directions * hidden], np.int64))
    return writer.node("Reshape", name, [x.name, target], (length, directions * hidden))


FAMILY = Family("recurrent", Recipe, sample, write)
