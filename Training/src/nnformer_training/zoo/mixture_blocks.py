"""Blocks of many families under one description, so that a network can be mixed from them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import NamedTuple

from nnformer_training.onnx_writer import OnnxWriter, Value
from nnformer_training.zoo.blocks import (
    ACTIVATIONS,
    SqueezeExcite,
    convolution_norm,
    convolution_norm_activation,
    inverted_residual,
    squeeze_excite,
)
from nnformer_training.zoo.convnext import channel_norm, convnext_block
from nnformer_training.zoo.densenet import dense_block, transition
from nnformer_training.zoo.googlenet import inception
from nnformer_training.zoo.residual_blocks import basic_block, bottleneck
from nnformer_training.zoo.shufflenet import shuffle_unit
from nnformer_training.zoo.squeezenet import fire

SQUEEZE_RATIO = 0.25
SPATIAL_KERNEL = 7


class Block(NamedTuple):
    """What one block of a mixture is. A kind reads the fields that it knows and leaves the others."""

    kind: str
    #: That leave the block, up to what the kind must round.
    channels: int
    #: (vertical, horizontal), odd; kind ``plain`` also takes even ones, with a stride of 2.
    kernel: tuple[int, int]
    #: 1 or 2.
    stride: int
    dilation: int
    #: At most; the greatest common divisor with the channels is used.
    groups: int
    #: Channels inside a block relative to those that enter (inverted residuals) or leave it (all others).
    ratio: float
    #: Layers of a dense block, convolutions of a plain one.
    repeats: int
    activation: str
    has_squeeze_excite: bool
    #: Of kinds ``joined`` and ``summed``: the kind and the square, odd kernel of every branch.
    branches: tuple[tuple[str, int], ...]


Writer = Callable[[OnnxWriter, Value, str, Block], Value]


def _inner_channels(block: Block) -> int:
    return max(1, round(block.channels * block.ratio))


def _squeeze(block: Block, channels: int) -> SqueezeExcite | None:
    return SqueezeExcite(max(1, round(channels * SQUEEZE_RATIO))) if block.has_squeeze_excite else None


def _pool_by_stride(writer: OnnxWriter, x: Value, name: str, stride: int) -> Value:
    return x if stride == 1 else writer.max_pool(x, f"{name}.down", 3, stride=stride, padding=1)


def _plain(writer: OnnxWriter, x: Value, name: str, block: Block) -> Value:
    """Convolutions one after another; even kernels halve even extents exactly."""
    padding = tuple(block.dilation * ((extent - 1) // 2) for extent in block.kernel)
    for position in range(block.repeats):
        x = convolution_norm_activation(
            writer, x, f"{name}.{position}", block.channels, block.kernel,
            stride=block.stride if position == 0 else 1, padding=padding, dilation=block.dilation,
            activation=block.activation,
        )  # fmt: skip
    return x


def _factorised(writer: OnnxWriter, x: Value, name: str, block: Block) -> Value:
    """k×k as k×1 after 1×k (Szegedy et al., CVPR 2016)."""
    vertical, horizontal = block.kernel
    x = convolution_norm_activation(
        writer, x, f"{name}.row", _inner_channels(block), (1, horizontal),
        stride=(1, block.stride), activation=block.activation,
    )  # fmt: skip
    return convolution_norm_activation(
        writer, x, f"{name}.column", block.channels, (vertical, 1),
        stride=(block.stride, 1), activation=block.activation,
    )  # fmt: skip


def _grouped(writer: OnnxWriter, x: Value, name: str, block: Block) -> Value:
    """A grouped convolution whose channels are shuffled across the groups (Zhang et al., CVPR 2018)."""
    groups = math.gcd(block.groups, x.channels, block.channels)
    x = convolution_norm_activation(
        writer, x, name, block.channels, block.kernel,
        stride=block.stride, dilation=block.dilation, groups=groups, activation=block.activation,
    )  # fmt: skip
    return writer.channel_shuffle(x, f"{name}.shuffle", groups) if groups > 1 else x


def _separable(writer: OnnxWriter, x: Value, name: str, block: Block) -> Value:
    x = convolution_norm_activation(
        writer, x, f"{name}.depthwise", x.channels, block.kernel,
        stride=block.stride, dilation=block.dilation, groups=x.channels, activation=block.activation,
    )  # fmt: skip
    return convolution_norm_activation(writer, x, f"{name}.pointwise", block.channels, 1, activation=block.activation)


def _max_pooled(writer: OnnxWriter, x: Value, name: str, block: Block) -> Value:
    kernel = max(block.kernel)
    x = writer.max_pool(x, f"{name}.pool", kernel, stride=block.stride, padding=kernel // 2)
    return convolution_norm_activation(writer, x, name, block.channels, 1, activation=block.activation)


def _average_pooled(writer: OnnxWriter, x: Value, name: str, block: Block) -> Value:
    kernel = max(block.kernel)
    x = writer.average_pool(x, f"{name}.pool", kernel, stride=block.stride, padding=kernel // 2)
    return convolution_norm_activation(writer, x, name, block.channels, 1, activation=block.activation)


def _residual(writer: OnnxWriter, x: Value, name: str, block: Block) -> Value:
    return basic_block(
        writer, x, name, block.channels, block.kernel, stride=block.stride, dilation=block.dilation,
        activation=block.activation, squeeze=_squeeze(block, block.channels),
    )  # fmt: skip


def _bottleneck(writer: OnnxWriter, x: Value, name: str, block: Block) -> Value:
    middle = _inner_channels(block)
    return bottleneck(
        writer, x, name, block.channels, middle, block.kernel,
        stride=block.stride, dilation=block.dilation, groups=math.gcd(block.groups, middle),
        activation=block.activation, squeeze=_squeeze(block, middle),
    )  # fmt: skip


def _inverted(writer: OnnxWriter, x: Value, name: str, block: Block) -> Value:
    expanded = max(1, round(x.channels * block.ratio))
    return inverted_residual(
        writer, x, name, block.channels, block.kernel, expanded_channels=expanded,
        stride=block.stride, activation=block.activation, squeeze=_squeeze(block, expanded),
    )  # fmt: skip


def _dense(writer: OnnxWriter, x: Value, name: str, block: Block) -> Value:
    growth = max(1, block.channels // (2 * block.repeats))
    x = dense_block(writer, x, name, block.repeats, growth, round(growth * block.ratio), block.kernel)
    if block.stride == 2:
        return transition(writer, x, f"{name}.transition", block.channels)
    return convolution_norm_activation(writer, x, f"{name}.end", block.channels, 1, activation=block.activation)


def _fire(writer: OnnxWriter, x: Value, name: str, block: Block) -> Value:
    x = _pool_by_stride(writer, x, name, block.stride)
    pointwise = max(1, block.channels // 2)
    wide = max(1, block.channels - pointwise)
    return fire(writer, x, name, _inner_channels(block), pointwise, wide, max(block.kernel), has_norm=True)


def _inception(writer: OnnxWriter, x: Value, name: str, block: Block) -> Value:
    """Branches of about 1/4, 1/2, 1/8 and 1/8 of the channels, as in GoogLeNet."""
    x = _pool_by_stride(writer, x, name, block.stride)
    quarter, eighth = max(1, block.channels // 4), max(1, block.channels // 8)
    second = max(1, block.channels - quarter - 2 * eighth)
    inner = _inner_channels(block)
    widths = (quarter, inner, second, max(1, inner // 4), eighth, eighth)
    return inception(writer, x, name, widths, (3, max(block.kernel)), has_norm=True)


def _shuffle(writer: OnnxWriter, x: Value, name: str, block: Block) -> Value:
    return shuffle_unit(
        writer, x, name, 2 * max(1, block.channels // 2), block.kernel, stride=block.stride,
        activation=block.activation, squeeze_ratio=SQUEEZE_RATIO if block.has_squeeze_excite else 0.0,
    )  # fmt: skip


def _convnext(writer: OnnxWriter, x: Value, name: str, block: Block) -> Value:
    """With a normalised convolution before it where extents or channels change."""
    if block.stride > 1 or x.channels != block.channels:
        x = channel_norm(writer, x, f"{name}.down.norm")
        # 1×1 keeps every extent and 2×2 without padding halves it.
        x = writer.convolution(
            x, f"{name}.down", block.channels, block.stride, stride=block.stride, padding=0, has_bias=True
        )
    return convnext_block(writer, x, name, block.kernel, max(1, round(block.ratio)))


def _attention(writer: OnnxWriter, x: Value, name: str, block: Block) -> Value:
    """A convolution, a factor for every channel, then one for every position (Woo et al., ECCV 2018), and a sum."""
    y = convolution_norm(
        writer, x, f"{name}.first", block.channels, block.kernel, stride=block.stride, dilation=block.dilation
    )
    y = squeeze_excite(writer, y, f"{name}.se", SqueezeExcite(max(1, round(block.channels * SQUEEZE_RATIO))))
    mean = writer.node("ReduceMean", f"{name}.mean", [y.name], (1, *y.shape[1:]), axes=(1,), keepdims=1)
    factors = writer.sigmoid(writer.convolution(mean, f"{name}.spatial", 1, SPATIAL_KERNEL), f"{name}.gate")
    y = writer.multiply(y, factors, f"{name}.scale")
    y = writer.add(y, x, f"{name}.sum") if y.shape == x.shape else y
    return ACTIVATIONS[block.activation](writer, y, f"{name}.act")


#: With odd kernels these agree on the extents that a stride leaves, half rounded up, and on the channels, so that
#: their outputs can be joined and summed.
BRANCH_KINDS: Mapping[str, Writer] = {
    "plain": _plain,
    "factorised": _factorised,
    "grouped": _grouped,
    "separable": _separable,
    "max_pooled": _max_pooled,
    "average_pooled": _average_pooled,
    "inverted": _inverted,
}


def _branches(writer: OnnxWriter, x: Value, name: str, block: Block, channels: int) -> list[Value]:
    return [
        BRANCH_KINDS[kind](
            writer, x, f"{name}.b{number}", block._replace(kind=kind, channels=channels, kernel=(kernel, kernel))
        )
        for number, (kind, kernel) in enumerate(block.branches)
    ]


def _joined(writer: OnnxWriter, x: Value, name: str, block: Block) -> Value:
    channels = max(1, round(block.channels / len(block.branches)))
    return writer.concatenate(_branches(writer, x, name, block, channels), f"{name}.concat")


def _summed(writer: OnnxWriter, x: Value, name: str, block: Block) -> Value:
    return writer.add_all(_branches(writer, x, name, block, block.channels), f"{name}.sum")


KINDS: Mapping[str, Writer] = {
    **BRANCH_KINDS,
    "residual": _residual,
    "bottleneck": _bottleneck,
    "dense": _dense,
    "fire": _fire,
    "inception": _inception,
    "shuffle": _shuffle,
    "convnext": _convnext,
    "attention": _attention,
    "joined": _joined,
    "summed": _summed,
}


def write_block(writer: OnnxWriter, x: Value, name: str, block: Block) -> Value:
    return KINDS[block.kind](writer, x, name, block)
