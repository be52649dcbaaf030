"""MLP-Mixers (Tolstikhin et al., NeurIPS 2021): MLPs over tokens and over channels in turn."""

from __future__ import annotations

import random
from dataclasses import dataclass

import onnx

from nnformer_training.onnx_writer import OnnxWriter, Value
from nnformer_training.zoo import tokens
from nnformer_training.zoo.draws import draw_classes
from nnformer_training.zoo.family import Family
from nnformer_training.zoo.token_costs import draw_near_cost


@dataclass(frozen=True)
class Recipe:
    """``resolution`` and ``patch`` in pixels a side; the hidden widths are those inside the two MLPs of a block."""

    resolution: int
    patch: int
    depth: int
    width: int
    token_hidden: int
    channel_hidden: int
    classes: int
    opset: int

    @property
    def tokens(self) -> int:
        return (self.resolution // self.patch) ** 2


def sample(generator: random.Random) -> Recipe:
    return draw_near_cost(generator, _draw, _macs)


def write(recipe: Recipe) -> onnx.ModelProto:
    writer = OnnxWriter("mlp_mixer", recipe.opset)
    x = writer.input("input", (3, recipe.resolution, recipe.resolution))
    x = tokens.patches(writer, x, "patches", recipe.width, recipe.patch)
    for layer in range(recipe.depth):
        x = _block(writer, x, f"block{layer}", recipe)
    x = tokens.mean_over_tokens(writer, tokens.layer_norm(writer, x, "norm"), "pool")
    return writer.finish(writer.linear(x, "classifier", recipe.classes))


def _draw(generator: random.Random) -> Recipe:
    patch = generator.choice((8, 16, 16, 16, 32))
    width = 16 * generator.randint(4, 48)
    return Recipe(
        resolution=patch * generator.randint(-(-96 // patch), 288 // patch),
        patch=patch,
        depth=generator.randint(1, 12),
        width=width,
        token_hidden=int(width * generator.choice((0.25, 0.5, 0.5, 1.0))),
        channel_hidden=int(width * generator.choice((1, 2, 3, 4, 4, 4))),
        classes=draw_classes(generator),
        opset=generator.choice(tokens.OPSETS),
    )


def _macs(recipe: Recipe) -> int:
    embedding = recipe.resolution**2 * 3 * recipe.width
    block = 2 * recipe.tokens * recipe.width * (recipe.token_hidden + recipe.channel_hidden)
    return embedding + recipe.depth * block


def _block(writer: OnnxWriter, x: Value, name: str, recipe: Recipe) -> Value:
    count, width = x.shape
    y = tokens.layer_norm(writer, x, f"{name}.norm1")
    y = writer.node("Transpose", f"{name}.to_channels", [y.name], (width, count), perm=(0, 2, 1))
    y = tokens.mlp(writer, y, f"{name}.token_mlp", recipe.token_hidden)
    y = writer.node("Transpose", f"{name}.to_tokens", [y.name], x.shape, perm=(0, 2, 1))
    x = writer.add(x, y, f"{name}.sum1")
    y = tokens.mlp(writer, tokens.layer_norm(writer, x, f"{name}.norm2"), f"{name}.channel_mlp", recipe.channel_hidden)
    return writer.add(x, y, f"{name}.sum2")


FAMILY = Family("mlp_mixer", Recipe, sample, write)
