"""ResNeXt (Xie et al., CVPR 2017) and wide residual networks (Zagoruyko & Komodakis, 2016): grouped bottlenecks."""

from __future__ import annotations

import random
from dataclasses import dataclass

import onnx

from nnformer_training.onnx_writer import OnnxWriter
from nnformer_training.rounding import make_divisible
from nnformer_training.zoo.blocks import classifier, convolution_norm_activation
from nnformer_training.zoo.costs import fit_width
from nnformer_training.zoo.draws import draw_classes, draw_macs, draw_resolution, vary_depths
from nnformer_training.zoo.family import Family
from nnformer_training.zoo.residual_blocks import bottleneck

STANDARD_DEPTHS = ((2, 2, 2, 2), (3, 4, 6, 3), (3, 4, 23, 3))


@dataclass(frozen=True)
class Recipe:
    """Stage s has ``depths[s]`` bottlenecks, ``group_channels · 2^s`` channels in each of ``groups`` groups, and
    ``output_channels · 2^s`` channels that leave it. One group is a (wide) residual network."""

    resolution: int
    stem_channels: int
    depths: tuple[int, ...]
    groups: int
    group_channels: int
    output_channels: int
    classes: int


def sample(generator: random.Random) -> Recipe:
    resolution, classes = draw_resolution(generator, low=48), draw_classes(generator)
    depths = vary_depths(generator, generator.choice(STANDARD_DEPTHS))
    groups = generator.choice((1, 4, 8, 16, 32, 32, 64))
    # Channels in the groups relative to those that leave the first stage: 1/4 in ResNet, 1/2 in most others.
    ratio = generator.choice((0.25, 0.5, 0.5, 0.75, 1.0))

    def at(width: float) -> Recipe:
        output = make_divisible(256 * width)
        return Recipe(
            resolution,
            make_divisible(64 * width),
            depths,
            groups,
            max(1, round(output * ratio / groups)),
            output,
            classes,
        )

    return fit_width(at, write, draw_macs(generator))


def write(recipe: Recipe) -> onnx.ModelProto:
    writer = OnnxWriter("resnext")
    x = writer.input("input", (3, recipe.resolution, recipe.resolution))
    x = convolution_norm_activation(writer, x, "stem", recipe.stem_channels, 7, stride=2)
    x = writer.max_pool(x, "stem.pool", 3, stride=2, padding=1)
    for stage, depth in enumerate(recipe.depths):
        for block in range(depth):
            x = bottleneck(
                writer, x, f"s{stage}.b{block}",
                recipe.output_channels << stage, (recipe.groups * recipe.group_channels) << stage,
                stride=2 if stage > 0 and block == 0 else 1, groups=recipe.groups,
            )  # fmt: skip
    return writer.finish(classifier(writer, x, recipe.classes))


FAMILY = Family("resnext", Recipe, sample, write)
