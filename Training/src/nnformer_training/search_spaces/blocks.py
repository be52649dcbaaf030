"""Blocks that the search spaces and the zoo's families share.

Every block takes the writer, its input and its name, which prefixes the names of its nodes.
"""

from __future__ import annotations

from collections.abc import Callable

from nnformer_training.onnx_writer import Extents, OnnxWriter, Value

#: Adds a nonlinearity: writer, input, name of the node that ends it.
Activation = Callable[[OnnxWriter, Value, str], Value]


def convolution_norm(
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
) -> Value:
    x = writer.convolution(
        x, f"{name}.conv", channels, kernel, stride=stride, padding=padding, dilation=dilation, groups=groups
    )
    return writer.batch_normalization(x, f"{name}.norm")


def convolution_norm_relu(
    writer: OnnxWriter, x: Value, name: str, channels: int, kernel: int, *, stride: int = 1, groups: int = 1
) -> Value:
    x = convolution_norm(writer, x, name, channels, kernel, stride=stride, groups=groups)
    return writer.relu(x, f"{name}.relu")


def squeeze_excite(
    writer: OnnxWriter,
    x: Value,
    name: str,
    squeezed_channels: int,
    *,
    activation: Activation = OnnxWriter.relu,
    gate: Activation = OnnxWriter.sigmoid,
) -> Value:
    """Squeeze-excite (Hu et al., CVPR 2018) as two 1×1 convolutions with bias over the pooled channels."""
    factors = writer.global_average_pool(x, f"{name}.pool")
    factors = writer.convolution(factors, f"{name}.reduce", squeezed_channels, 1, has_bias=True)
    factors = activation(writer, factors, f"{name}.act")
    factors = writer.convolution(factors, f"{name}.expand", x.channels, 1, has_bias=True)
    return writer.multiply(x, gate(writer, factors, f"{name}.gate"), f"{name}.scale")


def classifier(writer: OnnxWriter, x: Value, classes: int) -> Value:
    """Global average pooling and one linear layer."""
    x = writer.flatten(writer.global_average_pool(x, "head.pool"), "head.flatten")
    return writer.linear(x, "classifier", classes)
