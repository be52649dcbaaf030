"""ConvNeXt (Liu et al., CVPR 2022), as torchvision exports it or with 1×1 convolutions in place of linear layers."""

from __future__ import annotations

import random
from dataclasses import dataclass

import onnx

from nnformer_training.onnx_writer import Extents, OnnxWriter, Value
from nnformer_training.rounding import make_divisible
from nnformer_training.zoo.costs import fit_width
from nnformer_training.zoo.draws import draw_classes, draw_divisor, draw_macs, draw_resolution, vary_depths
from nnformer_training.zoo.family import Family
from nnformer_training.zoo.tokens import OPSETS, gelu, layer_norm, mlp

STANDARD_DEPTHS = ((3, 3, 9, 3), (2, 2, 6, 2), (2, 2, 2, 2), (3, 3, 15, 3))
STEM_STRIDE = 4


@dataclass(frozen=True)
class Recipe:
    """Stage s has ``depths[s]`` blocks of ``channels[s]`` channels, which a block multiplies by ``expansion``.

    ``has_linear_layers``: products over the last axis, as torchvision has them; otherwise 1×1 convolutions.
    """

    resolution: int
    depths: tuple[int, ...]
    channels: tuple[int, ...]
    kernel: int
    expansion: int
    has_layer_scale: bool
    has_linear_layers: bool
    opset: int
    classes: int


def sample(generator: random.Random) -> Recipe:
    resolution, classes = draw_resolution(generator, low=48), draw_classes(generator)
    depths = vary_depths(generator, generator.choice(STANDARD_DEPTHS))
    kernel, expansion = generator.choice((3, 5, 7, 7, 7, 9, 11)), generator.choice((2, 3, 4, 4, 4))
    has_layer_scale, has_linear_layers = generator.random() < 0.8, generator.random() < 0.7
    opset, divisor = generator.choice(OPSETS), draw_divisor(generator)

    def at(width: float) -> Recipe:
        channels = tuple(make_divisible(96 * width * 2**stage, divisor) for stage in range(len(depths)))
        return Recipe(
            resolution, depths, channels, kernel, expansion, has_layer_scale, has_linear_layers, opset, classes
        )

    return fit_width(at, write, draw_macs(generator))


def write(recipe: Recipe) -> onnx.ModelProto:
    writer = OnnxWriter("convnext", recipe.opset)
    x = writer.input("input", (3, recipe.resolution, recipe.resolution))
    x = writer.convolution(
        x, "stem.conv", recipe.channels[0], STEM_STRIDE, stride=STEM_STRIDE, padding=0, has_bias=True
    )
    x = channel_norm(writer, x, "stem.norm")
    for stage, (depth, channels) in enumerate(zip(recipe.depths, recipe.channels, strict=True)):
        if stage > 0:
            x = channel_norm(writer, x, f"s{stage}.norm")
            # An image that is down to one pixel a side stays there.
            kernel = 2 if min(x.shape[1:]) >= 2 else 1
            x = writer.convolution(x, f"s{stage}.conv", channels, kernel, stride=kernel, padding=0, has_bias=True)
        for block in range(depth):
            x = convnext_block(
                writer, x, f"s{stage}.b{block}", recipe.kernel, recipe.expansion,
                has_layer_scale=recipe.has_layer_scale, has_linear_layers=recipe.has_linear_layers,
            )  # fmt: skip
    x = channel_norm(writer, writer.global_average_pool(x, "head.pool"), "head.norm")
    return writer.finish(writer.linear(writer.flatten(x, "head.flatten"), "classifier", recipe.classes))


def channel_norm(writer: OnnxWriter, x: Value, name: str) -> Value:
    """LayerNorm over the channels of an image: they move to the end and back."""
    return _channels_first(writer, layer_norm(writer, _channels_last(writer, x, f"{name}.last"), f"{name}.norm"), name)


def convnext_block(
    writer: OnnxWriter,
    x: Value,
    name: str,
    kernel: Extents,
    expansion: int,
    *,
    has_layer_scale: bool = True,
    has_linear_layers: bool = True,
) -> Value:
    """x + scale · MLP(LayerNorm(depthwise(x))); channels and extents stay."""
    y = writer.convolution(x, f"{name}.depthwise", x.channels, kernel, groups=x.channels, has_bias=True)
    if has_linear_layers:
        y = layer_norm(writer, _channels_last(writer, y, f"{name}.last"), f"{name}.norm")
        y = _channels_first(writer, mlp(writer, y, f"{name}.mlp", x.channels * expansion), f"{name}.first")
    else:
        y = channel_norm(writer, y, f"{name}.norm")
        y = writer.convolution(y, f"{name}.expand", x.channels * expansion, 1, has_bias=True)
        y = writer.convolution(gelu(writer, y, f"{name}.act"), f"{name}.project", x.channels, 1, has_bias=True)
    if has_layer_scale:
        y = writer.node("Mul", f"{name}.scaled", [writer.weight(f"{name}.scale", (x.channels, 1, 1)), y.name], y.shape)
    return writer.add(y, x, f"{name}.sum")


def _channels_last(writer: OnnxWriter, x: Value, name: str) -> Value:
    return writer.node("Transpose", name, [x.name], (*x.shape[1:], x.channels), perm=(0, 2, 3, 1))


def _channels_first(writer: OnnxWriter, x: Value, name: str) -> Value:
    return writer.node("Transpose", name, [x.name], (x.shape[-1], *x.shape[:-1]), perm=(0, 3, 1, 2))


FAMILY = Family("convnext", Recipe, sample, write)
