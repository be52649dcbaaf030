"""Blocks that several families of convolutional networks share.

Every block takes the writer, its input and its name, which prefixes the names of its nodes. Convolutions inside
blocks have no bias and a BatchNormalization node follows them, unless said otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from nnformer_training.onnx_writer import Extents, OnnxWriter, Value
from nnformer_training.search_spaces import blocks
from nnformer_training.search_spaces.blocks import Activation, classifier, convolution_norm
from nnformer_training.zoo.tokens import gelu


def relu6(writer: OnnxWriter, x: Value, name: str) -> Value:
    bounds = [writer.constant(f"{name}.{part}", np.float32(number)) for part, number in (("min", 0), ("max", 6))]
    return writer.node("Clip", name, [x.name, *bounds], x.shape)


def silu(writer: OnnxWriter, x: Value, name: str) -> Value:
    """x · sigmoid(x), also called swish: two nodes, as PyTorch exports it."""
    return writer.multiply(x, writer.sigmoid(x, f"{name}.gate"), name)


def leaky_relu(writer: OnnxWriter, x: Value, name: str) -> Value:
    return writer.node("LeakyRelu", name, [x.name], x.shape, alpha=0.1)


def elu(writer: OnnxWriter, x: Value, name: str) -> Value:
    return writer.node("Elu", name, [x.name], x.shape, alpha=1.0)


#: By the name that a recipe uses.
ACTIVATIONS: Mapping[str, Activation] = {
    "relu": OnnxWriter.relu,
    "relu6": relu6,
    "silu": silu,
    "hard_swish": OnnxWriter.hard_swish,
    "leaky_relu": leaky_relu,
    "elu": elu,
    "gelu": gelu,
}

#: What makes factors of a squeeze-excite block's last convolution.
GATES: Mapping[str, Activation] = {"sigmoid": OnnxWriter.sigmoid, "hard_sigmoid": OnnxWriter.hard_sigmoid}


def convolution_norm_activation(
    writer: OnnxWriter,
    x: Value,
    name: str,
    channels: int,
    kernel: Extents,
    *,
    stride: Extents = 1,
    padding: Extents | None = None,
    dilation: int = 1,
    groups: int = 1,
    activation: str = "relu",
) -> Value:
    x = convolution_norm(
        writer, x, name, channels, kernel, stride=stride, padding=padding, dilation=dilation, groups=groups
    )
    return ACTIVATIONS[activation](writer, x, f"{name}.act")


def convolution_activation(
    writer: OnnxWriter,
    x: Value,
    name: str,
    channels: int,
    kernel: int,
    *,
    stride: int = 1,
    groups: int = 1,
    activation: str = "relu",
) -> Value:
    """A convolution with bias and without normalisation, as before batch normalisation was known."""
    x = writer.convolution(x, f"{name}.conv", channels, kernel, stride=stride, groups=groups, has_bias=True)
    return ACTIVATIONS[activation](writer, x, f"{name}.act")


@dataclass(frozen=True)
class SqueezeExcite:
    """Of a `squeeze_excite` block: activation and gate by the names of ``ACTIVATIONS`` and ``GATES``."""

    squeezed_channels: int
    activation: str = "relu"
    gate: str = "sigmoid"


def squeeze_excite(writer: OnnxWriter, x: Value, name: str, squeeze: SqueezeExcite) -> Value:
    return blocks.squeeze_excite(
        writer, x, name, squeeze.squeezed_channels,
        activation=ACTIVATIONS[squeeze.activation], gate=GATES[squeeze.gate],
    )  # fmt: skip


def inverted_residual(
    writer: OnnxWriter,
    x: Value,
    name: str,
    channels: int,
    kernel: Extents,
    *,
    expanded_channels: int,
    stride: int = 1,
    activation: str = "relu6",
    squeeze: SqueezeExcite | None = None,
) -> Value:
    """Expand by 1×1, depthwise, optional squeeze-excite, project by 1×1 (Sandler et al., CVPR 2018).

    No node expands where ``expanded_channels`` are those of the input; the input is added where shapes agree.
    """
    y = x
    if expanded_channels != x.channels:
        y = convolution_norm_activation(writer, y, f"{name}.expand", expanded_channels, 1, activation=activation)
    y = convolution_norm_activation(
        writer, y, f"{name}.depthwise", expanded_channels, kernel,
        stride=stride, groups=expanded_channels, activation=activation,
    )  # fmt: skip
    if squeeze is not None:
        y = squeeze_excite(writer, y, f"{name}.se", squeeze)
    y = convolution_norm(writer, y, f"{name}.project", channels, 1)
    return writer.add(y, x, f"{name}.sum") if y.shape == x.shape else y


def multilayer_classifier(writer: OnnxWriter, x: Value, hidden_channels: Sequence[int], classes: int) -> Value:
    """Linear layers over all positions, with ReLU between them; without hidden layers the plain ``classifier``."""
    if not hidden_channels:
        return classifier(writer, x, classes)
    x = writer.flatten(x, "head.flatten")
    for position, channels in enumerate(hidden_channels):
        x = writer.relu(writer.linear(x, f"head.{position}", channels), f"head.{position}.act")
    return writer.linear(x, "classifier", classes)
