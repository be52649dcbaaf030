"""U-Net (Ronneberger et al., MICCAI 2015): an encoder, and a decoder that joins what the encoder had at each level."""

from __future__ import annotations

import random
from dataclasses import dataclass

import numpy as np
import onnx

from nnformer_training.onnx_writer import OnnxWriter, Value
from nnformer_training.rounding import make_divisible
from nnformer_training.zoo.blocks import convolution_norm_activation
from nnformer_training.zoo.costs import fit_width
from nnformer_training.zoo.draws import draw_divisor, draw_macs, draw_resolution
from nnformer_training.zoo.family import Family

#: Extents double from level to level.
SCALE = 2


@dataclass(frozen=True)
class Recipe:
    """Level l (0: full resolution, a multiple of 2^(levels - 1)) has ``channels[l]`` channels and
    ``convolutions`` convolutions on either side. ``upsampling`` is transposed, nearest or linear; the last two are
    followed by a 1×1 convolution. The output is an image of ``classes`` channels."""

    resolution: int
    channels: tuple[int, ...]
    convolutions: int
    upsampling: str
    activation: str
    classes: int


def sample(generator: random.Random) -> Recipe:
    levels = generator.randint(3, 5)
    multiple = SCALE ** (levels - 1)
    resolution = draw_resolution(generator, low=48) // multiple * multiple
    convolutions, growth = generator.choice((1, 2, 2, 2, 3)), generator.choice((1.5, 2.0, 2.0))
    upsampling = generator.choice(("transposed", "nearest", "linear"))
    activation = generator.choice(("relu", "relu", "relu", "leaky_relu", "silu"))
    classes, divisor = generator.choice((1, 2, 3, 21)), generator.choice((draw_divisor(generator), 1))

    def at(width: float) -> Recipe:
        channels = tuple(make_divisible(64 * width * growth**level, divisor) for level in range(levels))
        return Recipe(resolution, channels, convolutions, upsampling, activation, classes)

    return fit_width(at, write, draw_macs(generator), bounds=(0.02, 4.0))


def write(recipe: Recipe) -> onnx.ModelProto:
    writer = OnnxWriter("unet")
    x = writer.input("input", (3, recipe.resolution, recipe.resolution))
    skips: list[Value] = []
    for level, channels in enumerate(recipe.channels):
        if level > 0:
            skips.append(x)
            x = writer.max_pool(x, f"down{level}.pool", SCALE, stride=SCALE, padding=0)
        x = _convolutions(writer, x, f"down{level}", channels, recipe)
    for level, skip in reversed(list(enumerate(skips))):
        x = _upsample(writer, x, f"up{level}.sample", skip.channels, recipe.upsampling)
        x = _convolutions(
            writer, writer.concatenate([skip, x], f"up{level}.concat"), f"up{level}", skip.channels, recipe
        )
    return writer.finish(writer.convolution(x, "head", recipe.classes, 1, has_bias=True))


def _convolutions(writer: OnnxWriter, x: Value, name: str, channels: int, recipe: Recipe) -> Value:
    for number in range(recipe.convolutions):
        x = convolution_norm_activation(writer, x, f"{name}.c{number}", channels, 3, activation=recipe.activation)
    return x


def _upsample(writer: OnnxWriter, x: Value, name: str, channels: int, method: str) -> Value:
    size = tuple(SCALE * extent for extent in x.shape[1:])
    if method == "transposed":
        inputs = [
            x.name,
            writer.weight(f"{name}.weight", (x.channels, channels, SCALE, SCALE)),
            writer.weight(f"{name}.bias", (channels,)),
        ]
        return writer.node(
            "ConvTranspose", name, inputs, (channels, *size),
            dilations=(1, 1), group=1, kernel_shape=(SCALE, SCALE), pads=(0,) * 4, strides=(SCALE, SCALE),
        )  # fmt: skip
    scales = writer.constant(f"{name}.scales", np.array([1, 1, SCALE, SCALE], np.float32))
    transformation = "asymmetric" if method == "nearest" else "half_pixel"
    # The empty name is the region of interest, which these modes do not use.
    resized = writer.node(
        "Resize", f"{name}.resize", [x.name, "", scales], (x.channels, *size),
        mode=method, nearest_mode="floor", coordinate_transformation_mode=transformation,
    )  # fmt: skip
    return writer.convolution(resized, name, channels, 1)


FAMILY = Family("unet", Recipe, sample, write)
