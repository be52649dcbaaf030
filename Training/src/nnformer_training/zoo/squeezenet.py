"""SqueezeNet (Iandola et al., 2016), versions 1.0 and 1.1, with simple bypasses in some."""

from __future__ import annotations

import random
from dataclasses import dataclass

import onnx

from nnformer_training.onnx_writer import OnnxWriter, Value
from nnformer_training.rounding import make_divisible
from nnformer_training.zoo.blocks import convolution_activation, convolution_norm_activation
from nnformer_training.zoo.costs import draw_at_cost
from nnformer_training.zoo.draws import (
    draw_classes,
    draw_divisor,
    draw_resolution,
    vary_channels,
    vary_depths,
)
from nnformer_training.zoo.family import Family

#: Channels that leave a fire module, by stage; half of them come from each of its two convolutions.
STAGE_CHANNELS = (128, 256, 384, 512)
SQUEEZE_RATIO = 0.125
WIDTHS = (0.2, 2.5)


@dataclass(frozen=True)
class Version:
    """A pooling precedes every stage of fire modules that has ``pools``; the last two stages share a resolution."""

    stem_kernel: int
    stem_channels: int
    depths: tuple[int, ...]
    pools: tuple[bool, ...]


V1_0 = Version(7, 96, (2, 2, 2, 2), (True, False, True, False))
V1_1 = Version(3, 64, (2, 2, 2, 2), (True, True, True, False))


@dataclass(frozen=True)
class Recipe:
    """``fires`` are stages of fire modules: (squeezed, 1×1, k×k channels, k)."""

    resolution: int
    classes: int
    stem_kernel: int
    stem_channels: int
    fires: tuple[tuple[tuple[int, int, int, int], ...], ...]
    pools: tuple[bool, ...]
    has_norm: bool
    #: Adds a fire module's input to its output where channels agree.
    has_bypass: bool


def sample(generator: random.Random) -> Recipe:
    return draw_at_cost(generator, _draw, write, WIDTHS)


def write(recipe: Recipe) -> onnx.ModelProto:
    writer = OnnxWriter("squeezenet")
    x = writer.input("input", (3, recipe.resolution, recipe.resolution))
    convolution = convolution_norm_activation if recipe.has_norm else convolution_activation
    x = convolution(writer, x, "stem", recipe.stem_channels, recipe.stem_kernel, stride=2)
    for stage, (fires, pools) in enumerate(zip(recipe.fires, recipe.pools, strict=True)):
        if pools:
            x = writer.max_pool(x, f"s{stage}.pool", 3, stride=2, padding=1)
        for position, (squeezed, pointwise, wide, kernel) in enumerate(fires):
            name = f"s{stage}.f{position}"
            y = fire(writer, x, name, squeezed, pointwise, wide, kernel, recipe.has_norm)
            x = writer.add(y, x, f"{name}.sum") if recipe.has_bypass and y.shape == x.shape else y
    return writer.finish(_classifier(writer, x, recipe.classes))


def _draw(generator: random.Random, width: float) -> Recipe:
    resolution, divisor = draw_resolution(generator), draw_divisor(generator)
    version = generator.choice((V1_0, V1_1))
    mixes_kernels = generator.random() < 0.5
    squeeze_ratio = generator.choice((SQUEEZE_RATIO, SQUEEZE_RATIO, 0.25, 0.375))
    wide_share = generator.choice((0.5, 0.5, 0.25, 0.75))
    stages = []
    depths = vary_depths(generator, version.depths)
    for channels, depth in zip(vary_channels(generator, STAGE_CHANNELS, width, divisor), depths, strict=True):
        squeezed = make_divisible(channels * squeeze_ratio, divisor)
        wide = make_divisible(channels * wide_share, divisor)
        pointwise = max(1, channels - wide)
        stages.append(
            tuple(
                (squeezed, pointwise, wide, generator.choice((1, 3, 3, 3, 5, 7)) if mixes_kernels else 3)
                for _ in range(depth)
            )
        )
    return Recipe(
        resolution=resolution,
        classes=draw_classes(generator),
        stem_kernel=generator.choice((3, 5, 7)) if mixes_kernels else version.stem_kernel,
        stem_channels=make_divisible(version.stem_channels * width, divisor),
        fires=tuple(stages),
        pools=version.pools,
        has_norm=generator.random() < 0.25,
        has_bypass=generator.random() < 0.3,
    )


def fire(
    writer: OnnxWriter, x: Value, name: str, squeezed: int, pointwise: int, wide: int, kernel: int, has_norm: bool
) -> Value:
    """A 1×1 convolution to the squeezed channels, then 1×1 and k×k side by side, joined."""
    convolution = convolution_norm_activation if has_norm else convolution_activation
    y = convolution(writer, x, f"{name}.squeeze", squeezed, 1)
    branches = [
        convolution(writer, y, f"{name}.pointwise", pointwise, 1),
        convolution(writer, y, f"{name}.wide", wide, kernel),
    ]
    return writer.concatenate(branches, f"{name}.concat")


def _classifier(writer: OnnxWriter, x: Value, classes: int) -> Value:
    """A 1×1 convolution to the classes, pooled; no linear layer."""
    x = convolution_activation(writer, x, "classifier", classes, 1)
    return writer.flatten(writer.global_average_pool(x, "head.pool"), "head.flatten")


FAMILY = Family("squeezenet", Recipe, sample, write)
