"""Swin transformers (Liu et al., ICCV 2021): attention inside windows, every second block's windows shifted.

Values are (height, width, channels). Windows join the batch axis for attention, so that their values are
(tokens of a window, channels).
"""

from __future__ import annotations

import random
from dataclasses import dataclass

import numpy as np
import onnx

from nnformer_training.onnx_writer import OnnxWriter, Value
from nnformer_training.zoo import tokens
from nnformer_training.zoo.draws import draw_classes
from nnformer_training.zoo.family import Family
from nnformer_training.zoo.token_costs import draw_near_cost, encoder_block_macs

_TO_THE_END = np.iinfo(np.int64).max


@dataclass(frozen=True)
class Recipe:
    """``depths`` and ``heads`` a stage; ``window`` in tokens a side, ``patch`` in pixels.

    Each stage after the first has half the extents and twice the width. ``windows`` is how many of them lie along a
    side in the last stage, so that every stage divides into windows without padding.
    """

    patch: int
    window: int
    windows: int
    width: int
    depths: tuple[int, ...]
    heads: tuple[int, ...]
    mlp_ratio: float
    is_fused: bool
    classes: int
    opset: int

    @property
    def resolution(self) -> int:
        return self.patch * self.extent(0)

    def extent(self, stage: int) -> int:
        """Tokens a side."""
        return self.window * self.windows << (len(self.depths) - 1 - stage)


def sample(generator: random.Random) -> Recipe:
    return draw_near_cost(generator, _draw, _macs)


def write(recipe: Recipe) -> onnx.ModelProto:
    writer = OnnxWriter("swin", recipe.opset)
    x = writer.input("input", (3, recipe.resolution, recipe.resolution))
    x = writer.convolution(x, "patches", recipe.width, recipe.patch, stride=recipe.patch, padding=0, has_bias=True)
    extent = recipe.extent(0)
    x = writer.node("Transpose", "to_channels_last", [x.name], (extent, extent, recipe.width), perm=(0, 2, 3, 1))
    x = tokens.layer_norm(writer, x, "patches.norm")
    for stage, depth in enumerate(recipe.depths):
        if stage > 0:
            x = _merge_patches(writer, x, f"merge{stage}")
        for layer in range(depth):
            # One window alone cannot be shifted.
            shift = recipe.window // 2 if layer % 2 and recipe.extent(stage) > recipe.window else 0
            x = _block(writer, x, f"s{stage}.b{layer}", recipe, recipe.heads[stage], shift)
    x = tokens.mean_over_tokens(writer, tokens.layer_norm(writer, x, "norm"), "pool")
    return writer.finish(writer.linear(x, "classifier", recipe.classes))


