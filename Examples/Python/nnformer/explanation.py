"""Estimates as sums over the nodes and blocks of a network."""

from __future__ import annotations

import ctypes
from ctypes import c_double, c_uint32
from dataclasses import dataclass

from . import structures
from .conversions import decoded
from .graph import Graph
from .handle import Handle


@dataclass(frozen=True)
class Block:
    """A part of a network that people speak of, such as a residual block."""

    name: str
    latency_ms: float
    nodes: tuple[int, ...]
    """Numbers of its nodes, in topological order."""


@dataclass(frozen=True)
class Explanation:
    """An estimate as a sum: ``latency_ms`` is ``fixed_ms`` and the sum of ``node_ms``, or of the blocks'."""

    latency_ms: float
    fixed_ms: float
    """What a run takes whatever its nodes."""
    node_ms: tuple[float, ...]
    """By node, in the order of ``Graph.nodes``; none is negative."""
    blocks: tuple[Block, ...]


class ExplanationHandle(Handle):
    """What ``Predictor.explain`` reads: one ``nnformer_explanation``."""

    _destroy_function = "nnformer_explanation_destroy"

    def __init__(self, predictor: Handle, graph: Graph, platform: int) -> None:
        super().__init__(predictor._library)
        self._library.call(
            "nnformer_explanation_create", ctypes.byref(self._pointer), predictor._live, graph._live, platform
        )

    def read(self) -> Explanation:
        summary = structures.ExplanationSummary()
        self._library.call("nnformer_explanation_summarize", self._live, ctypes.byref(summary))
        count = summary.node_count
        node_ms, node_blocks = (c_double * count)(), (c_uint32 * count)()
        self._library.call("nnformer_explanation_copy_nodes", self._live, node_ms, node_blocks, count)
        nodes: list[list[int]] = [[] for _ in range(summary.block_count)]
        for node, number in enumerate(node_blocks):
            nodes[number].append(node)
        blocks = []
        for number in range(summary.block_count):
            block = structures.Block()
            self._library.call("nnformer_explanation_get_block", self._live, number, ctypes.byref(block))
            blocks.append(Block(decoded(block.name), block.latency_ms, tuple(nodes[number])))
        return Explanation(summary.latency_ms, summary.fixed_ms, tuple(node_ms), tuple(blocks))
