"""Once-for-All MobileNetV3, width 1.0 (Cai et al., ICLR 2020): elastic kernel, expansion, depth and resolution."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Self

import numpy as np
import onnx

from nnformer_training.onnx_writer import NEWEST_OPSET, OnnxWriter, Value
from nnformer_training.rounding import make_divisible
from nnformer_training.search_spaces.blocks import convolution_norm, squeeze_excite

STAGE_CHANNELS = (24, 40, 80, 112, 160)
STAGE_STRIDES = (2, 2, 2, 1, 2)
STAGE_HAS_HARD_SWISH = (False, False, True, True, True)
STAGE_HAS_SQUEEZE_EXCITE = (False, True, False, True, True)
BLOCKS_PER_STAGE = 4
BLOCKS = BLOCKS_PER_STAGE * len(STAGE_CHANNELS)
KERNELS = (3, 5, 7)
EXPANSIONS = (3, 4, 6)
STEM_CHANNELS = 16
HEAD_CHANNELS = 960
FEATURE_CHANNELS = 1280
CLASSES = 1000
LARGEST_RESOLUTION = 224


@dataclass(frozen=True)
class Architecture:
    """A sub-network: stage s uses the first ``depths[s]`` of its four blocks; block b of it is entry 4s + b."""

    kernels: tuple[int, ...]
    expansions: tuple[int, ...]
    depths: tuple[int, ...]
    resolution: int

    @classmethod
    def from_json(cls, text: str) -> Self:
        """From the label set's ``{"ks": [...], "e": [...], "d": [...], "r": ...}``."""
        fields = json.loads(text)
        return cls(tuple(fields["ks"]), tuple(fields["e"]), tuple(fields["d"]), int(fields["r"]))

    def __post_init__(self) -> None:
        if len(self.kernels) != BLOCKS or len(self.expansions) != BLOCKS or len(self.depths) != len(STAGE_CHANNELS):
            raise ValueError(f"not a sub-network of Once-for-All: {self}")
        if not all(1 <= depth <= BLOCKS_PER_STAGE for depth in self.depths):
            raise ValueError(f"a stage has 1 to {BLOCKS_PER_STAGE} blocks, not {self.depths}")

    def one_hot(self) -> np.ndarray:
        """Float32 [241]: per block three kernels and three expansions (zero where unused), the same times the pixels
        relative to 224², and these relative pixels."""
        used = np.zeros((BLOCKS, len(KERNELS) + len(EXPANSIONS)), np.float32)
        for stage, depth in enumerate(self.depths):
            for block in range(BLOCKS_PER_STAGE * stage, BLOCKS_PER_STAGE * stage + depth):
                used[block, KERNELS.index(self.kernels[block])] = 1
                used[block, len(KERNELS) + EXPANSIONS.index(self.expansions[block])] = 1
        pixels = np.float32((self.resolution / LARGEST_RESOLUTION) ** 2)
        return np.concatenate([used.ravel(), used.ravel() * pixels, [pixels]]).astype(np.float32)


def write_network(architecture: Architecture, *, opset: int = NEWEST_OPSET) -> onnx.ModelProto:
    """The ImageNet network of a sub-network."""
    writer = OnnxWriter("once_for_all", opset)
    x = writer.input("input", (3, architecture.resolution, architecture.resolution))
    x = convolution_norm(writer, x, "stem", STEM_CHANNELS, 3, stride=2)
    x = writer.hard_swish(x, "stem.act")
    y = convolution_norm(writer, x, "first.depthwise", STEM_CHANNELS, 3, groups=STEM_CHANNELS)
    y = convolution_norm(writer, writer.relu(y, "first.depthwise.act"), "first.project", STEM_CHANNELS, 1)
    x = writer.add(y, x, "first.sum")
    for stage, depth in enumerate(architecture.depths):
        for repeat in range(depth):
            x = _block(writer, x, architecture, stage, repeat)
    x = writer.hard_swish(convolution_norm(writer, x, "head", HEAD_CHANNELS, 1), "head.act")
    x = writer.global_average_pool(x, "head.pool")
    x = writer.hard_swish(writer.convolution(x, "features.conv", FEATURE_CHANNELS, 1), "features.act")
    return writer.finish(writer.linear(writer.flatten(x, "features.flatten"), "classifier", CLASSES))


def _block(writer: OnnxWriter, x: Value, architecture: Architecture, stage: int, repeat: int) -> Value:
    number = BLOCKS_PER_STAGE * stage + repeat
    name, channels = f"s{stage}.b{repeat}", STAGE_CHANNELS[stage]
    stride = STAGE_STRIDES[stage] if repeat == 0 else 1
    activation = writer.hard_swish if STAGE_HAS_HARD_SWISH[stage] else writer.relu
    middle = make_divisible(x.channels * architecture.expansions[number])
    y = activation(convolution_norm(writer, x, f"{name}.expand", middle, 1), f"{name}.expand.act")
    kernel = architecture.kernels[number]
    y = convolution_norm(writer, y, f"{name}.depthwise", middle, kernel, stride=stride, groups=middle)
    y = activation(y, f"{name}.depthwise.act")
    if STAGE_HAS_SQUEEZE_EXCITE[stage]:
        y = squeeze_excite(writer, y, f"{name}.se", make_divisible(y.channels / 4), gate=OnnxWriter.hard_sigmoid)
    y = convolution_norm(writer, y, f"{name}.project", channels, 1)
    return writer.add(y, x, f"{name}.sum") if y.shape == x.shape else y
