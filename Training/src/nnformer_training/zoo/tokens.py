"""Layers of transformers over values of shape (tokens, width), as PyTorch's exporter writes them.

The last axis is the width everywhere; ``linear``, ``layer_norm`` and the activations take any axes before it.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable

import numpy as np

from nnformer_training.onnx_writer import OnnxWriter, Value
from nnformer_training.search_spaces.blocks import Activation

#: First opset with the LayerNormalization operator; exporters decompose it before.
LAYER_NORM_OPSET = 17

#: The opsets that token families draw from: with a LayerNormalization operator and without.
OPSETS = (13, LAYER_NORM_OPSET)

#: Replaces the scores (heads, tokens, tokens) of an attention; takes the name for the node that does.
BiasScores = Callable[[Value, str], Value]


def linear(writer: OnnxWriter, x: Value, name: str, out_features: int, *, has_bias: bool = True) -> Value:
    """``nn.Linear`` on more than two axes: MatMul by the transposed weight, then Add."""
    weight = writer.weight(f"{name}.weight", (x.shape[-1], out_features))
    shape = (*x.shape[:-1], out_features)
    if not has_bias:
        return writer.node("MatMul", name, [x.name, weight], shape)
    product = writer.node("MatMul", f"{name}.matmul", [x.name, weight], shape)
    return writer.node("Add", name, [writer.weight(f"{name}.bias", (out_features,)), product.name], shape)


def layer_norm(writer: OnnxWriter, x: Value, name: str, *, epsilon: float = 1e-5) -> Value:
    """Normalisation over the last axis: one operator at opset 17, nine before."""
    width = x.shape[-1]
    scale, bias = writer.weight(f"{name}.weight", (width,)), writer.weight(f"{name}.bias", (width,))
    if writer.opset >= LAYER_NORM_OPSET:
        return writer.node("LayerNormalization", name, [x.name, scale, bias], x.shape, axis=-1, epsilon=epsilon)
    row = (*x.shape[:-1], 1)
    mean = writer.node("ReduceMean", f"{name}.mean", [x.name], row, axes=(-1,), keepdims=1)
    centred = writer.node("Sub", f"{name}.centred", [x.name, mean.name], x.shape)
    square = _with_scalar(writer, "Pow", centred, f"{name}.square", 2.0)
    variance = writer.node("ReduceMean", f"{name}.variance", [square.name], row, axes=(-1,), keepdims=1)
    variance = _with_scalar(writer, "Add", variance, f"{name}.stabilised", epsilon)
    deviation = writer.node("Sqrt", f"{name}.deviation", [variance.name], row)
    normal = writer.node("Div", f"{name}.normal", [centred.name, deviation.name], x.shape)
    scaled = writer.node("Mul", f"{name}.scaled", [normal.name, scale], x.shape)
    return writer.node("Add", name, [scaled.name, bias], x.shape)


def gelu(writer: OnnxWriter, x: Value, name: str) -> Value:
    """x · (1 + erf(x / √2)) / 2; there is no operator of its own before opset 20."""
    y = _with_scalar(writer, "Div", x, f"{name}.div", math.sqrt(2.0))
    y = writer.node("Erf", f"{name}.erf", [y.name], x.shape)
    y = _with_scalar(writer, "Add", y, f"{name}.one", 1.0)
    y = writer.multiply(x, y, f"{name}.mul")
    return _with_scalar(writer, "Mul", y, name, 0.5)


def tanh_gelu(writer: OnnxWriter, x: Value, name: str) -> Value:
    """x/2 · (1 + tanh(√(2/π) · (x + 0.044715 x³))), GPT-2's approximation."""
    half = _with_scalar(writer, "Mul", x, f"{name}.half", 0.5)
    y = _with_scalar(writer, "Pow", x, f"{name}.cube", 3.0)
    y = _with_scalar(writer, "Mul", y, f"{name}.cubic", 0.044715)
    y = _with_scalar(writer, "Mul", writer.add(x, y, f"{name}.sum"), f"{name}.inner", math.sqrt(2.0 / math.pi))
    y = writer.node("Tanh", f"{name}.tanh", [y.name], x.shape)
    y = _with_scalar(writer, "Add", y, f"{name}.one", 1.0)
    return writer.multiply(half, y, name)


def mlp(
    writer: OnnxWriter,
    x: Value,
    name: str,
    hidden: int,
    activation: Activation = gelu,
) -> Value:
    """Two linear layers, the second back to the width of ``x``."""
    y = activation(writer, linear(writer, x, f"{name}.fc1", hidden), f"{name}.act")
    return linear(writer, y, f"{name}.fc2", x.shape[-1])


