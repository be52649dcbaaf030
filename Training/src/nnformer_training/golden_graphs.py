"""The graphs of the golden vectors: real networks of every search space, and random ones of mixed operators."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import onnx

from .onnx_writer import OnnxWriter, Value
from .search_spaces import fbnet, mnasnet, nasbench101, nasbench201, once_for_all

RANDOM_GRAPH_SIZES = (*range(5, 41), 48, 60, 90, 130)
"""Operators of the random graphs, before the library merges some of them."""

LARGE_GRAPH_SIZE = 560
HUB_CHILDREN = 100
"""More children than a node's lists follow (64), so that the bound on siblings is covered."""


@dataclass(frozen=True)
class GoldenGraph:
    name: str
    batch: int
    model: onnx.ModelProto


def golden_graphs(seed: int) -> Iterator[GoldenGraph]:
    """All graphs, the same for the same seed; batch sizes take turns."""
    generator = np.random.default_rng(seed)
    yield from _search_space_graphs(generator)
    for size in RANDOM_GRAPH_SIZES:
        batch = int(generator.choice([1, 2, 8, 32, 128]))
        yield GoldenGraph(f"random_{size:03}", batch, _random_graph(generator, size))
    yield GoldenGraph("large", 4, _random_graph(generator, LARGE_GRAPH_SIZE))
    yield GoldenGraph("hub", 1, _hub())


def _search_space_graphs(generator: np.random.Generator) -> Iterator[GoldenGraph]:
    operations = ("none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3")
    for number, batch in enumerate((1, 32, 256, 1, 32, 1)):
        # A cell without a path from input to output has an executed form only; the direct edge rules it out.
        edges = [operations[i] for i in generator.integers(0, 5, 6)]
        edges[3] = operations[generator.integers(1, 5)]
        architecture = "|{}~0|+|{}~0|{}~1|+|{}~0|{}~1|{}~2|".format(*edges)
        form = nasbench201.Form.EXECUTED if number % 2 == 0 else nasbench201.Form.PRUNED
        yield GoldenGraph(f"nasbench201_{number}", batch, nasbench201.write_network(architecture, form))
    for number, batch in enumerate((1, 64)):
        blocks = generator.integers(0, 9, fbnet.POSITIONS).tolist()
        yield GoldenGraph(f"fbnet_{number}", batch, fbnet.write_network(blocks))
    for number, batch in enumerate((1, 32)):
        architecture = once_for_all.Architecture(
            tuple(generator.choice(once_for_all.KERNELS, once_for_all.BLOCKS).tolist()),
            tuple(generator.choice(once_for_all.EXPANSIONS, once_for_all.BLOCKS).tolist()),
            tuple(generator.integers(2, 5, 5).tolist()),
            int(generator.choice([160, 192, 224])),
        )
        yield GoldenGraph(f"once_for_all_{number}", batch, once_for_all.write_network(architecture))
    for number in range(2):
        stages = [
            mnasnet.Stage(
                int(generator.choice([1, 4, 6])),
                int(generator.choice([3, 5])),
                int(generator.integers(1, 4)),
                bool(generator.integers(2)),
            )
            for _ in mnasnet.STAGE_CHANNELS
        ]
        yield GoldenGraph(f"mnasnet_{number}", 1, mnasnet.write_network(stages))
    adjacency = [[0, 1, 1, 0, 1], [0, 0, 1, 1, 0], [0, 0, 0, 1, 0], [0, 0, 0, 0, 1], [0, 0, 0, 0, 0]]
    yield GoldenGraph("nasbench101_0", 1, nasbench101.write_network(adjacency, [-1, 0, 2, 1, -2]))


def _random_graph(generator: np.random.Generator, size: int) -> onnx.ModelProto:
    """`size` operators over images that only ever shrink; everything that nobody reads is an output."""
    writer = OnnxWriter("random")
    values = [writer.input("x", (int(generator.choice([3, 8, 16])), 32, 32))]
    unread: dict[str, Value] = {}
    for number in range(size):
        recent = values[-8:]
        x = recent[generator.integers(len(recent))]
        read, result = _random_operator(generator, writer, x, recent, f"n{number}")
        for value in read:
            unread.pop(value.name, None)
        unread[result.name] = result
        values.append(result)
    return writer.finish(*unread.values())


def _random_operator(
    generator: np.random.Generator, writer: OnnxWriter, x: Value, recent: list[Value], name: str
) -> tuple[list[Value], Value]:
    """One operator on x, and what it reads."""
    alike = [value for value in recent if value.shape == x.shape and value.name != x.name]
    stackable = [value for value in recent if value.shape[1:] == x.shape[1:] and value.name != x.name]
    kind = generator.integers(10)
    if kind < 3:
        stride = 2 if x.shape[1] > 4 and generator.random() < 0.2 else 1
        kernel = int(generator.choice([1, 3, 5]))
        channels = int(generator.choice([8, 16, 24, 64]))
        return [x], writer.convolution(x, name, channels, kernel, stride=stride)
    if kind == 3:
        return [x], writer.convolution(x, name, x.channels, 3, groups=x.channels)
    if kind == 4 and alike:
        other = alike[generator.integers(len(alike))]
        return [x, other], writer.add(x, other, name)
    if kind == 5 and alike:
        other = alike[generator.integers(len(alike))]
        return [x, other], writer.multiply(x, other, name)
    if kind == 6 and stackable and x.channels < 256:
        other = stackable[generator.integers(len(stackable))]
        return [x, other], writer.concatenate([x, other], name)
    if kind == 7:
        pool = writer.average_pool if generator.integers(2) else writer.max_pool
        return [x], pool(x, name, 3, stride=1, padding=1)
    if kind == 8:
        return [x], writer.batch_normalization(x, name)
    activations = (writer.relu, writer.sigmoid, writer.hard_sigmoid, writer.hard_swish)
    return [x], activations[generator.integers(len(activations))](x, name)


def _hub() -> onnx.ModelProto:
    """One convolution read by many activations whose sum reads them all again."""
    writer = OnnxWriter("hub")
    stem = writer.convolution(writer.input("x", (3, 16, 16)), "stem", 8, 3)
    branches = [writer.sigmoid(stem, f"s{number}") for number in range(HUB_CHILDREN)]
    return writer.finish(writer.relu(writer.concatenate(branches, "join"), "out"))
