"""NAS-Bench-101 cells (Ying et al., ICML 2019) in their CIFAR-10 skeleton: three stacks of three cells.

Vertices sum what feeds them (the cell's input through a 1×1 projection), the output concatenates what feeds it. A
vertex that feeds the output gets its share of the output's channels, any other the most of what it feeds; an input
with more channels than its reader is cut to the first ones.
"""

from __future__ import annotations

from collections.abc import Sequence

import onnx

from nnformer_training.onnx_writer import NEWEST_OPSET, OnnxWriter, Value
from nnformer_training.search_spaces.blocks import classifier, convolution_norm_relu

#: By the number used in the label set's ``ops``.
INPUT, OUTPUT = -1, -2
CONVOLUTION_3X3, CONVOLUTION_1X1, MAX_POOL_3X3 = 0, 1, 2
STACKS = 3
CELLS_PER_STACK = 3
STEM_CHANNELS = 128
INPUT_SHAPE = (3, 32, 32)
CLASSES = 10

_KERNELS = {CONVOLUTION_3X3: 3, CONVOLUTION_1X1: 1}


def write_network(
    adjacency: Sequence[Sequence[int]], operations: Sequence[int], *, opset: int = NEWEST_OPSET
) -> onnx.ModelProto:
    """The network of a cell given as an upper triangular adjacency matrix and one operation a vertex."""
    _check(adjacency, operations)
    writer = OnnxWriter("nasbench101", opset)
    x = writer.input("input", INPUT_SHAPE)
    x = convolution_norm_relu(writer, x, "stem", STEM_CHANNELS, 3)
    channels = STEM_CHANNELS
    for stack in range(STACKS):
        if stack > 0:
            x = writer.max_pool(x, f"s{stack}.pool", 2, stride=2, padding=0)
            channels *= 2
        for cell in range(CELLS_PER_STACK):
            x = _cell(writer, x, f"s{stack}.c{cell}", adjacency, operations, channels)
    return writer.finish(classifier(writer, x, CLASSES))


def vertex_channels(adjacency: Sequence[Sequence[int]], in_channels: int, out_channels: int) -> list[int]:
    """Channels of every vertex; the first inner vertices take the remainder of an uneven division."""
    last = len(adjacency) - 1
    channels = [in_channels] + [0] * (last - 1) + [out_channels]
    feeding = [vertex for vertex in range(1, last) if adjacency[vertex][last]]
    for position, vertex in enumerate(feeding):
        share, remainder = divmod(out_channels, len(feeding))
        channels[vertex] = share + (position < remainder)
    for vertex in range(last - 1, 0, -1):
        if not adjacency[vertex][last]:
            channels[vertex] = max(channels[reader] for reader in range(vertex + 1, last) if adjacency[vertex][reader])
    return channels


def _cell(
    writer: OnnxWriter,
    x: Value,
    name: str,
    adjacency: Sequence[Sequence[int]],
    operations: Sequence[int],
    out_channels: int,
) -> Value:
    last = len(adjacency) - 1
    channels = vertex_channels(adjacency, x.channels, out_channels)
    values = {0: x}
    for vertex in range(1, last):
        prefix = f"{name}.v{vertex}"
        summands = [
            writer.first_channels(values[source], f"{prefix}.cut{source}", channels[vertex])
            for source in range(1, vertex)
            if adjacency[source][vertex]
        ]
        if adjacency[0][vertex]:
            summands.append(convolution_norm_relu(writer, x, f"{prefix}.input", channels[vertex], 1))
        y = writer.add_all(summands, f"{prefix}.sum")
        if operations[vertex] == MAX_POOL_3X3:
            values[vertex] = writer.max_pool(y, f"{prefix}.pool", 3, stride=1, padding=1)
        else:
            values[vertex] = convolution_norm_relu(writer, y, prefix, channels[vertex], _KERNELS[operations[vertex]])
    joined = [values[vertex] for vertex in range(1, last) if adjacency[vertex][last]]
    outputs = [writer.concatenate(joined, f"{name}.concat")] if joined else []
    if adjacency[0][last]:
        outputs.append(convolution_norm_relu(writer, x, f"{name}.residual", out_channels, 1))
    return writer.add_all(outputs, f"{name}.sum")


def _check(adjacency: Sequence[Sequence[int]], operations: Sequence[int]) -> None:
    count = len(operations)
    if count < 2 or len(adjacency) != count or any(len(row) != count for row in adjacency):
        raise ValueError(f"{count} operations do not fit the adjacency matrix {adjacency}")
    if operations[0] != INPUT or operations[-1] != OUTPUT or set(operations[1:-1]) - {0, 1, 2}:
        raise ValueError(f"not the operations of a cell: {list(operations)}")
    if any(adjacency[i][j] for i in range(count) for j in range(i + 1)):
        raise ValueError(f"the adjacency matrix is not upper triangular: {adjacency}")
    for vertex in range(count - 1):
        if not any(adjacency[vertex]) or not any(row[vertex + 1] for row in adjacency):
            raise ValueError(f"a vertex of {adjacency} is fed by nothing or feeds nothing")
