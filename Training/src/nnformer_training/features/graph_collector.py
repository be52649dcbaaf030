"""Gathers graphs into the arrays of a feature cache, storing every distinct feature row and every structure once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from nnformer_training.features.graph_library import RELATIONS, GraphData
from nnformer_training.features.kernel_groups import NodeGroups
from nnformer_training.features.sharing import joined
from nnformer_training.search_spaces.nasbench201 import Form

Key = TypeVar("Key")

_FORM_NUMBERS = {form: number for number, form in enumerate(Form)}


class GraphKey(NamedTuple):
    """Which graph: a row of the label set's file, in a form, at a batch size."""

    row: int
    form: Form
    batch: int


class _Numbering(Generic[Key]):
    """Numbers distinct keys in the order of their first appearance."""

    def __init__(self) -> None:
        self._numbers: dict[Key, int] = {}

    def number(self, key: Key) -> tuple[int, bool]:
        """The key's number, and whether it is new."""
        count = len(self._numbers)
        number = self._numbers.setdefault(key, count)
        return number, number == count

    def __len__(self) -> int:
        return len(self._numbers)


@dataclass(frozen=True)
class Structure:
    """The four relations of a graph: degrees of its n nodes, and neighbours numbered within the graph."""

    degrees: tuple[npt.NDArray[np.uint32], ...]
    indices: tuple[npt.NDArray[np.uint32], ...]

    @classmethod
    def of(cls, data: GraphData) -> Structure:
        if len(data.relations) != len(RELATIONS):
            raise ValueError(f"a graph has {len(RELATIONS)} relations, not {len(data.relations)}")
        return cls(
            tuple(np.diff(offsets).astype(np.uint32) for offsets, _ in data.relations),
            tuple(np.asarray(indices, np.uint32) for _, indices in data.relations),
        )

    def key(self) -> bytes:
        """Equal for equal structures only: the degrees fix how the rest is to be read."""
        return b"".join(array.tobytes() for array in (*self.degrees, *self.indices))


@dataclass(frozen=True)
class KernelTimes:
    """What the parts of a network took: of graph number `graph` (of a chunk), in label column `column`."""

    graph: int
    column: int
    nodes: NodeGroups


@dataclass(frozen=True)
class GraphChunk:
    """Some architectures' graphs, small enough to send from one process to another.

    ``node_rows[i]`` are rows of ``table`` for the nodes of graph i, ``graph_structures[i]`` is one of ``structures``.
    """

    keys: list[GraphKey]
    table: npt.NDArray[np.float32]
    node_rows: list[npt.NDArray[np.uint32]]
    structures: list[Structure]
    graph_structures: list[int]
    graph_features: list[npt.NDArray[np.float32]]
    totals: list[npt.NDArray[np.float64]]
    hashes: list[str]
    #: One an architecture, in the order of the file.
    split_hashes: list[str]
    kernel_times: list[KernelTimes]

    @classmethod
    def from_graphs(
        cls,
        keys: list[GraphKey],
        graphs: Sequence[GraphData],
        split_hashes: list[str],
        kernel_times: Sequence[KernelTimes] = (),
    ) -> GraphChunk:
        numbering: _Numbering[bytes] = _Numbering()
        structures, graph_structures = [], []
        for data in graphs:
            structure = Structure.of(data)
            number, is_new = numbering.number(structure.key())
            if is_new:
                structures.append(structure)
            graph_structures.append(number)
        table, rows = _distinct_rows([data.features for data in graphs])
        return cls(
            keys, table, rows, structures, graph_structures,
            [data.graph_features for data in graphs], [data.totals for data in graphs],
            [data.graph_hash for data in graphs], split_hashes, list(kernel_times),
        )  # fmt: skip


def _distinct_rows(
    features: Sequence[npt.NDArray[np.float32]],
) -> tuple[npt.NDArray[np.float32], list[npt.NDArray[np.uint32]]]:
    """The distinct rows of several matrices, and for each matrix the rows' numbers."""
    if not features:
        return np.zeros((0, 0), np.float32), []
    # Adding 0 turns −0 into 0, so that equal numbers have equal bytes.
    joined = np.ascontiguousarray(np.concatenate(features), np.float32) + np.float32(0)
    as_bytes = joined.view(np.dtype((np.void, joined.dtype.itemsize * joined.shape[1]))).reshape(-1)
    _, first, inverse = np.unique(as_bytes, return_index=True, return_inverse=True)
    boundaries = np.cumsum([len(matrix) for matrix in features])[:-1]
    return joined[first], np.split(inverse.reshape(-1).astype(np.uint32), boundaries)


