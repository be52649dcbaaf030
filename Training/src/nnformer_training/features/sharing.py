"""Computation shared between graphs: equal intermediate results of the encoder are found once, before training.

Each layer has two stages (attention, feed-forward). A row of a stage is a function of its own input and of the
multisets of inputs it sees, so two nodes, of any two graphs, with equal own input and equal multisets have equal
rows. Numbering the distinct rows stage by stage (hash-consing; colour refinement in the sense of Weisfeiler and
Leman) turns a data set into one layered graph of distinct rows, of which a batch needs a part. The estimates stay
the same; early stages shrink to a few rows, because networks repeat a few blocks.

Rows are told apart by 64-bit hashes: with 10⁷ distinct rows the chance of any collision is 3·10⁻⁶.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

SLICE_COUNT = 4
"""Every input is read in four slices: by the four attention heads, or by the feed-forward's expanded left and right
and aggregated left and right halves."""

Int64 = npt.NDArray[np.int64]
Int32 = npt.NDArray[np.int32]
UInt64 = npt.NDArray[np.uint64]

#: How far a state of splitmix64 lies from the next, modulo 2⁶⁴.
SPLITMIX64_STEP = np.uint64(0x9E3779B97F4A7C15)


def joined(parts: Sequence[npt.NDArray[np.generic]], element_type: type) -> npt.NDArray[np.generic]:
    """The parts one after the other; there may be none."""
    return np.concatenate([np.zeros(0, element_type), *parts]).astype(element_type)


@dataclass(frozen=True)
class Lists:
    """Row i holds indices[offsets[i] : offsets[i + 1]]."""

    offsets: Int64
    indices: npt.NDArray[np.integer]

    def take(self, rows: Int64) -> Lists:
        """The given rows, in the given order. Cost: O(rows + their entries)."""
        starts = self.offsets[rows]
        lengths = self.offsets[rows + 1] - starts
        offsets = np.zeros(len(rows) + 1, dtype=np.int64)
        np.cumsum(lengths, out=offsets[1:])
        positions = np.arange(offsets[-1], dtype=np.int64) + np.repeat(starts - offsets[:-1], lengths)
        return Lists(offsets, self.indices[positions])

    def sums(self, values: UInt64) -> UInt64:
        """Per row, the sum of values[index] modulo 2⁶⁴."""
        running = np.zeros(len(self.indices) + 1, dtype=np.uint64)
        np.cumsum(values[self.indices], out=running[1:])
        return running[self.offsets[1:]] - running[self.offsets[:-1]]


@dataclass(frozen=True)
class NodeRelations:
    """The four relations of Model.md over the nodes of all graphs, numbered through."""

    successors: Lists
    predecessors: Lists
    co_children: Lists
    co_parents: Lists


@dataclass(frozen=True)
class SharedStage:
    """One stage's distinct rows.

    own: [rows], the input that the row continues (residual, query).
    groups: row i owns `group_count` consecutive lists, one for each part of its output; an entry input · 4 + slice
    says which slice of which input it reads, itself included, as often as it counts.
    """

    own: Int32
    groups: Lists
    group_count: int

    @property
    def row_count(self) -> int:
        return len(self.own)


@dataclass(frozen=True)
class SharedComputation:
    """Inputs are the distinct feature rows; `graphs` lists each graph's distinct rows of the last stage, and
    `multiplicities` ([entries of graphs], float32) how many of its nodes have that row. node_rows: [nodes], each
    node's row of the last stage."""

    input_count: int
    stages: tuple[SharedStage, ...]
    graphs: Lists
    multiplicities: npt.NDArray[np.float32]
    node_rows: Int32