def draw_heads(generator: random.Random, least_width: int = 64, most_width: int = 768) -> tuple[int, int]:
    """(heads, width): heads of 16 to 96 numbers, mostly the usual 64, that make a width between the bounds."""
    head = generator.choice((16, 24, 32, 32, 40, 48, 64, 64, 64, 64, 80, 96))
    heads = generator.randint(-(-least_width // head), most_width // head)
    return heads, heads * head


def encoder_block(
    writer: OnnxWriter,
    x: Value,
    name: str,
    heads: int,
    hidden: int,
    *,
    is_fused: bool,
    activation: Activation = gelu,
    bias_scores: BiasScores | None = None,
) -> Value:
    """Attention and MLP, each on a normalised copy of what it is added to (ViT, GPT-2)."""
    y = layer_norm(writer, x, f"{name}.norm1")
    y = attention(writer, y, f"{name}.attention", heads, is_fused=is_fused, bias_scores=bias_scores)
    x = writer.add(x, y, f"{name}.sum1")
    y = mlp(writer, layer_norm(writer, x, f"{name}.norm2"), f"{name}.mlp", hidden, activation)
    return writer.add(x, y, f"{name}.sum2")


def attention(
    writer: OnnxWriter,
    x: Value,
    name: str,
    heads: int,
    *,
    is_fused: bool,
    bias_scores: BiasScores | None = None,
) -> Value:
    """Multi-head self-attention of x (tokens, width), output projection included.

    ``is_fused``: one matrix product gives queries, keys and values, and queries are scaled (timm); otherwise there are
    three products and scores are scaled (Hugging Face's BERT). ``bias_scores`` adds masks and relative positions.
    """
    tokens, width = x.shape
    if width % heads:
        raise ValueError(f"{name}: {heads} heads do not divide a width of {width}")
    head = width // heads
    if is_fused:
        query, key, value = _fused_projections(writer, x, name, heads)
        query = _with_scalar(writer, "Mul", query, f"{name}.query.scaled", head**-0.5)
    else:
        query, key, value = (_split_heads(writer, x, f"{name}.{part}", heads) for part in ("query", "key", "value"))
    key = writer.node("Transpose", f"{name}.key.transpose", [key.name], (heads, head, tokens), perm=(0, 1, 3, 2))
    scores = writer.node("MatMul", f"{name}.scores", [query.name, key.name], (heads, tokens, tokens))
    if not is_fused:
        scores = _with_scalar(writer, "Div", scores, f"{name}.scores.scaled", head**0.5)
    if bias_scores is not None:
        scores = bias_scores(scores, f"{name}.scores.biased")
    weights = writer.node("Softmax", f"{name}.softmax", [scores.name], scores.shape, axis=-1)
    mixed = writer.node("MatMul", f"{name}.mixed", [weights.name, value.name], (heads, tokens, head))
    merged = writer.node("Transpose", f"{name}.merged", [mixed.name], (tokens, heads, head), perm=(0, 2, 1, 3))
    return linear(writer, reshape(writer, merged, f"{name}.flat", (tokens, width)), f"{name}.proj", width)


def reshape(writer: OnnxWriter, x: Value, name: str, shape: tuple[int, ...], *, batch: int = 0) -> Value:
    """To (batch, *shape). ``batch`` 0 keeps the axis; -1 infers it, where other axes move into it or out of it."""
    target = writer.constant(f"{name}.shape", np.array([batch, *shape], np.int64))
    return writer.node("Reshape", name, [x.name, target], shape)


def mean_over_tokens(writer: OnnxWriter, x: Value, name: str) -> Value:
    """The mean over every axis between the batch and the width."""
    axes = tuple(range(1, len(x.shape)))
    return writer.node("ReduceMean", name, [x.name], (x.shape[-1],), axes=axes, keepdims=0)


def token(writer: OnnxWriter, x: Value, name: str, position: int) -> Value:
    """``x[:, position]``; -1 is the last token."""
    index = writer.constant(f"{name}.index", np.array(position, np.int64))
    return writer.node("Gather", name, [x.name, index], x.shape[1:], axis=1)


def embedding(writer: OnnxWriter, numbers: Value, name: str, vocabulary: int, width: int) -> Value:
    """Rows of a table by token number, (tokens) to (tokens, width)."""
    table = writer.weight(f"{name}.weight", (vocabulary, width))
    return writer.node("Gather", name, [table, numbers.name], (*numbers.shape, width), axis=0)


def add_parameter(writer: OnnxWriter, x: Value, name: str) -> Value:
    """x + a learned tensor that all items of a batch share, such as a table of positions."""
    return writer.node("Add", name, [x.name, writer.weight(f"{name}.weight", (1, *x.shape))], x.shape)


def patches(writer: OnnxWriter, x: Value, name: str, width: int, patch: int) -> Value:
    """An image (3, h, w) as tokens (h/patch · w/patch, width): a convolution without overlap, flattened."""
    x = writer.convolution(x, f"{name}.conv", width, patch, stride=patch, padding=0, has_bias=True)
    tokens = math.prod(x.shape[1:])
    x = reshape(writer, x, f"{name}.flat", (width, tokens))
    return writer.node("Transpose", name, [x.name], (tokens, width), perm=(0, 2, 1))


def _fused_projections(writer: OnnxWriter, x: Value, name: str, heads: int) -> tuple[Value, Value, Value]:
    tokens, width = x.shape
    head = width // heads
    y = linear(writer, x, f"{name}.qkv", 3 * width)
    y = reshape(writer, y, f"{name}.qkv.split", (tokens, 3, heads, head))
    # The batch is the second axis here; shapes leave it out wherever it is.
    y = writer.node("Transpose", f"{name}.qkv.stack", [y.name], (3, heads, tokens, head), perm=(2, 0, 3, 1, 4))
    query, key, value = (
        writer.node(
            "Gather", f"{name}.{part}",
            [y.name, writer.constant(f"{name}.{part}.index", np.array(position, np.int64))],
            y.shape[1:], axis=0,
        )
        for position, part in enumerate(("query", "key", "value"))
    )  # fmt: skip
    return query, key, value


def _split_heads(writer: OnnxWriter, x: Value, name: str, heads: int) -> Value:
    tokens, width = x.shape
    y = reshape(writer, linear(writer, x, name, width), f"{name}.split", (tokens, heads, width // heads))
    shape = (heads, tokens, width // heads)
    return writer.node("Transpose", f"{name}.heads", [y.name], shape, perm=(0, 2, 1, 3))


def _with_scalar(writer: OnnxWriter, operator: str, x: Value, name: str, scalar: float) -> Value:
    return writer.node(operator, name, [x.name, writer.constant(f"{name}.scalar", np.float32(scalar))], x.shape)
