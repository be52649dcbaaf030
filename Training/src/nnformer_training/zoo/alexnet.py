"""AlexNet (Krizhevsky et al., NeurIPS 2012): five convolutions or so, with local response or batch normalisation."""

from __future__ import annotations

import random
from dataclasses import dataclass

import onnx

from nnformer_training.onnx_writer import OnnxWriter, Value
from nnformer_training.rounding import make_divisible
from nnformer_training.zoo.blocks import convolution_activation, convolution_norm_activation, multilayer_classifier
from nnformer_training.zoo.costs import draw_at_cost
from nnformer_training.zoo.draws import draw_classes, draw_divisor, draw_resolution, vary_channels
from nnformer_training.zoo.family import Family

#: The first two convolutions, the third (which some recipes repeat), and the last two.
FIRST_CHANNELS, MIDDLE_CHANNELS, LAST_CHANNELS = (64, 192), 384, (256, 256)
STEM_KERNELS = (7, 9, 11, 11, 11)
HIDDEN_CHANNELS = 4096
WIDTHS = (0.15, 2.5)


@dataclass(frozen=True)
class Recipe:
    """Tuples hold an entry a convolution. A pooling follows the first two and the last."""

    resolution: int
    classes: int
    stem_stride: int
    channels: tuple[int, ...]
    kernels: tuple[int, ...]
    groups: tuple[int, ...]
    #: "none", "local_response" after the first two convolutions, or "batch" after all.
    norm: str
    hidden_channels: tuple[int, ...]


def sample(generator: random.Random) -> Recipe:
    return draw_at_cost(generator, _draw, write, WIDTHS)


def write(recipe: Recipe) -> onnx.ModelProto:
    writer = OnnxWriter("alexnet")
    x = writer.input("input", (3, recipe.resolution, recipe.resolution))
    convolution = convolution_norm_activation if recipe.norm == "batch" else convolution_activation
    last = len(recipe.channels) - 1
    for position, (channels, kernel, groups) in enumerate(
        zip(recipe.channels, recipe.kernels, recipe.groups, strict=True)
    ):
        stride = recipe.stem_stride if position == 0 else 1
        x = convolution(writer, x, f"c{position}", channels, kernel, stride=stride, groups=groups)
        if position < 2 and recipe.norm == "local_response":
            x = _local_response_normalization(writer, x, f"c{position}.lrn")
        if position in (0, 1, last):
            x = writer.max_pool(x, f"c{position}.pool", 3, stride=2, padding=1)
    return writer.finish(multilayer_classifier(writer, x, recipe.hidden_channels, recipe.classes))


def _draw(generator: random.Random, width: float) -> Recipe:
    resolution, divisor = draw_resolution(generator), draw_divisor(generator)
    # The second and the later convolutions of the original, but the third, were split over two processors.
    has_groups = generator.random() < 0.25
    if has_groups:
        divisor = max(2, divisor)
    standard = (*FIRST_CHANNELS, *(MIDDLE_CHANNELS,) * generator.choice((1, 1, 1, 2, 3)), *LAST_CHANNELS)
    mixes_kernels = generator.random() < 0.6
    kernels = [generator.choice(STEM_KERNELS) if mixes_kernels else 11, 5] + [3] * (len(standard) - 2)
    if mixes_kernels:
        kernels[1:] = generator.choices((1, 3, 3, 5, 7), k=len(standard) - 1)
    hidden = make_divisible(HIDDEN_CHANNELS * min(1.0, width) * generator.choice((0.25, 0.5, 1.0)), divisor)
    return Recipe(
        resolution=resolution,
        classes=draw_classes(generator),
        stem_stride=generator.choice((4, 4, 4, 2)),
        channels=vary_channels(generator, standard, width, divisor),
        kernels=tuple(kernels),
        groups=tuple(2 if has_groups and position not in (0, 2) else 1 for position in range(len(standard))),
        norm=generator.choice(("none", "none", "local_response", "batch")),
        hidden_channels=(hidden,) * generator.choice((1, 2, 2, 2)),
    )


def _local_response_normalization(writer: OnnxWriter, x: Value, name: str) -> Value:
    """Over five neighbouring channels, with the constants of the paper."""
    return writer.node("LRN", name, [x.name], x.shape, size=5, alpha=1e-4, beta=0.75, bias=2.0)


FAMILY = Family("alexnet", Recipe, sample, write)
