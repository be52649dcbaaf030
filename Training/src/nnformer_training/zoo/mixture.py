"""Networks mixed from blocks of many families, to cover the shapes that convolutional networks can have."""

from __future__ import annotations

import random
from dataclasses import dataclass

import onnx

from nnformer_training.onnx_writer import OnnxWriter
from nnformer_training.rounding import make_divisible
from nnformer_training.zoo.blocks import ACTIVATIONS, classifier, convolution_norm_activation
from nnformer_training.zoo.costs import draw_at_cost
from nnformer_training.zoo.draws import draw_classes, draw_divisor, draw_resolution, log_uniform
from nnformer_training.zoo.family import Family
from nnformer_training.zoo.mixture_blocks import BRANCH_KINDS, KINDS, Block, write_block

WIDTHS = (0.03, 10.0)
KERNELS = (1, 3, 3, 3, 3, 3, 5, 5, 7, 9, 11)
EVEN_KERNELS = (2, 2, 4, 6)
#: Extents below this are not halved any more.
LEAST_EXTENT = 8
#: Ranges of ``Block.ratio``; every other kind has channels inside that are a part of those that leave it.
RATIOS = {"inverted": (1.0, 6.0), "convnext": (1.0, 4.0), "dense": (0.0, 4.0)}
OTHER_RATIOS = (0.12, 1.0)


@dataclass(frozen=True)
class Recipe:
    """``blocks`` have the fields of ``Block``. Without classes the network ends in the features of its last block."""

    height: int
    width: int
    stem_channels: int
    stem_kernel: int
    stem_stride: int
    stem_activation: str
    blocks: tuple[Block, ...]
    #: Of a 1×1 convolution before the classifier; 0 for none.
    head_channels: int
    classes: int


def sample(generator: random.Random) -> Recipe:
    return draw_at_cost(generator, _draw, write, WIDTHS)


def write(recipe: Recipe) -> onnx.ModelProto:
    writer = OnnxWriter("mixture")
    x = writer.input("input", (3, recipe.height, recipe.width))
    x = convolution_norm_activation(
        writer, x, "stem", recipe.stem_channels, recipe.stem_kernel,
        stride=recipe.stem_stride, padding=(recipe.stem_kernel - 1) // 2, activation=recipe.stem_activation,
    )  # fmt: skip
    for number, fields in enumerate(recipe.blocks):
        x = write_block(writer, x, f"b{number}", Block(*fields))
    if recipe.head_channels > 0:
        x = convolution_norm_activation(writer, x, "head", recipe.head_channels, 1, activation=recipe.stem_activation)
    return writer.finish(classifier(writer, x, recipe.classes) if recipe.classes > 0 else x)


def _draw(generator: random.Random, width: float) -> Recipe:
    height = draw_resolution(generator, low=48)
    image_width = height if generator.random() < 0.75 else draw_resolution(generator, low=48)
    divisor = generator.choice((draw_divisor(generator), 1, 8))
    stem_stride = generator.choice((1, 2, 2, 2, 4))
    stem_channels = make_divisible(log_uniform(generator, 8, 64) * width, divisor)
    extent = min(height, image_width) // stem_stride
    # Every block, every stage or the whole network draws a kind, an activation and kernels of its own.
    scope = generator.choice(("block", "block", "stage", "stage", "network"))
    channels, growth = log_uniform(generator, 16, 96) * width, generator.uniform(1.1, 2.2)
    varies_channels = generator.random() < 0.4
    blocks: list[Block] = []
    for stage in range(generator.randint(2, 5)):
        for position in range(generator.randint(1, 5)):
            is_first = position == 0
            stride = 2 if is_first and (stage > 0 or generator.random() < 0.5) and extent >= LEAST_EXTENT else 1
            extent //= stride
            factor = generator.uniform(0.6, 1.5) if varies_channels else 1.0
            if not blocks or scope == "block" or (scope == "stage" and is_first):
                style = _draw_style(generator)
            blocks.append(style._replace(channels=make_divisible(channels * factor, divisor), stride=stride))
            if style.kind == "plain" and stride == 2 and generator.random() < 0.6:
                kernel = generator.choice(EVEN_KERNELS)
                blocks[-1] = blocks[-1]._replace(kernel=(kernel, kernel), dilation=1, repeats=1)
        channels *= growth
    return Recipe(
        height=height,
        width=image_width,
        stem_channels=stem_channels,
        stem_kernel=generator.choice((*KERNELS, *EVEN_KERNELS)),
        stem_stride=stem_stride,
        stem_activation=generator.choice(("relu", blocks[0].activation)),
        blocks=tuple(blocks),
        head_channels=generator.choice((0, make_divisible(channels, divisor))),
        classes=generator.choice((0, *(draw_classes(generator) for _ in range(5)))),
    )


def _draw_style(generator: random.Random) -> Block:
    """A block whose channels and stride are still to be set."""
    kind = generator.choice(tuple(KINDS))
    kernel = generator.choice(KERNELS)
    is_square = generator.random() < 0.8
    return Block(
        kind=kind,
        channels=0,
        kernel=(kernel, kernel if is_square else generator.choice(KERNELS)),
        stride=1,
        dilation=generator.choice((1, 1, 1, 1, 1, 2, 3)),
        groups=generator.choice((1, 1, 2, 3, 4, 8, 16, 32)),
        ratio=round(generator.uniform(*RATIOS.get(kind, OTHER_RATIOS)), 2),
        repeats=generator.randint(1, 3),
        activation=generator.choice(("relu", "relu", "relu", *ACTIVATIONS)),
        has_squeeze_excite=generator.random() < 0.3,
        branches=tuple(
            (generator.choice(tuple(BRANCH_KINDS)), generator.choice(KERNELS)) for _ in range(generator.randint(2, 4))
        ),
    )


FAMILY = Family("mixture", Recipe, sample, write)
