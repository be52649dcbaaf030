"""ResNet (He et al., CVPR 2016) of basic or bottleneck blocks, with its usual variants of stem and shortcut."""

from __future__ import annotations

import random
from dataclasses import dataclass

import onnx

from nnformer_training.onnx_writer import OnnxWriter, Value
from nnformer_training.rounding import make_divisible
from nnformer_training.zoo.blocks import (
    SqueezeExcite,
    classifier,
    convolution_norm,
    convolution_norm_activation,
    squeeze_excite,
)
from nnformer_training.zoo.costs import draw_at_cost
from nnformer_training.zoo.draws import (
    draw_classes,
    draw_divisor,
    draw_resolution,
    vary_channels,
    vary_depths,
)
from nnformer_training.zoo.family import Family

STAGE_CHANNELS = (64, 128, 256, 512)
STAGE_STRIDES = (1, 2, 2, 2)
#: ResNet-18 and -34, or -26 and -50 with bottlenecks.
STANDARD_DEPTHS = ((2, 2, 2, 2), (3, 4, 6, 3))
WIDTHS = (0.1, 1.5)
SQUEEZE_REDUCTION = 16


@dataclass(frozen=True)
class Recipe:
    """``out_channels`` and ``depths`` hold an entry a stage, ``inner_channels`` and ``kernels`` an entry a block."""

    resolution: int
    classes: int
    stem: str
    stem_channels: int
    block: str
    depths: tuple[int, ...]
    out_channels: tuple[int, ...]
    inner_channels: tuple[int, ...]
    kernels: tuple[int, ...]
    has_squeeze_excite: bool
    #: Average pooling and a 1×1 convolution where the shortcut has a stride (ResNet-D).
    pools_shortcut: bool


def sample(generator: random.Random) -> Recipe:
    return draw_at_cost(generator, _draw, write, WIDTHS)


def write(recipe: Recipe) -> onnx.ModelProto:
    writer = OnnxWriter("resnet")
    x = _stem(writer, writer.input("input", (3, recipe.resolution, recipe.resolution)), recipe)
    number = 0
    for depth, channels, first_stride in zip(recipe.depths, recipe.out_channels, STAGE_STRIDES, strict=True):
        for position in range(depth):
            x = _block(writer, x, recipe, number, channels, first_stride if position == 0 else 1)
            number += 1
    return writer.finish(classifier(writer, x, recipe.classes))


def _draw(generator: random.Random, width: float) -> Recipe:
    resolution, divisor = draw_resolution(generator), draw_divisor(generator)
    block = generator.choice(("basic", "bottleneck"))
    depths = vary_depths(generator, generator.choice(STANDARD_DEPTHS))
    stage_channels = vary_channels(generator, STAGE_CHANNELS, width, divisor)
    varies_blocks, mixes_kernels = generator.random() < 0.5, generator.random() < 0.5
    inner_channels, kernels = [], []
    for depth, channels in zip(depths, stage_channels, strict=True):
        for _ in range(depth):
            factor = generator.uniform(0.6, 1.4) if varies_blocks else 1.0
            inner_channels.append(make_divisible(channels * factor, divisor))
            kernels.append(generator.choice((1, 3, 3, 3, 5, 7)) if mixes_kernels else 3)
    expansion = generator.choice((4, 4, 4, 2)) if block == "bottleneck" else 1
    return Recipe(
        resolution=resolution,
        classes=draw_classes(generator),
        stem=generator.choice(("7x7", "7x7", "7x7", "5x5", "3x3", "deep")),
        stem_channels=make_divisible(STAGE_CHANNELS[0] * width, divisor),
        block=block,
        depths=depths,
        out_channels=tuple(channels * expansion for channels in stage_channels),
        inner_channels=tuple(inner_channels),
        kernels=tuple(kernels),
        has_squeeze_excite=generator.random() < 0.15,
        pools_shortcut=generator.random() < 0.15,
    )


def _stem(writer: OnnxWriter, x: Value, recipe: Recipe) -> Value:
    if recipe.stem == "deep":
        narrow = max(1, recipe.stem_channels // 2)
        x = convolution_norm_activation(writer, x, "stem.0", narrow, 3, stride=2)
        x = convolution_norm_activation(writer, x, "stem.1", narrow, 3)
        x = convolution_norm_activation(writer, x, "stem.2", recipe.stem_channels, 3)
    else:
        x = convolution_norm_activation(writer, x, "stem", recipe.stem_channels, int(recipe.stem[0]), stride=2)
    return writer.max_pool(x, "stem.pool", 3, stride=2, padding=1)


def _block(writer: OnnxWriter, x: Value, recipe: Recipe, number: int, channels: int, stride: int) -> Value:
    name, inner, kernel = f"b{number}", recipe.inner_channels[number], recipe.kernels[number]
    if recipe.block == "basic":
        y = convolution_norm_activation(writer, x, f"{name}.0", inner, kernel, stride=stride)
        y = convolution_norm(writer, y, f"{name}.1", channels, kernel)
    else:
        y = convolution_norm_activation(writer, x, f"{name}.0", inner, 1)
        y = convolution_norm_activation(writer, y, f"{name}.1", inner, kernel, stride=stride)
        y = convolution_norm(writer, y, f"{name}.2", channels, 1)
    if recipe.has_squeeze_excite:
        y = squeeze_excite(writer, y, f"{name}.se", SqueezeExcite(max(1, channels // SQUEEZE_REDUCTION)))
    return writer.relu(writer.add(y, _shortcut(writer, x, recipe, name, channels, stride), f"{name}.sum"), name)


def _shortcut(writer: OnnxWriter, x: Value, recipe: Recipe, name: str, channels: int, stride: int) -> Value:
    if stride == 1 and x.channels == channels:
        return x
    if recipe.pools_shortcut and stride > 1:
        # Padding by one where extents are odd meets the extents of a convolution with the same stride.
        x = writer.average_pool(x, f"{name}.shortcut.pool", 3, stride=stride, padding=1)
        stride = 1
    return convolution_norm(writer, x, f"{name}.shortcut", channels, 1, stride=stride)


FAMILY = Family("resnet", Recipe, sample, write)
