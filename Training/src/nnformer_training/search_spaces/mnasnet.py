"""MnasNet space with squeeze-excite as Accel-NASBench has it (Ahmad et al., DAC 2024; Tan et al., CVPR 2019).

The label set's ``params`` column counts exactly the trainable parameters of what is written here, and its ``macs``
column exactly these multiply-accumulates plus the counter's own charges for normalisation and pooling (both are
tested). Neither tells which activation was used; ReLU is taken.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import onnx

from nnformer_training.onnx_writer import NEWEST_OPSET, OnnxWriter, Value
from nnformer_training.search_spaces.blocks import (
    classifier,
    convolution_norm,
    convolution_norm_relu,
    squeeze_excite,
)

STAGE_CHANNELS = (16, 24, 40, 80, 112, 192, 320)
STAGE_STRIDES = (1, 2, 2, 2, 1, 2, 1)
INPUT_SHAPE = (3, 224, 224)
STEM_CHANNELS = 32
HEAD_CHANNELS = 1280
CLASSES = 1000
#: Squeezed channels relative to the channels that enter the block (not to the expanded ones).
SQUEEZE_RATIO = 0.25

_EXPANSIONS = (1, 4, 5, 6)
_KERNELS = (3, 5)
_LAYERS = (1, 2, 3, 4)


@dataclass(frozen=True)
class Stage:
    """One of the seven stages: expansion, depthwise kernel, inverted-residual layers, squeeze-excite or not."""

    expansion: int
    kernel: int
    layers: int
    has_squeeze_excite: bool


def one_hot_stages(stages: Sequence[Stage]) -> np.ndarray:
    """Float32 [77]: per stage four expansions, two kernels, four layer counts, squeeze-excite."""
    rows = []
    for stage in stages:
        rows += [float(stage.expansion == value) for value in _EXPANSIONS]
        rows += [float(stage.kernel == value) for value in _KERNELS]
        rows += [float(stage.layers == value) for value in _LAYERS]
        rows.append(float(stage.has_squeeze_excite))
    return np.array(rows, np.float32)


def write_network(stages: Sequence[Stage], *, opset: int = NEWEST_OPSET) -> onnx.ModelProto:
    """The ImageNet network of seven stages."""
    if len(stages) != len(STAGE_CHANNELS):
        raise ValueError(f"a network has {len(STAGE_CHANNELS)} stages, not {len(stages)}")
    writer = OnnxWriter("mnasnet", opset)
    x = writer.input("input", INPUT_SHAPE)
    x = convolution_norm_relu(writer, x, "stem", STEM_CHANNELS, 3, stride=2)
    for number, (stage, channels, first_stride) in enumerate(zip(stages, STAGE_CHANNELS, STAGE_STRIDES, strict=True)):
        for layer in range(stage.layers):
            x = _layer(writer, x, f"s{number}.l{layer}", stage, channels, first_stride if layer == 0 else 1)
    x = convolution_norm_relu(writer, x, "head", HEAD_CHANNELS, 1)
    return writer.finish(classifier(writer, x, CLASSES))


def _layer(writer: OnnxWriter, x: Value, name: str, stage: Stage, channels: int, stride: int) -> Value:
    middle, y = x.channels * stage.expansion, x
    if stage.expansion > 1:
        y = convolution_norm_relu(writer, y, f"{name}.expand", middle, 1)
    y = convolution_norm_relu(writer, y, f"{name}.depthwise", middle, stage.kernel, stride=stride, groups=middle)
    if stage.has_squeeze_excite:
        y = squeeze_excite(writer, y, f"{name}.se", max(1, int(x.channels * SQUEEZE_RATIO)))
    y = convolution_norm(writer, y, f"{name}.project", channels, 1)
    return writer.add(y, x, f"{name}.sum") if y.shape == x.shape else y