def share(
    feature_rows: npt.NDArray[np.integer],
    graph_offsets: Int64,
    relations: NodeRelations,
    layers: int,
    is_merging: bool = True,
) -> SharedComputation:
    """Numbers the distinct rows of every stage.

    feature_rows: [nodes], equal numbers for equal feature rows; graph_offsets: [graphs + 1], the nodes of a graph
    are consecutive. `is_merging` false keeps every node apart (after the input), to measure and test sharing.
    Cost: O(layers · (nodes log nodes + entries)).
    """
    current = feature_rows.astype(np.int64)
    stages: list[SharedStage] = []
    r = relations
    all_relations = (r.successors, r.predecessors, r.co_children, r.co_parents)
    for _ in range(layers):
        attention = [((slice_,), (relation, slice_)) for slice_, relation in enumerate(all_relations)]
        stage, current = _number(current, attention, is_merging)
        stages.append(stage)
        feedforward = [((0,), (r.successors, 2)), ((1,), (r.predecessors, 3))]
        stage, current = _number(current, feedforward, is_merging)
        stages.append(stage)
    graphs, multiplicities = _count_per_graph(current, graph_offsets)
    input_count = int(feature_rows.max(initial=-1)) + 1
    return SharedComputation(input_count, tuple(stages), graphs, multiplicities, current.astype(np.int32))


_Group = tuple[tuple[int], tuple[Lists, int]]
"""The slice a row reads of its own input, and the relation with the slice it reads of that relation's inputs."""


def _number(inputs: Int64, groups: Sequence[_Group], is_merging: bool) -> tuple[SharedStage, Int64]:
    """One stage: distinct rows, and each node's row."""
    if is_merging:
        _, representatives, rows = np.unique(
            _row_hashes(inputs, [relation for _, (relation, _) in groups]), return_index=True, return_inverse=True
        )
    else:
        representatives = rows = np.arange(len(inputs), dtype=np.int64)
    lists = [_coded(relation.take(representatives), inputs, slice_) for _, (relation, slice_) in groups]
    own = inputs[representatives]
    own_codes = [own * SLICE_COUNT + slice_ for (slice_,), _ in groups]
    stage = SharedStage(own.astype(np.int32), _interleave(own_codes, lists), len(groups))
    return stage, rows.astype(np.int64)


def _coded(lists: Lists, inputs: Int64, slice_: int) -> Lists:
    return Lists(lists.offsets, inputs[lists.indices] * SLICE_COUNT + slice_)


def _interleave(own_codes: Sequence[Int64], lists: Sequence[Lists]) -> Lists:
    """Row i · len(lists) + g is own_codes[g][i] followed by row i of lists[g]."""
    lengths = np.stack([np.diff(member.offsets) + 1 for member in lists], axis=1)
    offsets = np.zeros(lengths.size + 1, dtype=np.int64)
    np.cumsum(lengths.reshape(-1), out=offsets[1:])
    starts = offsets[:-1].reshape(lengths.shape)
    indices = np.empty(offsets[-1], dtype=np.int32)
    for group, member in enumerate(lists):
        indices[starts[:, group]] = own_codes[group]
        shift = np.repeat(starts[:, group] + 1 - member.offsets[:-1], lengths[:, group] - 1)
        indices[np.arange(len(member.indices), dtype=np.int64) + shift] = member.indices
    return Lists(offsets, indices)


def _count_per_graph(rows: Int64, graph_offsets: Int64) -> tuple[Lists, npt.NDArray[np.float32]]:
    graph_count = len(graph_offsets) - 1
    row_count = int(rows.max(initial=-1)) + 1
    graph_of_node = np.repeat(np.arange(graph_count, dtype=np.int64), np.diff(graph_offsets))
    pairs, counts = np.unique(graph_of_node * row_count + rows, return_counts=True)
    offsets = np.searchsorted(pairs, np.arange(graph_count + 1, dtype=np.int64) * row_count)
    return Lists(offsets, (pairs % max(row_count, 1)).astype(np.int32)), counts.astype(np.float32)


def _row_hashes(inputs: Int64, relations: Sequence[Lists]) -> UInt64:
    """64 bits per node that agree where own input and every relation's multiset of inputs agree."""
    numbers = np.arange(int(inputs.max(initial=-1)) + 1, dtype=np.uint64)
    hashes = splitmix64(numbers)[inputs]
    for salt, relation in enumerate(relations, start=1):
        sums = relation.sums(splitmix64(numbers + np.uint64(salt << 40))[inputs])
        hashes = splitmix64(hashes + splitmix64(sums + np.uint64(salt << 40)))
    return hashes


def splitmix64(x: UInt64) -> UInt64:
    """What the generator of Steele, Lea and Flood (OOPSLA 2014) yields next from the states x; also mixes bits well."""
    x = x + SPLITMIX64_STEP
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))
