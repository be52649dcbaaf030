"""GPT-2-like decoders (Radford et al., 2019) that read a whole prompt at once: causal attention, no cache."""

from __future__ import annotations

import random
from dataclasses import dataclass

import onnx
from onnx import TensorProto

from nnformer_training.onnx_writer import OnnxWriter, Value
from nnformer_training.zoo import tokens
from nnformer_training.zoo.family import Family
from nnformer_training.zoo.token_costs import draw_near_cost, encoder_block_macs

_ACTIVATIONS = {"tanh_gelu": tokens.tanh_gelu, "gelu": tokens.gelu, "relu": OnnxWriter.relu}


@dataclass(frozen=True)
class Recipe:
    """``length`` in tokens. ``head``: ``none`` ends in the last normalisation, ``all`` predicts after every token,
    ``last`` after the last one only, as generating text does."""

    length: int
    vocabulary: int
    depth: int
    width: int
    heads: int
    hidden: int
    activation: str
    is_fused: bool
    head: str
    opset: int


def sample(generator: random.Random) -> Recipe:
    return draw_near_cost(generator, _draw, _macs)


def write(recipe: Recipe) -> onnx.ModelProto:
    writer = OnnxWriter("gpt", recipe.opset)
    numbers = writer.input("input_ids", (recipe.length,), TensorProto.INT64)
    mask = writer.weight("causal_mask", (1, 1, recipe.length, recipe.length))

    def bias_scores(scores: Value, name: str) -> Value:
        return writer.node("Add", name, [scores.name, mask], scores.shape)

    x = tokens.embedding(writer, numbers, "words", recipe.vocabulary, recipe.width)
    x = tokens.add_parameter(writer, x, "positions")
    for layer in range(recipe.depth):
        x = tokens.encoder_block(
            writer, x, f"block{layer}", recipe.heads, recipe.hidden,
            is_fused=recipe.is_fused, activation=_ACTIVATIONS[recipe.activation], bias_scores=bias_scores,
        )  # fmt: skip
    x = tokens.layer_norm(writer, x, "norm")
    if recipe.head == "last":
        x = tokens.token(writer, x, "last", -1)
    if recipe.head != "none":
        # A head tied to the embedding has a weight of its own here too: exporters transpose it ahead of time.
        x = tokens.linear(writer, x, "head", recipe.vocabulary, has_bias=False)
    return writer.finish(x)


def _draw(generator: random.Random) -> Recipe:
    heads, width = tokens.draw_heads(generator)
    return Recipe(
        length=generator.choice((16, 32, 64, 64, 128, 128, 256, generator.randint(16, 384))),
        vocabulary=generator.choice((256, 1000, 4000, 16000)),
        depth=generator.randint(1, 12),
        width=width,
        heads=heads,
        hidden=int(width * generator.choice((2, 3, 4, 4, 4))),
        activation=generator.choice(("tanh_gelu", "tanh_gelu", "gelu", "relu")),
        is_fused=generator.random() < 0.7,
        head=generator.choice(("none", "all", "last")),
        opset=generator.choice(tokens.OPSETS),
    )


def _macs(recipe: Recipe) -> int:
    predictions = {"none": 0, "all": recipe.length, "last": 1}[recipe.head]
    blocks = recipe.depth * encoder_block_macs(recipe.length, recipe.width, recipe.hidden)
    return blocks + predictions * recipe.width * recipe.vocabulary


FAMILY = Family("gpt", Recipe, sample, write)
