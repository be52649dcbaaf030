"""Residual blocks with grouped convolutions, which ResNeXt, RegNet and the mixtures share."""

from __future__ import annotations

from nnformer_training.onnx_writer import Extents, OnnxWriter, Value
from nnformer_training.zoo.blocks import (
    ACTIVATIONS,
    SqueezeExcite,
    convolution_norm,
    convolution_norm_activation,
    squeeze_excite,
)


def add_shortcut(writer: OnnxWriter, y: Value, x: Value, name: str, *, stride: int, activation: str) -> Value:
    """act(y + x), where a 1×1 convolution brings x to the shape of y if they differ."""
    if x.shape != y.shape:
        x = convolution_norm(writer, x, f"{name}.shortcut", y.channels, 1, stride=stride)
    return ACTIVATIONS[activation](writer, writer.add(y, x, f"{name}.sum"), f"{name}.act")


def basic_block(
    writer: OnnxWriter,
    x: Value,
    name: str,
    channels: int,
    kernel: Extents = 3,
    *,
    stride: int = 1,
    dilation: int = 1,
    activation: str = "relu",
    squeeze: SqueezeExcite | None = None,
) -> Value:
    """Two convolutions of the same odd kernel and the shortcut (He et al., CVPR 2016)."""
    y = convolution_norm_activation(
        writer, x, f"{name}.first", channels, kernel, stride=stride, dilation=dilation, activation=activation
    )
    y = convolution_norm(writer, y, f"{name}.second", channels, kernel, dilation=dilation)
    if squeeze is not None:
        y = squeeze_excite(writer, y, f"{name}.se", squeeze)
    return add_shortcut(writer, y, x, name, stride=stride, activation=activation)


def bottleneck(
    writer: OnnxWriter,
    x: Value,
    name: str,
    channels: int,
    middle_channels: int,
    kernel: Extents = 3,
    *,
    stride: int = 1,
    dilation: int = 1,
    groups: int = 1,
    activation: str = "relu",
    squeeze: SqueezeExcite | None = None,
) -> Value:
    """1×1, grouped convolution with an odd kernel, optional squeeze-excite, 1×1, shortcut (Xie et al., CVPR 2017)."""
    y = convolution_norm_activation(writer, x, f"{name}.reduce", middle_channels, 1, activation=activation)
    y = convolution_norm_activation(
        writer, y, f"{name}.middle", middle_channels, kernel,
        stride=stride, dilation=dilation, groups=groups, activation=activation,
    )  # fmt: skip
    if squeeze is not None:
        y = squeeze_excite(writer, y, f"{name}.se", squeeze)
    y = convolution_norm(writer, y, f"{name}.expand", channels, 1)
    return add_shortcut(writer, y, x, name, stride=stride, activation=activation)
