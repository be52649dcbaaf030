"""RegNet X and Y (Radosavovic et al., CVPR 2020): stages of grouped bottlenecks whose widths follow a line."""

from __future__ import annotations

import math
import random
from collections import Counter
from dataclasses import dataclass

import onnx

from nnformer_training.onnx_writer import OnnxWriter
from nnformer_training.zoo.blocks import SqueezeExcite, classifier, convolution_norm_activation
from nnformer_training.zoo.costs import fit_width
from nnformer_training.zoo.draws import draw_classes, draw_macs, draw_resolution
from nnformer_training.zoo.family import Family
from nnformer_training.zoo.residual_blocks import bottleneck


@dataclass(frozen=True)
class Recipe:
    """Stage s has ``depths[s]`` bottlenecks of ``channels[s]`` channels in groups of ``group_channels`` each, which
    divides them all. ``squeeze_ratio`` is of the channels that enter a block; 0 is RegNet X, without squeeze-excite."""

    resolution: int
    stem_channels: int
    depths: tuple[int, ...]
    channels: tuple[int, ...]
    group_channels: int
    squeeze_ratio: float
    activation: str
    classes: int


def quantised_stages(
    depth: int, first: float, slope: float, ratio: float, multiple: int
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """(depths, channels) of the stages: block j's width first + slope · j goes to the nearest first · ratio^n, which
    is rounded to a multiple; equal neighbours form a stage."""
    exponents = [round(math.log(1 + slope * block / first, ratio)) for block in range(depth)]
    widths = [max(1, round(first * ratio**exponent / multiple)) * multiple for exponent in exponents]
    stages = Counter(widths)
    return tuple(stages.values()), tuple(stages)


def sample(generator: random.Random) -> Recipe:
    resolution, classes = draw_resolution(generator, low=48), draw_classes(generator)
    depth, ratio = generator.randint(8, 24), generator.uniform(1.8, 3.0)
    slope = generator.uniform(0.2, 0.9)
    group_channels = generator.choice((4, 8, 8, 16, 16, 24, 32, 40))
    squeeze_ratio = generator.choice((0.0, 0.25))
    activation = generator.choice(("relu", "relu", "relu", "silu"))

    def at(width: float) -> Recipe:
        first = 64 * width
        depths, channels = quantised_stages(depth, first, slope * first, ratio, group_channels)
        stem = max(4, round(32 * width))
        return Recipe(resolution, stem, depths, channels, group_channels, squeeze_ratio, activation, classes)

    return fit_width(at, write, draw_macs(generator))


def write(recipe: Recipe) -> onnx.ModelProto:
    writer = OnnxWriter("regnet")
    x = writer.input("input", (3, recipe.resolution, recipe.resolution))
    x = convolution_norm_activation(writer, x, "stem", recipe.stem_channels, 3, stride=2, activation=recipe.activation)
    for stage, (depth, channels) in enumerate(zip(recipe.depths, recipe.channels, strict=True)):
        for block in range(depth):
            squeeze = None
            if recipe.squeeze_ratio > 0:
                squeeze = SqueezeExcite(max(1, round(x.channels * recipe.squeeze_ratio)))
            x = bottleneck(
                writer, x, f"s{stage}.b{block}", channels, channels,
                stride=2 if block == 0 else 1, groups=channels // recipe.group_channels,
                activation=recipe.activation, squeeze=squeeze,
            )  # fmt: skip
    return writer.finish(classifier(writer, x, recipe.classes))


FAMILY = Family("regnet", Recipe, sample, write)
