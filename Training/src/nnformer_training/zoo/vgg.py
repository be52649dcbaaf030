"""VGG (Simonyan and Zisserman, ICLR 2015): stages of equal convolutions, each followed by a pooling."""

from __future__ import annotations

import random
from dataclasses import dataclass

import onnx

from nnformer_training.onnx_writer import OnnxWriter
from nnformer_training.rounding import make_divisible
from nnformer_training.zoo.blocks import convolution_activation, convolution_norm_activation, multilayer_classifier
from nnformer_training.zoo.costs import draw_at_cost
from nnformer_training.zoo.draws import draw_classes, draw_divisor, draw_resolution, vary_channels
from nnformer_training.zoo.family import Family

STAGE_CHANNELS = (64, 128, 256, 512, 512)
#: VGG-11, -13, -16 and -19: convolutions a stage.
STANDARD_DEPTHS = ((1, 1, 2, 2, 2), (2, 2, 2, 2, 2), (2, 2, 3, 3, 3), (2, 2, 4, 4, 4))
HIDDEN_CHANNELS = 4096
WIDTHS = (0.06, 1.25)


@dataclass(frozen=True)
class Recipe:
    """``channels`` hold an entry a stage, ``kernels`` a tuple a stage with an entry a convolution."""

    resolution: int
    classes: int
    channels: tuple[int, ...]
    kernels: tuple[tuple[int, ...], ...]
    has_norm: bool
    #: Widths of the linear layers before the last; none: the features are pooled globally.
    hidden_channels: tuple[int, ...]


def sample(generator: random.Random) -> Recipe:
    return draw_at_cost(generator, _draw, write, WIDTHS)


def write(recipe: Recipe) -> onnx.ModelProto:
    writer = OnnxWriter("vgg")
    x = writer.input("input", (3, recipe.resolution, recipe.resolution))
    convolution = convolution_norm_activation if recipe.has_norm else convolution_activation
    for stage, (channels, kernels) in enumerate(zip(recipe.channels, recipe.kernels, strict=True)):
        for position, kernel in enumerate(kernels):
            x = convolution(writer, x, f"s{stage}.{position}", channels, kernel)
        x = writer.max_pool(x, f"s{stage}.pool", 2, stride=2, padding=0)
    return writer.finish(multilayer_classifier(writer, x, recipe.hidden_channels, recipe.classes))


def _draw(generator: random.Random, width: float) -> Recipe:
    resolution = draw_resolution(generator, 32, 224, usual=(32, 160))
    divisor = draw_divisor(generator)
    mixes_kernels = generator.random() < 0.5
    kernels = tuple(
        tuple(
            generator.choice((1, 3, 3, 3, 5, 7)) if mixes_kernels else 3
            for _ in range(max(1, depth + generator.randint(-1, 1)))
        )
        for depth in generator.choice(STANDARD_DEPTHS)
    )
    hidden = make_divisible(HIDDEN_CHANNELS * min(1.0, width) * generator.choice((0.25, 0.5, 1.0)), divisor)
    return Recipe(
        resolution=resolution,
        classes=draw_classes(generator),
        channels=vary_channels(generator, STAGE_CHANNELS, width, divisor),
        kernels=kernels,
        has_norm=generator.random() < 0.5,
        hidden_channels=(hidden,) * generator.choice((0, 1, 2, 2, 2)),
    )


FAMILY = Family("vgg", Recipe, sample, write)
