"""From a runtime's kernels to the library's nodes: which nodes a kernel's time pays for.

A kernel names nodes of the ``.onnx`` file. The library has joined some of those into others (a folded normalisation, an
activation spelled out), and a kernel may do the work of nodes that it does not name (an addition fused into a
convolution, a second node that computes what another one does). So nodes are parted into groups, and it is a group that
has a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import onnx

from nnformer_training.measure.profiles import Kernel

NO_GROUP = -1


@dataclass(frozen=True)
class NodeGroups:
    """groups: int32 [n], each node's group, or `NO_GROUP` where no kernel is known to pay for it; microseconds:
    [groups]."""

    groups: npt.NDArray[np.int32]
    microseconds: npt.NDArray[np.float64]


def group_nodes(
    model: onnx.ModelProto,
    names: Sequence[str],
    predecessors: Sequence[npt.NDArray[np.integer]],
    kernels: Sequence[Kernel],
) -> NodeGroups:
    """``names`` and ``predecessors`` of the library's nodes, in topological order. A node that no kernel names belongs
    to the group of one that computes the same, of which runtimes run only one, or else to that of its last predecessor:
    runtimes fuse a node into the one that feeds it."""
    resolve = _Resolution(model, names)
    members = [sorted({node for name in kernel.nodes if (node := resolve(name)) is not None}) for kernel in kernels]
    leader = list(range(len(names)))

    def find(node: int) -> int:
        while leader[node] != node:
            node = leader[node]
        return node

    is_named = np.zeros(len(names), bool)
    for nodes in members:
        is_named[nodes] = True
        for node in nodes[1:]:
            leader[find(node)] = find(nodes[0])
    for node, twin in _twins(model, names).items():
        if not is_named[node] and is_named[twin]:
            leader[node] = find(twin)
            is_named[node] = True
    groups = np.full(len(names), NO_GROUP, np.int64)
    for node in range(len(names)):
        if is_named[node]:
            groups[node] = find(node)
        elif len(predecessors[node]):
            groups[node] = groups[max(predecessors[node])]
    times = np.zeros(len(names))
    for nodes, kernel in zip(members, kernels, strict=True):
        if nodes:
            times[find(nodes[0])] += kernel.microseconds
    leaders, numbers = np.unique(groups[groups != NO_GROUP], return_inverse=True)
    numbered = np.full(len(names), NO_GROUP, np.int32)
    numbered[groups != NO_GROUP] = numbers
    return NodeGroups(numbered, times[leaders])


def _twins(model: onnx.ModelProto, names: Sequence[str]) -> dict[int, int]:
    """Of the library's nodes those that compute what an earlier one does, and that one: the same operator with the same
    attributes on the same values."""
    numbers = {name: number for number, name in enumerate(names)}
    same_value: dict[str, str] = {}
    first: dict[tuple[str, ...], onnx.NodeProto] = {}
    twins: dict[int, int] = {}
    for node in model.graph.node:
        attributes = sorted(attribute.SerializeToString(deterministic=True).hex() for attribute in node.attribute)
        inputs = [same_value.get(value, value) for value in node.input]
        twin = first.setdefault((node.domain, node.op_type, *attributes, "", *inputs), node)
        if twin is node:
            continue
        same_value.update(zip(node.output, twin.output))
        if node.name in numbers and twin.name in numbers:
            twins[numbers[node.name]] = numbers[twin.name]
    return twins


class _Resolution:
    """Finds the library's node for a node of the file: the one of that name, or where it is gone, the one that it was
    joined to, which stands before it."""

    def __init__(self, model: onnx.ModelProto, names: Sequence[str]) -> None:
        self._library = {name: number for number, name in enumerate(names)}
        self._nodes = {node.name: node for node in model.graph.node}
        self._producers = {output: node.name for node in model.graph.node for output in node.output}
        self._found: dict[str, int | None] = {}

    def __call__(self, name: str) -> int | None:
        path: list[str] = []
        while name not in self._library and name not in self._found:
            path.append(name)
            # Taken as nowhere until known, so that a cycle in the names ends.
            self._found[name] = None
            feeding = [self._producers[value] for value in self._nodes[name].input if value in self._producers]
            if not feeding:
                break
            name = feeding[0]
        found = self._library.get(name, self._found.get(name))
        self._found.update(dict.fromkeys(path, found))
        return found
