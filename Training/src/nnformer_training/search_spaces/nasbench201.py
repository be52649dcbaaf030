"""NAS-Bench-201 (Dong & Yang, ICLR 2020): 15,625 cells of four nodes and six edges in one fixed CIFAR skeleton.

A label belongs to the graph that a device ran, and devices ran different ones (``Form``).
"""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass

import numpy as np
import onnx

from nnformer_training.onnx_writer import NEWEST_OPSET, OnnxWriter, Value
from nnformer_training.search_spaces.blocks import classifier, convolution_norm

OPERATIONS = ("none", "skip_connect", "avg_pool_3x3", "nor_conv_1x1", "nor_conv_3x3")
#: (from, to) of the six edges, in the order of the architecture string.
EDGES = ((0, 1), (0, 2), (1, 2), (0, 3), (1, 3), (2, 3))
INPUT_NODE, OUTPUT_NODE = 0, 3

_KERNELS = {"nor_conv_1x1": 1, "nor_conv_3x3": 3}
_EDGE_PATTERN = re.compile(r"([a-z_0-9]+)~(\d)")


@dataclass(frozen=True)
class Skeleton:
    """What the cells stand in: the benchmark's own unless said otherwise."""

    stage_channels: tuple[int, ...] = (16, 32, 64)
    stage_cells: tuple[int, ...] = (5, 5, 5)
    resolution: int = 32
    classes: int = 10


class Form(enum.StrEnum):
    """Which of a cell's edges a device ran."""

    #: All six, ``none`` as a multiplication by zero, and every sum: a framework without a compiler.
    EXECUTED = "executed"
    #: Zeros are values like any other: what is computed from them is run. Only a zero added to the cell's output is
    #: dropped, and with it what it alone read, unless that is itself a sum with a zero. This is what the labels of
    #: pixel3 show (TensorFlow Lite): over the 4,979 cells with dead edges whose label is at least 0.5 ms, one cost
    #: per operation explains 92 % of the variance in this form, 54 % as executed, 42 % pruned.
    COMPILED = "compiled"
    #: Zeros propagate, nothing unread remains.
    PRUNED = "pruned"


class DisconnectedCell(ValueError):
    """No path leads from the cell's input to its output: nothing is left once zeros are propagated."""


def parse_architecture(architecture: str) -> tuple[str, ...]:
    """The six operations in the order of ``EDGES`` of a string such as ``|none~0|+|none~0|none~1|+|…|``."""
    found = _EDGE_PATTERN.findall(architecture)
    if tuple(int(source) for _, source in found) != tuple(source for source, _ in EDGES):
        raise ValueError(f"not an architecture of NAS-Bench-201: {architecture!r}")
    operations = tuple(operation for operation, _ in found)
    for operation in operations:
        if operation not in OPERATIONS:
            raise ValueError(f"unknown operation {operation!r} in {architecture!r}")
    return operations


def one_hot_edges(architecture: str) -> np.ndarray:
    """Float32 [30]: six edges × five operations."""
    encoded = np.zeros((len(EDGES), len(OPERATIONS)), np.float32)
    for edge, operation in enumerate(parse_architecture(architecture)):
        encoded[edge, OPERATIONS.index(operation)] = 1
    return encoded.ravel()


def live_edges(operations: tuple[str, ...]) -> tuple[bool, ...]:
    """For each edge whether it carries something (its source is not all zeros) that somebody reads."""
    is_fed = {INPUT_NODE}
    for (source, target), operation in zip(EDGES, operations, strict=True):
        # EDGES ascend in their targets, so a source is settled before any edge out of it.
        if operation != "none" and source in is_fed:
            is_fed.add(target)
    is_read = {OUTPUT_NODE}
    for (source, target), operation in reversed(list(zip(EDGES, operations, strict=True))):
        if operation != "none" and target in is_read:
            is_read.add(source)
    return tuple(
        operation != "none" and source in is_fed and target in is_read
        for (source, target), operation in zip(EDGES, operations, strict=True)
    )


def is_disconnected(architecture: str) -> bool:
    return not any(live_edges(parse_architecture(architecture)))


