"""Vision transformers (Dosovitskiy et al., ICLR 2021) as timm writes them, with a class token or mean pooling."""

from __future__ import annotations

import random
from dataclasses import dataclass

import numpy as np
import onnx

from nnformer_training.onnx_writer import OnnxWriter, Value
from nnformer_training.zoo import tokens
from nnformer_training.zoo.draws import draw_classes
from nnformer_training.zoo.family import Family
from nnformer_training.zoo.token_costs import draw_near_cost, encoder_block_macs


@dataclass(frozen=True)
class Recipe:
    """``resolution`` and ``patch`` in pixels a side; ``hidden`` is the width inside the MLPs."""

    resolution: int
    patch: int
    depth: int
    width: int
    heads: int
    hidden: int
    has_class_token: bool
    is_fused: bool
    classes: int
    opset: int

    @property
    def tokens(self) -> int:
        return (self.resolution // self.patch) ** 2 + self.has_class_token


def sample(generator: random.Random) -> Recipe:
    return draw_near_cost(generator, _draw, _macs)


def write(recipe: Recipe) -> onnx.ModelProto:
    writer = OnnxWriter("vit", recipe.opset)
    x = writer.input("input", (3, recipe.resolution, recipe.resolution))
    x = tokens.patches(writer, x, "patches", recipe.width, recipe.patch)
    if recipe.has_class_token:
        x = _prepend_class_token(writer, x, "class_token")
    x = tokens.add_parameter(writer, x, "positions")
    for layer in range(recipe.depth):
        x = tokens.encoder_block(writer, x, f"block{layer}", recipe.heads, recipe.hidden, is_fused=recipe.is_fused)
    x = tokens.layer_norm(writer, x, "norm")
    x = tokens.token(writer, x, "pool", 0) if recipe.has_class_token else tokens.mean_over_tokens(writer, x, "pool")
    return writer.finish(writer.linear(x, "classifier", recipe.classes))


def _draw(generator: random.Random) -> Recipe:
    patch = generator.choice((8, 14, 16, 16, 16, 32))
    heads, width = tokens.draw_heads(generator)
    return Recipe(
        resolution=patch * generator.randint(-(-96 // patch), 288 // patch),
        patch=patch,
        depth=generator.randint(1, 12),
        width=width,
        heads=heads,
        hidden=int(width * generator.choice((1, 2, 3, 4, 4, 4))),
        has_class_token=generator.random() < 0.5,
        is_fused=generator.random() < 0.7,
        classes=draw_classes(generator),
        opset=generator.choice(tokens.OPSETS),
    )


def _macs(recipe: Recipe) -> int:
    embedding = recipe.resolution**2 * 3 * recipe.width
    return embedding + recipe.depth * encoder_block_macs(recipe.tokens, recipe.width, recipe.hidden)


def _prepend_class_token(writer: OnnxWriter, x: Value, name: str) -> Value:
    count, width = x.shape
    # The token is repeated as often as the batch is long, which only x knows.
    shape = writer.node("Shape", f"{name}.shape", [x.name], ())
    first = [writer.constant(f"{name}.batch.{part}", np.array([at], np.int64)) for part, at in (("from", 0), ("to", 1))]
    batch = writer.node("Slice", f"{name}.batch", [shape.name, *first], ())
    rest = writer.constant(f"{name}.rest", np.array([1, width], np.int64))
    target = writer.node("Concat", f"{name}.target", [batch.name, rest], (), axis=0)
    parameter = writer.weight(f"{name}.weight", (1, 1, width))
    repeated = writer.node("Expand", f"{name}.expand", [parameter, target.name], (1, width))
    return writer.node("Concat", name, [repeated.name, x.name], (count + 1, width), axis=1)


FAMILY = Family("vit", Recipe, sample, write)
