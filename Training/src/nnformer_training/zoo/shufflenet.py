"""ShuffleNet v2 (Ma et al., ECCV 2018): half of the channels pass, the other half is computed, and both are mixed."""

from __future__ import annotations

import random
from dataclasses import dataclass

import onnx

from nnformer_training.onnx_writer import Extents, OnnxWriter, Value
from nnformer_training.rounding import make_divisible
from nnformer_training.zoo.blocks import (
    SqueezeExcite,
    classifier,
    convolution_norm,
    convolution_norm_activation,
    squeeze_excite,
)
from nnformer_training.zoo.costs import fit_width
from nnformer_training.zoo.draws import draw_classes, draw_macs, draw_resolution, vary_channels, vary_depths
from nnformer_training.zoo.family import Family

STANDARD_CHANNELS = (116, 232, 464)
STANDARD_DEPTHS = (4, 8, 4)


@dataclass(frozen=True)
class Recipe:
    """Stage s has ``depths[s]`` units of ``channels[s]`` channels (even). ``squeeze_ratio`` is of a unit's computed
    channels; 0 is without squeeze-excite."""

    resolution: int
    stem_channels: int
    depths: tuple[int, ...]
    channels: tuple[int, ...]
    kernel: int
    squeeze_ratio: float
    activation: str
    head_channels: int
    classes: int


def sample(generator: random.Random) -> Recipe:
    resolution, classes = draw_resolution(generator, low=48), draw_classes(generator)
    depths = vary_depths(generator, STANDARD_DEPTHS, most_added=4)
    kernel, squeeze_ratio = generator.choice((3, 3, 3, 5, 7)), generator.choice((0.0, 0.0, 0.25))
    activation = generator.choice(("relu", "relu", "hard_swish"))
    divisor = generator.choice((2, 2, 8, 16))
    standard = vary_channels(generator, STANDARD_CHANNELS, 1.0, 1)
    head_channels = generator.choice((0, 512, 1024, 1024, 2048))

    def at(width: float) -> Recipe:
        channels = tuple(make_divisible(count * width, divisor) for count in standard)
        stem = make_divisible(24 * min(width, 2.0), 4)
        return Recipe(resolution, stem, depths, channels, kernel, squeeze_ratio, activation, head_channels, classes)

    return fit_width(at, write, draw_macs(generator), bounds=(0.1, 16.0))


def write(recipe: Recipe) -> onnx.ModelProto:
    writer = OnnxWriter("shufflenet")
    x = writer.input("input", (3, recipe.resolution, recipe.resolution))
    x = convolution_norm_activation(writer, x, "stem", recipe.stem_channels, 3, stride=2, activation=recipe.activation)
    x = writer.max_pool(x, "stem.pool", 3, stride=2, padding=1)
    for stage, (depth, channels) in enumerate(zip(recipe.depths, recipe.channels, strict=True)):
        for block in range(depth):
            x = shuffle_unit(
                writer, x, f"s{stage}.b{block}", channels, recipe.kernel,
                stride=2 if block == 0 else 1, activation=recipe.activation, squeeze_ratio=recipe.squeeze_ratio,
            )  # fmt: skip
    if recipe.head_channels > 0:
        x = convolution_norm_activation(writer, x, "head", recipe.head_channels, 1, activation=recipe.activation)
    return writer.finish(classifier(writer, x, recipe.classes))


def shuffle_unit(
    writer: OnnxWriter,
    x: Value,
    name: str,
    channels: int,
    kernel: Extents,
    *,
    stride: int = 1,
    activation: str = "relu",
    squeeze_ratio: float = 0.0,
) -> Value:
    """The unit of an even number of channels: split where it keeps the shape, else both branches are computed."""
    half = channels // 2
    if stride == 1 and x.channels == channels:
        kept, y = writer.halve_channels(x, f"{name}.split")
    else:
        kept, y = (
            convolution_norm(writer, x, f"{name}.kept.depthwise", x.channels, kernel, stride=stride, groups=x.channels),
            x,
        )
        kept = convolution_norm_activation(writer, kept, f"{name}.kept.project", half, 1, activation=activation)
    y = convolution_norm_activation(writer, y, f"{name}.expand", half, 1, activation=activation)
    y = convolution_norm(writer, y, f"{name}.depthwise", half, kernel, stride=stride, groups=half)
    y = convolution_norm_activation(writer, y, f"{name}.project", half, 1, activation=activation)
    if squeeze_ratio > 0:
        y = squeeze_excite(writer, y, f"{name}.se", SqueezeExcite(max(1, round(half * squeeze_ratio))))
    return writer.channel_shuffle(writer.concatenate([kept, y], f"{name}.concat"), f"{name}.shuffle", 2)


FAMILY = Family("shufflenet", Recipe, sample, write)