def kept_edges(operations: tuple[str, ...], form: Form) -> tuple[bool, ...]:
    """For each edge whether the form holds a node or a wire for it."""
    if form is Form.EXECUTED:
        return (True,) * len(EDGES)
    if form is Form.PRUNED:
        return live_edges(operations)
    edge_02, edge_12, edge_03, edge_13, edge_23 = (operation != "none" for operation in operations[1:])
    keeps_node_2 = edge_23 or not (edge_02 and edge_12)
    return (keeps_node_2 or edge_13, keeps_node_2, keeps_node_2, edge_03, edge_13, keeps_node_2)


def write_network(
    architecture: str, form: Form, *, skeleton: Skeleton = Skeleton(), opset: int = NEWEST_OPSET
) -> onnx.ModelProto:
    """The CIFAR-10 network of a cell; raises ``DisconnectedCell`` for a cell without a path, unless as executed."""
    operations = parse_architecture(architecture)
    if form is not Form.EXECUTED and is_disconnected(architecture):
        raise DisconnectedCell(f"no path from input to output in {architecture}; only its executed form exists")
    writer = OnnxWriter("nasbench201", opset)
    x = writer.input("input", (3, skeleton.resolution, skeleton.resolution))
    x = convolution_norm(writer, x, "stem", skeleton.stage_channels[0], 3)
    for stage, (channels, cells) in enumerate(zip(skeleton.stage_channels, skeleton.stage_cells, strict=True)):
        if stage > 0:
            x = _reduction(writer, x, f"reduce{stage}", channels)
        for cell in range(cells):
            x = _cell(writer, x, f"s{stage}.c{cell}", operations, form)
    x = writer.relu(writer.batch_normalization(x, "head.norm"), "head.relu")
    return writer.finish(classifier(writer, x, skeleton.classes))


def _cell(writer: OnnxWriter, x: Value, name: str, operations: tuple[str, ...], form: Form) -> Value:
    kept = kept_edges(operations, form)
    nodes: dict[int, Value] = {INPUT_NODE: x}
    for target in range(1, OUTPUT_NODE + 1):
        edges = [edge for edge, (_, end) in enumerate(EDGES) if end == target and kept[edge]]
        if form is Form.PRUNED:
            # The order of a sum is the compiler's choice; this one makes isomorphic cells the same graph.
            edges.sort(key=lambda edge: _summand(edge, operations, kept))
        if edges:
            summands = [
                _edge(writer, nodes[EDGES[edge][0]], f"{name}.e{EDGES[edge][0]}{target}", operations[edge])
                for edge in edges
            ]
            nodes[target] = writer.add_all(summands, f"{name}.sum{target}")
    return nodes[OUTPUT_NODE]


def _edge(writer: OnnxWriter, x: Value, name: str, operation: str) -> Value:
    if operation == "none":
        return writer.multiply_by_zero(x, f"{name}.none")
    if operation == "skip_connect":
        return x
    if operation == "avg_pool_3x3":
        return writer.average_pool(x, f"{name}.pool", 3, stride=1, padding=1)
    x = writer.relu(x, f"{name}.relu")
    return convolution_norm(writer, x, name, x.channels, _KERNELS[operation])


def _reduction(writer: OnnxWriter, x: Value, name: str, channels: int) -> Value:
    main = writer.convolution(writer.relu(x, f"{name}.relu1"), f"{name}.conv1", channels, 3, stride=2)
    main = writer.relu(writer.batch_normalization(main, f"{name}.norm1"), f"{name}.relu2")
    main = writer.batch_normalization(writer.convolution(main, f"{name}.conv2", channels, 3), f"{name}.norm2")
    shortcut = writer.average_pool(x, f"{name}.pool", 2, stride=2, padding=0)
    shortcut = writer.convolution(shortcut, f"{name}.shortcut", channels, 1)
    return writer.add(shortcut, main, f"{name}.sum")


def _expression(node: int, operations: tuple[str, ...], live: tuple[bool, ...]) -> str:
    """The node as an expression of the cell's input ``x``, its summands in alphabetical order."""
    if node == INPUT_NODE:
        return "x"
    summands = sorted(
        _summand(edge, operations, live) for edge, (_, target) in enumerate(EDGES) if target == node and live[edge]
    )
    return summands[0] if len(summands) == 1 else "(" + "+".join(summands) + ")"


def _summand(edge: int, operations: tuple[str, ...], live: tuple[bool, ...]) -> str:
    source = _expression(EDGES[edge][0], operations, live)
    return source if operations[edge] == "skip_connect" else f"{operations[edge]}({source})"
