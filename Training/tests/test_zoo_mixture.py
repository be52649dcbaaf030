"""Mixtures cover the space of convolutional networks, and every block leaves what its description says."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from onnx_counters import infer_shapes

from nnformer_training.onnx_writer import OnnxWriter
from nnformer_training.zoo import mixture
from nnformer_training.zoo.mixture_blocks import BRANCH_KINDS, KINDS, Block, write_block

SAMPLES = 200
IN_CHANNELS = 20


@pytest.fixture(scope="module")
def blocks() -> list[Block]:
    return [block for seed in range(SAMPLES) for block in mixture.sample(random.Random(seed)).blocks]


def test_mixtures_use_every_kind_of_block(blocks: list[Block]) -> None:
    kinds = Counter(block.kind for block in blocks)
    assert set(kinds) == set(KINDS)
    assert min(kinds.values()) >= len(blocks) / len(KINDS) / 3
    assert {kind for block in blocks for kind, _ in block.branches} == set(BRANCH_KINDS)


def test_mixtures_vary_what_networks_vary(blocks: list[Block]) -> None:
    assert {extent for block in blocks for extent in block.kernel} >= {1, 2, 3, 4, 5, 6, 7, 9, 11}
    assert {block.dilation for block in blocks} == {1, 2, 3}
    assert {block.stride for block in blocks} == {1, 2}
    assert any(vertical != horizontal for vertical, horizontal in (block.kernel for block in blocks))
    assert sum(block.channels % 8 != 0 for block in blocks) > len(blocks) / 10


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("out_channels", [IN_CHANNELS, 14])
@pytest.mark.parametrize("kind", KINDS)
def test_a_block_leaves_the_channels_and_extents_of_its_description(kind: str, out_channels: int, stride: int) -> None:
    block = Block(
        kind=kind,
        channels=out_channels,
        kernel=(3, 5),
        stride=stride,
        dilation=2,
        groups=4,
        ratio=0.5,
        repeats=2,
        activation="relu",
        has_squeeze_excite=True,
        branches=(("plain", 3), ("average_pooled", 5)),
    )
    writer = OnnxWriter("block")
    y = write_block(writer, writer.input("input", (IN_CHANNELS, 24, 36)), "block", block)
    assert y.shape == (out_channels, 24 // stride, 36 // stride)
    assert infer_shapes(writer.finish(y))[y.name] == (1, *y.shape)
