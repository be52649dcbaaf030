"""Networks of inverted residuals: recipe, sampler and writer of MobileNetV2 and V3, MnasNet and EfficientNet."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Sequence
from dataclasses import dataclass

import onnx

from nnformer_training.onnx_writer import OnnxWriter
from nnformer_training.rounding import make_divisible
from nnformer_training.zoo.blocks import (
    ACTIVATIONS,
    SqueezeExcite,
    classifier,
    convolution_norm_activation,
    inverted_residual,
)
from nnformer_training.zoo.costs import draw_at_cost
from nnformer_training.zoo.draws import (
    draw_classes,
    draw_divisor,
    draw_resolution,
    vary_channels,
    vary_depths,
)

#: Depthwise kernels where a network mixes them, as often as they are drawn.
MIXED_KERNELS = (1, 3, 3, 3, 5, 5, 7)
#: Factors on a block's standard expansion where a network mixes them.
EXPANSION_FACTORS = (0.5, 0.75, 1.0, 1.0, 1.25, 1.5)
WIDTHS = (0.2, 3.5)
SQUEEZE_RATIO = 0.25


@dataclass(frozen=True)
class Stage:
    """Blocks with equal channels, of which the first has the stride. ``expansion`` is relative to a block's input."""

    expansion: float
    channels: int
    depth: int
    stride: int
    kernel: int
    has_squeeze_excite: bool = False
    activation: str = "relu"


@dataclass(frozen=True)
class Standard:
    """The published network that a family varies."""

    stages: tuple[Stage, ...]
    stem_channels: int
    stem_activation: str
    head_channels: int
    head_activation: str
    #: Width of a linear layer between pooling and classifier; 0 for none.
    feature_channels: int = 0
    squeeze_activation: str = "relu"
    squeeze_gate: str = "sigmoid"
    #: Whether the squeezed channels are a share of the expanded ones, rounded as these, or of the block's input.
    squeezes_expanded: bool = False


@dataclass(frozen=True)
class MobileRecipe:
    """Tuples hold an entry a block; 0 squeezed channels mean no squeeze-excite, 0 feature channels no such layer."""

    resolution: int
    classes: int
    stem_channels: int
    stem_activation: str
    channels: tuple[int, ...]
    expanded_channels: tuple[int, ...]
    kernels: tuple[int, ...]
    strides: tuple[int, ...]
    squeezed_channels: tuple[int, ...]
    activations: tuple[str, ...]
    squeeze_activation: str
    squeeze_gate: str
    head_channels: int
    head_activation: str
    feature_channels: int


def with_squeeze_excite(generator: random.Random, standard: Standard, share: float) -> Standard:
    """Squeeze-excite in each stage with the probability ``share``, whatever the standard has."""
    stages = tuple(
        dataclasses.replace(stage, has_squeeze_excite=generator.random() < share) for stage in standard.stages
    )
    return dataclasses.replace(standard, stages=stages)


def with_activation(standard: Standard, activation: str) -> Standard:
    """One activation in stem, stages and head."""
    stages = tuple(dataclasses.replace(stage, activation=activation) for stage in standard.stages)
    return dataclasses.replace(standard, stages=stages, stem_activation=activation, head_activation=activation)


def sample_mobile(generator: random.Random, standard: Standard) -> MobileRecipe:
    return draw_at_cost(generator, lambda numbers, width: _draw(numbers, standard, width), write_mobile, WIDTHS)


def write_mobile(recipe: MobileRecipe) -> onnx.ModelProto:
    writer = OnnxWriter("mobile")
    x = writer.input("input", (3, recipe.resolution, recipe.resolution))
    x = convolution_norm_activation(
        writer, x, "stem", recipe.stem_channels, 3, stride=2, activation=recipe.stem_activation
    )
    for number, squeezed in enumerate(recipe.squeezed_channels):
        squeeze = SqueezeExcite(squeezed, recipe.squeeze_activation, recipe.squeeze_gate) if squeezed else None
        x = inverted_residual(
            writer, x, f"b{number}", recipe.channels[number], recipe.kernels[number],
            expanded_channels=recipe.expanded_channels[number], stride=recipe.strides[number],
            activation=recipe.activations[number], squeeze=squeeze,
        )  # fmt: skip
    x = convolution_norm_activation(writer, x, "head", recipe.head_channels, 1, activation=recipe.head_activation)
    if not recipe.feature_channels:
        return writer.finish(classifier(writer, x, recipe.classes))
    x = writer.flatten(writer.global_average_pool(x, "head.pool"), "head.flatten")
    x = writer.linear(x, "features", recipe.feature_channels)
    x = ACTIVATIONS[recipe.head_activation](writer, x, "features.act")
    return writer.finish(writer.linear(x, "classifier", recipe.classes))


@dataclass(frozen=True)
class _Block:
    channels: int
    expanded_channels: int
    kernel: int
    stride: int
    squeezed_channels: int
    activation: str


def _draw(generator: random.Random, standard: Standard, width: float) -> MobileRecipe:
    resolution, divisor = draw_resolution(generator), draw_divisor(generator)
    # MobileNetV2 keeps its head below width 1, others scale it.
    head_width = width if generator.random() < 0.5 else max(1.0, width)
    stem_channels = make_divisible(standard.stem_channels * width, divisor)
    blocks = _sample_blocks(generator, standard, stem_channels, width, divisor)
    return MobileRecipe(
        resolution=resolution,
        classes=draw_classes(generator),
        stem_channels=stem_channels,
        stem_activation=standard.stem_activation,
        channels=tuple(block.channels for block in blocks),
        expanded_channels=tuple(block.expanded_channels for block in blocks),
        kernels=tuple(block.kernel for block in blocks),
        strides=tuple(block.stride for block in blocks),
        squeezed_channels=tuple(block.squeezed_channels for block in blocks),
        activations=tuple(block.activation for block in blocks),
        squeeze_activation=standard.squeeze_activation,
        squeeze_gate=standard.squeeze_gate,
        head_channels=make_divisible(standard.head_channels * head_width, divisor),
        head_activation=standard.head_activation,
        feature_channels=make_divisible(standard.feature_channels * head_width) if standard.feature_channels else 0,
    )


def _sample_blocks(
    generator: random.Random, standard: Standard, in_channels: int, width: float, divisor: int
) -> Sequence[_Block]:
    stages = standard.stages
    depths = vary_depths(generator, [stage.depth for stage in stages])
    stage_channels = vary_channels(generator, [stage.channels for stage in stages], width, divisor)
    mixes_kernels, mixes_expansions = generator.random() < 0.7, generator.random() < 0.7
    blocks = []
    for stage, depth, channels in zip(stages, depths, stage_channels, strict=True):
        for position in range(depth):
            kernel = generator.choice(MIXED_KERNELS) if mixes_kernels else stage.kernel
            factor = generator.choice(EXPANSION_FACTORS) if mixes_expansions else 1.0
            expands = stage.expansion > 1
            expanded = make_divisible(in_channels * stage.expansion * factor, divisor) if expands else in_channels
            squeezed = 0
            if stage.has_squeeze_excite and standard.squeezes_expanded:
                squeezed = make_divisible(expanded * SQUEEZE_RATIO, divisor)
            elif stage.has_squeeze_excite:
                squeezed = max(1, int(in_channels * SQUEEZE_RATIO))
            stride = stage.stride if position == 0 else 1
            blocks.append(_Block(channels, expanded, kernel, stride, squeezed, stage.activation))
            in_channels = channels
    return blocks
