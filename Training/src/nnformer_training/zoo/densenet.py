"""DenseNet (Huang et al., CVPR 2017): every layer reads all layers before it in its block."""

from __future__ import annotations

import random
from dataclasses import dataclass

import onnx

from nnformer_training.onnx_writer import Extents, OnnxWriter, Value
from nnformer_training.rounding import make_divisible
from nnformer_training.zoo.blocks import classifier, convolution_norm_activation
from nnformer_training.zoo.costs import fit_width
from nnformer_training.zoo.draws import draw_classes, draw_divisor, draw_macs, draw_resolution, vary_depths
from nnformer_training.zoo.family import Family

STANDARD_DEPTHS = ((6, 12, 24, 16), (6, 12, 18, 12), (4, 8, 12, 8), (3, 6, 8), (2, 4, 6, 4), (12, 12, 12))


@dataclass(frozen=True)
class Recipe:
    """Block b has ``depths[b]`` layers that add ``growth`` channels each; a bottleneck has ``bottleneck · growth``
    (0: no bottleneck), and a transition keeps the share ``compression`` of the channels."""

    resolution: int
    stem_channels: int
    depths: tuple[int, ...]
    growth: int
    bottleneck: int
    compression: float
    classes: int


def sample(generator: random.Random) -> Recipe:
    resolution, classes = draw_resolution(generator, low=48), draw_classes(generator)
    depths = vary_depths(generator, generator.choice(STANDARD_DEPTHS))
    bottleneck, compression = generator.choice((0, 2, 4, 4, 4)), generator.choice((0.5, 0.5, 0.75, 1.0))
    divisor = generator.choice((draw_divisor(generator), 4, 1))

    def at(width: float) -> Recipe:
        growth = make_divisible(32 * width, divisor)
        return Recipe(resolution, 2 * growth, depths, growth, bottleneck, compression, classes)

    return fit_width(at, write, draw_macs(generator))


def write(recipe: Recipe) -> onnx.ModelProto:
    writer = OnnxWriter("densenet")
    x = writer.input("input", (3, recipe.resolution, recipe.resolution))
    x = convolution_norm_activation(writer, x, "stem", recipe.stem_channels, 7, stride=2)
    x = writer.max_pool(x, "stem.pool", 3, stride=2, padding=1)
    for block, depth in enumerate(recipe.depths):
        if block > 0:
            x = transition(writer, x, f"transition{block}", max(1, int(x.channels * recipe.compression)))
        x = dense_block(writer, x, f"b{block}", depth, recipe.growth, recipe.bottleneck * recipe.growth)
    x = writer.relu(writer.batch_normalization(x, "head.norm"), "head.act")
    return writer.finish(classifier(writer, x, recipe.classes))


def dense_block(
    writer: OnnxWriter, x: Value, name: str, layers: int, growth: int, bottleneck_channels: int, kernel: Extents = 3
) -> Value:
    """``layers`` layers that each append ``growth`` channels; without the 1×1 bottleneck where it has 0 channels."""
    for layer in range(layers):
        prefix = f"{name}.l{layer}"
        y = writer.relu(writer.batch_normalization(x, f"{prefix}.norm1"), f"{prefix}.act1")
        if bottleneck_channels > 0:
            y = convolution_norm_activation(writer, y, f"{prefix}.reduce", bottleneck_channels, 1)
        y = writer.convolution(y, f"{prefix}.conv", growth, kernel)
        x = writer.concatenate([x, y], f"{prefix}.concat")
    return x


def transition(writer: OnnxWriter, x: Value, name: str, channels: int) -> Value:
    """Halve the extents by averages and change the channels before."""
    x = writer.relu(writer.batch_normalization(x, f"{name}.norm"), f"{name}.act")
    x = writer.convolution(x, f"{name}.conv", channels, 1)
    return x if min(x.shape[1:]) < 2 else writer.average_pool(x, f"{name}.pool", 2, stride=2, padding=0)


FAMILY = Family("densenet", Recipe, sample, write)
