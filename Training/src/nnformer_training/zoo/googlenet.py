"""GoogLeNet (Szegedy et al., CVPR 2015) without auxiliary classifiers: inception modules of four branches."""

from __future__ import annotations

import random
from dataclasses import dataclass

import onnx

from nnformer_training.onnx_writer import OnnxWriter, Value
from nnformer_training.rounding import make_divisible
from nnformer_training.zoo.blocks import classifier, convolution_activation, convolution_norm_activation
from nnformer_training.zoo.costs import draw_at_cost
from nnformer_training.zoo.draws import draw_classes, draw_divisor, draw_resolution
from nnformer_training.zoo.family import Family

#: By stage, a module a row: 1×1; reduction and 3×3; reduction and 5×5; projection of the pooled.
STAGES = (
    ((64, 96, 128, 16, 32, 32), (128, 128, 192, 32, 96, 64)),
    (
        (192, 96, 208, 16, 48, 64), (160, 112, 224, 24, 64, 64), (128, 128, 256, 24, 64, 64),
        (112, 144, 288, 32, 64, 64), (256, 160, 320, 32, 128, 128),
    ),
    ((256, 160, 320, 32, 128, 128), (384, 192, 384, 48, 128, 128)),
)  # fmt: skip
STEM_CHANNELS = (64, 64, 192)
WIDTHS = (0.12, 2.0)


@dataclass(frozen=True)
class Recipe:
    """``modules`` and ``kernels`` hold a tuple a stage with an entry a module: six widths as in ``STAGES``; the kernels
    of the second and third branch."""

    resolution: int
    classes: int
    stem_kernel: int
    stem_channels: tuple[int, ...]
    modules: tuple[tuple[tuple[int, ...], ...], ...]
    kernels: tuple[tuple[tuple[int, int], ...], ...]
    has_norm: bool


def sample(generator: random.Random) -> Recipe:
    return draw_at_cost(generator, _draw, write, WIDTHS)


def write(recipe: Recipe) -> onnx.ModelProto:
    writer = OnnxWriter("googlenet")
    convolution = convolution_norm_activation if recipe.has_norm else convolution_activation
    x = writer.input("input", (3, recipe.resolution, recipe.resolution))
    x = convolution(writer, x, "stem.0", recipe.stem_channels[0], recipe.stem_kernel, stride=2)
    x = writer.max_pool(x, "stem.pool0", 3, stride=2, padding=1)
    x = convolution(writer, x, "stem.1", recipe.stem_channels[1], 1)
    x = convolution(writer, x, "stem.2", recipe.stem_channels[2], 3)
    for stage, (modules, kernels) in enumerate(zip(recipe.modules, recipe.kernels, strict=True)):
        x = writer.max_pool(x, f"s{stage}.pool", 3, stride=2, padding=1)
        for position, (widths, module_kernels) in enumerate(zip(modules, kernels, strict=True)):
            x = inception(writer, x, f"s{stage}.m{position}", widths, module_kernels, recipe.has_norm)
    return writer.finish(classifier(writer, x, recipe.classes))


def _draw(generator: random.Random, width: float) -> Recipe:
    resolution, divisor = draw_resolution(generator), draw_divisor(generator)
    # Torchvision's third branch has 3×3 where the paper has 5×5.
    usual_kernels = generator.choice(((3, 5), (3, 3)))
    varies_branches, mixes_kernels = generator.random() < 0.6, generator.random() < 0.5
    modules, kernels = [], []
    for standard in STAGES:
        rows = _vary_modules(generator, standard)
        modules.append(
            tuple(
                tuple(
                    make_divisible(channels * width * (generator.uniform(0.6, 1.4) if varies_branches else 1), divisor)
                    for channels in row
                )
                for row in rows
            )
        )
        kernels.append(
            tuple(
                (generator.choice((1, 3, 3, 5)), generator.choice((3, 5, 5, 7))) if mixes_kernels else usual_kernels
                for _ in rows
            )
        )
    return Recipe(
        resolution=resolution,
        classes=draw_classes(generator),
        stem_kernel=generator.choice((3, 5, 7, 7, 7)),
        stem_channels=tuple(make_divisible(channels * width, divisor) for channels in STEM_CHANNELS),
        modules=tuple(modules),
        kernels=tuple(kernels),
        has_norm=generator.random() < 0.7,
    )


def inception(
    writer: OnnxWriter, x: Value, name: str, widths: tuple[int, ...], kernels: tuple[int, int], has_norm: bool
) -> Value:
    """Four branches, joined; their widths are as in ``STAGES``, the kernels those of the second and the third."""
    convolution = convolution_norm_activation if has_norm else convolution_activation
    pointwise, reduction2, second, reduction3, third, projection = widths
    pooled = writer.max_pool(x, f"{name}.pool", 3, stride=1, padding=1)
    branches = [
        convolution(writer, x, f"{name}.1", pointwise, 1),
        convolution(writer, convolution(writer, x, f"{name}.2.reduce", reduction2, 1), f"{name}.2", second, kernels[0]),
        convolution(writer, convolution(writer, x, f"{name}.3.reduce", reduction3, 1), f"{name}.3", third, kernels[1]),
        convolution(writer, pooled, f"{name}.4", projection, 1),
    ]
    return writer.concatenate(branches, f"{name}.concat")


def _vary_modules(generator: random.Random, standard: tuple[tuple[int, ...], ...]) -> tuple[tuple[int, ...], ...]:
    """The stage with up to two modules fewer (at least one) or two more, which repeat its last."""
    count = max(1, len(standard) + generator.randint(-2, 2))
    return (*standard, *(standard[-1],) * 2)[:count]


FAMILY = Family("googlenet", Recipe, sample, write)