class GraphCollector:
    """Takes chunks in the order of the label set's file; ``arrays`` gives the part of the cache that they make up."""

    def __init__(self) -> None:
        self._rows: _Numbering[bytes] = _Numbering()
        self._table: list[npt.NDArray[np.float32]] = []
        self._structure_numbers: _Numbering[bytes] = _Numbering()
        self._structures: list[Structure] = []
        self._keys: list[GraphKey] = []
        self._node_rows: list[npt.NDArray[np.uint32]] = []
        self._graph_structures: list[int] = []
        self._graph_features: list[npt.NDArray[np.float32]] = []
        self._totals: list[npt.NDArray[np.float64]] = []
        self._hashes: list[str] = []
        self._kernel_times: list[KernelTimes] = []

    def add(self, chunk: GraphChunk) -> None:
        row_numbers = self._number_rows(chunk.table)
        structure_numbers = [self._number_structure(structure) for structure in chunk.structures]
        self._kernel_times += [
            KernelTimes(len(self._keys) + times.graph, times.column, times.nodes) for times in chunk.kernel_times
        ]
        self._keys += chunk.keys
        self._node_rows += [row_numbers[rows] for rows in chunk.node_rows]
        self._graph_structures += [structure_numbers[number] for number in chunk.graph_structures]
        self._graph_features += chunk.graph_features
        self._totals += chunk.totals
        self._hashes += chunk.hashes

    def graph_numbers(self) -> dict[GraphKey, int]:
        return {key: number for number, key in enumerate(self._keys)}

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """The arrays of graphs, nodes and structures, as ``feature_cache`` describes them."""
        arrays: dict[str, npt.NDArray[Any]] = {
            "feature_table": np.stack(self._table),
            "node_feature_rows": np.concatenate(self._node_rows),
            "graph_offsets": _offsets(map(len, self._node_rows)),
            "graph_architecture": np.array([key.row for key in self._keys], np.uint32),
            "graph_batch": np.array([key.batch for key in self._keys], np.uint32),
            "graph_form": np.array([_FORM_NUMBERS[key.form] for key in self._keys], np.uint8),
            "graph_structure": np.array(self._graph_structures, np.uint32),
            "graph_features": np.stack(self._graph_features).astype(np.float32),
            "graph_totals": np.stack(self._totals),
            "graph_hash": np.array(self._hashes, "S32"),
            "structure_offsets": _offsets(len(structure.degrees[0]) for structure in self._structures),
            **self._kernel_arrays(),
        }
        for number, relation in enumerate(RELATIONS):
            indices = [structure.indices[number] for structure in self._structures]
            arrays[f"{relation}_starts"] = _offsets(map(len, indices))
            arrays[f"{relation}_degrees"] = np.concatenate(
                [structure.degrees[number] for structure in self._structures]
            )
            arrays[f"{relation}_indices"] = np.concatenate(indices)
        return arrays

    def _kernel_arrays(self) -> dict[str, npt.NDArray[Any]]:
        times = self._kernel_times
        return {
            "kernel_graph": np.array([one.graph for one in times], np.uint32),
            "kernel_column": np.array([one.column for one in times], np.uint16),
            "kernel_node_groups": joined([one.nodes.groups for one in times], np.int32),
            "kernel_group_offsets": _offsets(len(one.nodes.microseconds) for one in times),
            "kernel_group_shares": joined(
                [one.nodes.microseconds / one.nodes.microseconds.sum() for one in times], np.float32
            ),
        }

    def _number_rows(self, table: npt.NDArray[np.float32]) -> npt.NDArray[np.uint32]:
        numbers = np.empty(len(table), np.uint32)
        for position, row in enumerate(table):
            numbers[position], is_new = self._rows.number(row.tobytes())
            if is_new:
                self._table.append(row)
        return numbers

    def _number_structure(self, structure: Structure) -> int:
        number, is_new = self._structure_numbers.number(structure.key())
        if is_new:
            self._structures.append(structure)
        return number


def _offsets(lengths: Iterable[int]) -> npt.NDArray[np.int64]:
    return np.concatenate([[0], np.cumsum(list(lengths))]).astype(np.int64)