def _draw(generator: random.Random) -> Recipe:
    stages = generator.choice((2, 3, 4, 4, 4))
    window = generator.choice((4, 5, 6, 7, 7, 7, 8))
    patch = generator.choice((2, 4, 4, 4, 8))
    head = generator.choice((16, 24, 32, 32, 32))
    first_heads = generator.randint(-(-32 // head), 128 // head)
    most_windows = max(1, 320 // (patch * window << (stages - 1)))
    return Recipe(
        patch=patch,
        window=window,
        windows=generator.randint(1, min(4, most_windows)),
        width=first_heads * head,
        depths=tuple(generator.choice((1, 2, 2, 2, 4, 6)) for _ in range(stages)),
        heads=tuple(first_heads << stage for stage in range(stages)),
        mlp_ratio=generator.choice((2.0, 3.0, 4.0, 4.0)),
        is_fused=generator.random() < 0.8,
        classes=draw_classes(generator),
        opset=generator.choice(tokens.OPSETS),
    )


def _macs(recipe: Recipe) -> int:
    macs = recipe.resolution**2 * 3 * recipe.width
    for stage, depth in enumerate(recipe.depths):
        count, width = recipe.extent(stage) ** 2, recipe.width << stage
        if stage > 0:
            macs += count * 2 * width * width
        windows = count // recipe.window**2
        macs += depth * windows * encoder_block_macs(recipe.window**2, width, int(width * recipe.mlp_ratio))
    return macs


def _block(writer: OnnxWriter, x: Value, name: str, recipe: Recipe, heads: int, shift: int) -> Value:
    window, y = recipe.window, tokens.layer_norm(writer, x, f"{name}.norm1")
    windows = (x.shape[0] // window) * (x.shape[1] // window)

    def bias_scores(scores: Value, score_name: str) -> Value:
        position = tokens.add_parameter(writer, scores, score_name)
        return position if shift == 0 else _mask_windows(writer, position, f"{score_name}.mask", windows)

    if shift > 0:
        y = _roll(writer, y, f"{name}.shift", shift)
    y = _split_windows(writer, y, f"{name}.windows", window)
    y = tokens.attention(writer, y, f"{name}.attention", heads, is_fused=recipe.is_fused, bias_scores=bias_scores)
    y = _join_windows(writer, y, f"{name}.joined", window, x.shape)
    if shift > 0:
        y = _roll(writer, y, f"{name}.unshift", -shift)
    x = writer.add(x, y, f"{name}.sum1")
    y = tokens.layer_norm(writer, x, f"{name}.norm2")
    y = tokens.mlp(writer, y, f"{name}.mlp", int(x.shape[-1] * recipe.mlp_ratio))
    return writer.add(x, y, f"{name}.sum2")


def _split_windows(writer: OnnxWriter, x: Value, name: str, window: int) -> Value:
    height, width, channels = x.shape
    grid = (height // window, window, width // window, window, channels)
    x = tokens.reshape(writer, x, f"{name}.grid", grid)
    shape = (grid[0], grid[2], window, window, channels)
    x = writer.node("Transpose", f"{name}.transpose", [x.name], shape, perm=(0, 1, 3, 2, 4, 5))
    return tokens.reshape(writer, x, name, (window * window, channels), batch=-1)


def _join_windows(writer: OnnxWriter, x: Value, name: str, window: int, shape: tuple[int, ...]) -> Value:
    height, width, channels = shape
    grid = (height // window, width // window, window, window, channels)
    x = tokens.reshape(writer, x, f"{name}.grid", grid, batch=-1)
    swapped = (grid[0], window, grid[1], window, channels)
    x = writer.node("Transpose", f"{name}.transpose", [x.name], swapped, perm=(0, 1, 3, 2, 4, 5))
    return tokens.reshape(writer, x, name, shape)


def _mask_windows(writer: OnnxWriter, scores: Value, name: str, windows: int) -> Value:
    """Keeps tokens that only the shift made neighbours from attending to each other; every window has its own mask."""
    heads, count, _ = scores.shape
    split = tokens.reshape(writer, scores, f"{name}.split", (windows, *scores.shape), batch=-1)
    mask = writer.weight(f"{name}.weight", (1, windows, 1, count, count))
    masked = writer.node("Add", f"{name}.add", [split.name, mask], split.shape)
    return tokens.reshape(writer, masked, name, (heads, count, count), batch=-1)


def _roll(writer: OnnxWriter, x: Value, name: str, shift: int) -> Value:
    """``torch.roll`` of both extents by -shift: the first ``shift`` rows and columns go to the end."""
    for axis in (1, 2):
        prefix, extent = f"{name}.axis{axis}", x.shape[axis - 1]
        start = shift % extent
        parts = (
            _slice(writer, x, f"{prefix}.tail", axis, start, _TO_THE_END),
            _slice(writer, x, f"{prefix}.head", axis, 0, start),
        )
        x = writer.node("Concat", prefix, [part.name for part in parts], x.shape, axis=axis)
    return x


def _merge_patches(writer: OnnxWriter, x: Value, name: str) -> Value:
    """Joins the channels of 2×2 neighbours, four times as many, and projects them to twice as many."""
    height, width, channels = x.shape
    quarters = []
    for column, row in ((0, 0), (0, 1), (1, 0), (1, 1)):
        rows = _slice(writer, x, f"{name}.rows{row}{column}", 1, row, _TO_THE_END, step=2)
        quarters.append(_slice(writer, rows, f"{name}.quarter{row}{column}", 2, column, _TO_THE_END, step=2))
    shape = (height // 2, width // 2, 4 * channels)
    x = writer.node("Concat", f"{name}.concat", [quarter.name for quarter in quarters], shape, axis=-1)
    x = tokens.layer_norm(writer, x, f"{name}.norm")
    return tokens.linear(writer, x, name, 2 * channels, has_bias=False)


def _slice(writer: OnnxWriter, x: Value, name: str, axis: int, start: int, end: int, *, step: int = 1) -> Value:
    bounds = [
        writer.constant(f"{name}.{part}", np.array([number], np.int64))
        for part, number in (("starts", start), ("ends", end), ("axes", axis), ("steps", step))
    ]
    shape = list(x.shape)
    shape[axis - 1] = len(range(*slice(start, end, step).indices(shape[axis - 1])))
    return writer.node("Slice", name, [x.name, *bounds], tuple(shape))


FAMILY = Family("swin", Recipe, sample, write)
