"""BERT encoders (Devlin et al., NAACL 2019) over token numbers, as Hugging Face's are exported."""

from __future__ import annotations

import random
from dataclasses import dataclass

import numpy as np
import onnx
from onnx import TensorProto

from nnformer_training.onnx_writer import OnnxWriter, Value
from nnformer_training.zoo import tokens
from nnformer_training.zoo.family import Family
from nnformer_training.zoo.token_costs import draw_near_cost, encoder_block_macs

#: Hugging Face's for BERT.
_EPSILON = 1e-12


@dataclass(frozen=True)
class Recipe:
    """``length`` in tokens, ``embedding`` their width before it is projected to ``width`` (ALBERT) where they differ.

    ``has_mask``: a second input says which tokens are padding. ``per_token``: the head classifies every token (tagging,
    question answering), else the pooled first one.
    """

    length: int
    vocabulary: int
    embedding: int
    depth: int
    width: int
    heads: int
    hidden: int
    is_fused: bool
    has_mask: bool
    per_token: bool
    classes: int
    opset: int


def sample(generator: random.Random) -> Recipe:
    return draw_near_cost(generator, _draw, _macs)


def write(recipe: Recipe) -> onnx.ModelProto:
    writer = OnnxWriter("bert", recipe.opset)
    numbers = writer.input("input_ids", (recipe.length,), TensorProto.INT64)
    padding = _padding(writer, "attention_mask", recipe.length) if recipe.has_mask else None
    x = tokens.embedding(writer, numbers, "words", recipe.vocabulary, recipe.embedding)
    x = tokens.add_parameter(writer, x, "positions")
    x = tokens.layer_norm(writer, x, "embeddings.norm", epsilon=_EPSILON)
    if recipe.embedding != recipe.width:
        x = tokens.linear(writer, x, "embeddings.projection", recipe.width)
    for layer in range(recipe.depth):
        x = _block(writer, x, f"layer{layer}", recipe, padding)
    if recipe.per_token:
        return writer.finish(tokens.linear(writer, x, "classifier", recipe.classes))
    x = writer.linear(tokens.token(writer, x, "pooler.first", 0), "pooler", recipe.width)
    x = writer.node("Tanh", "pooler.act", [x.name], x.shape)
    return writer.finish(writer.linear(x, "classifier", recipe.classes))


def _draw(generator: random.Random) -> Recipe:
    heads, width = tokens.draw_heads(generator)
    return Recipe(
        length=generator.choice((16, 32, 48, 64, 96, 128, 128, 192, 256, 384, generator.randint(16, 384))),
        vocabulary=generator.choice((1000, 8000, 30522)),
        embedding=128 if generator.random() < 0.2 else width,
        depth=generator.randint(1, 12),
        width=width,
        heads=heads,
        hidden=int(width * generator.choice((1, 2, 3, 4, 4, 4))),
        is_fused=generator.random() < 0.2,
        has_mask=generator.random() < 0.5,
        per_token=generator.random() < 0.4,
        classes=generator.choice((2, 2, 3, 9, 20)),
        opset=generator.choice(tokens.OPSETS),
    )


def _macs(recipe: Recipe) -> int:
    return recipe.depth * encoder_block_macs(recipe.length, recipe.width, recipe.hidden)


def _block(writer: OnnxWriter, x: Value, name: str, recipe: Recipe, padding: Value | None) -> Value:
    """Attention and MLP, the sums normalised, not what enters."""

    def bias_scores(scores: Value, score_name: str) -> Value:
        if padding is None:
            return scores
        return writer.node("Add", score_name, [scores.name, padding.name], scores.shape)

    y = tokens.attention(
        writer, x, f"{name}.attention", recipe.heads, is_fused=recipe.is_fused, bias_scores=bias_scores
    )
    x = tokens.layer_norm(writer, writer.add(y, x, f"{name}.sum1"), f"{name}.norm1", epsilon=_EPSILON)
    y = tokens.mlp(writer, x, f"{name}.mlp", recipe.hidden)
    return tokens.layer_norm(writer, writer.add(y, x, f"{name}.sum2"), f"{name}.norm2", epsilon=_EPSILON)


def _padding(writer: OnnxWriter, name: str, length: int) -> Value:
    """What is added to scores: 0 where the input ``name`` is 1, the lowest float where it is 0 (padding)."""
    mask = writer.input(name, (length,), TensorProto.INT64)
    axes = writer.constant(f"{name}.axes", np.array([1, 2], np.int64))
    x = writer.node("Unsqueeze", f"{name}.unsqueeze", [mask.name, axes], (1, 1, length))
    x = writer.node("Cast", f"{name}.cast", [x.name], x.shape, to=int(TensorProto.FLOAT))
    one = writer.constant(f"{name}.one", np.float32(1.0))
    x = writer.node("Sub", f"{name}.padding", [one, x.name], x.shape)
    lowest = writer.constant(f"{name}.lowest", np.finfo(np.float32).min)
    return writer.node("Mul", f"{name}.scaled", [x.name, lowest], x.shape)


FAMILY = Family("bert", Recipe, sample, write)
