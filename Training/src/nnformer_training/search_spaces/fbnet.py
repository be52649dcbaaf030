"""FBNet (Wu et al., CVPR 2019), CIFAR-100 variant of HW-NAS-Bench (Li et al., ICLR 2021): 22 positions, nine blocks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import onnx

from nnformer_training.onnx_writer import NEWEST_OPSET, OnnxWriter, Value
from nnformer_training.search_spaces.blocks import classifier, convolution_norm, convolution_norm_relu


@dataclass(frozen=True)
class Block:
    """An inverted residual: depthwise kernel, expansion of the channels, groups of the 1×1 convolutions."""

    kernel: int
    expansion: int
    groups: int = 1


#: By the number used in the label set; ``None`` is ``skip``.
BLOCKS: tuple[Block | None, ...] = (
    Block(3, 1), Block(3, 1, groups=2), Block(3, 3), Block(3, 6),
    Block(5, 1), Block(5, 1, groups=2), Block(5, 3), Block(5, 6),
    None,
)  # fmt: skip

STAGE_POSITIONS = (1, 4, 4, 4, 4, 4, 1)
STAGE_CHANNELS = (16, 24, 32, 64, 112, 184, 352)
STAGE_STRIDES = (1, 1, 2, 2, 1, 2, 1)
POSITIONS = sum(STAGE_POSITIONS)
INPUT_SHAPE = (3, 32, 32)
STEM_CHANNELS = 16
HEAD_CHANNELS = 1504
CLASSES = 100


def one_hot_blocks(operations: Sequence[int]) -> np.ndarray:
    """Float32 [198]: 22 positions × nine blocks."""
    encoded = np.zeros((POSITIONS, len(BLOCKS)), np.float32)
    encoded[np.arange(POSITIONS), list(operations)] = 1
    return encoded.ravel()


def write_network(operations: Sequence[int], *, opset: int = NEWEST_OPSET) -> onnx.ModelProto:
    """The CIFAR-100 network of 22 block numbers, each an index into ``BLOCKS``."""
    if len(operations) != POSITIONS or not all(0 <= operation < len(BLOCKS) for operation in operations):
        raise ValueError(
            f"an FBNet architecture is {POSITIONS} numbers in 0..{len(BLOCKS) - 1}, not {list(operations)}"
        )
    writer = OnnxWriter("fbnet", opset)
    x = writer.input("input", INPUT_SHAPE)
    x = convolution_norm_relu(writer, x, "stem", STEM_CHANNELS, 3)
    position = 0
    for count, channels, first_stride in zip(STAGE_POSITIONS, STAGE_CHANNELS, STAGE_STRIDES, strict=True):
        for repeat in range(count):
            stride = first_stride if repeat == 0 else 1
            x = _position(writer, x, f"block{position}", BLOCKS[operations[position]], channels, stride)
            position += 1
    x = convolution_norm_relu(writer, x, "head", HEAD_CHANNELS, 1)
    return writer.finish(classifier(writer, x, CLASSES))


def _position(writer: OnnxWriter, x: Value, name: str, block: Block | None, channels: int, stride: int) -> Value:
    keeps_shape = x.channels == channels and stride == 1
    if block is None:
        return x if keeps_shape else convolution_norm_relu(writer, x, f"{name}.skip", channels, 1, stride=stride)
    middle = x.channels * block.expansion
    y = convolution_norm_relu(writer, x, f"{name}.expand", middle, 1, groups=block.groups)
    if block.groups > 1:
        y = writer.channel_shuffle(y, f"{name}.shuffle", block.groups)
    y = convolution_norm_relu(writer, y, f"{name}.depthwise", middle, block.kernel, stride=stride, groups=middle)
    y = convolution_norm(writer, y, f"{name}.project", channels, 1, groups=block.groups)
    return writer.add(y, x, f"{name}.sum") if keeps_shape else y
