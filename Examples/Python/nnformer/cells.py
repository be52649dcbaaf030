"""Cells of a search space."""

from __future__ import annotations

import ctypes
from collections.abc import Iterable, Sequence
from ctypes import c_size_t, c_uint8

from .arrays import Array, as_matrix, new_array
from .constants import RELATIONS
from .conversions import encoded, string_array
from .handle import Handle
from .library import Library


class CellList(Handle):
    """Cells of one search space, ``"nasbench201"`` or ``"nasbench101"``.

        cells = CellList("nasbench201", ["|nor_conv_3x3~0|+|none~0|nor_conv_3x3~1|+|skip_connect~0|none~1|none~2|"])

    Belongs to one thread at a time.
    """

    _destroy_function = "nnformer_cell_list_destroy"

    def __init__(self, space: str, architectures: Iterable[str] = (), *, library: Library | None = None) -> None:
        super().__init__(library)
        self._library.call("nnformer_cell_list_create", ctypes.byref(self._pointer), encoded(space))
        self.space = space
        for architecture in architectures:
            self.add_architecture(architecture)

    def __len__(self) -> int:
        return self._library.nnformer_cell_list_count(self._live)

    def add_architecture(self, architecture: str) -> None:
        """Appends a cell of NAS-Bench-201. ``MalformedInputError`` says where the text is not one."""
        self._library.call("nnformer_cell_list_add_architecture", self._live, encoded(architecture))

    def add_matrix(self, adjacency: Sequence[Sequence[int]], operations: Sequence[str]) -> None:
        """Appends a cell of NAS-Bench-101: ``adjacency[i][j]`` is 1 where vertex i feeds vertex j; operations from
        ``"input"`` to ``"output"``. ``MalformedInputError`` says what is wrong with any other."""
        count = len(operations)
        entries = [int(entry) for row in adjacency for entry in row]
        if len(adjacency) != count or any(len(row) != count for row in adjacency):
            raise ValueError(f"the adjacency matrix is not {count}×{count}, as {count} operations need")
        if any(not 0 <= entry <= 255 for entry in entries):
            raise ValueError(f"entries of the adjacency matrix are 0 or 1, not {entries}")
        matrix = (c_uint8 * len(entries))(*entries)
        self._library.call("nnformer_cell_list_add_matrix", self._live, matrix, count, string_array(operations))

    def features(self) -> Array:
        """Features of all nodes, for training: float32 [node count, feature count]; see nnformer.h for their order."""
        rows, columns = self._encoding_size(0)[0], self._library.nnformer_cell_feature_count()
        features, pointer = new_array("f", rows * columns)
        self._library.call("nnformer_cell_list_copy_features", self._live, pointer, rows * columns)
        return as_matrix(features, rows, columns)

    def relations(self) -> dict[str, tuple[Array, Array]]:
        """All relations by name, as compressed rows: see ``Graph.relation``."""
        return {name: self._relation(number) for number, name in enumerate(RELATIONS)}

    def _encoding_size(self, relation: int) -> tuple[int, int]:
        nodes, entries = c_size_t(), c_size_t()
        self._library.call(
            "nnformer_cell_list_encoding_size", self._live, relation, ctypes.byref(nodes), ctypes.byref(entries)
        )
        return nodes.value, entries.value

    def _relation(self, number: int) -> tuple[Array, Array]:
        nodes, entries = self._encoding_size(number)
        offsets, offset_pointer = new_array("I", nodes + 1)
        indices, index_pointer = new_array("I", entries)
        self._library.call(
            "nnformer_cell_list_copy_relation", self._live, number, offset_pointer, nodes + 1, index_pointer, entries
        )
        return offsets, indices
