"""Cells as the library encodes them, ready for training: there is no second encoder in Python."""

from __future__ import annotations

from dataclasses import dataclass

import nnformer
import numpy as np
import numpy.typing as npt

from nnformer_training.features.sharing import Int64, Lists, NodeRelations, share
from nnformer_training.model.packing import Packer

#: A class token and a depth token.
TOKENS_PER_CELL = 2


@dataclass(frozen=True)
class CellEncoding:
    """feature_table: [rows, f], distinct node features; feature_rows: [nodes]. The class tokens of all cells come
    first, their depth tokens next, then the cells' nodes, cell by cell, sources before their readers."""

    cell_count: int
    feature_table: npt.NDArray[np.float32]
    feature_rows: Int64
    relations: NodeRelations

    @classmethod
    def of(cls, cells: nnformer.CellList) -> CellEncoding:
        table, rows = np.unique(np.asarray(cells.features()), axis=0, return_inverse=True)
        relations = cells.relations()
        lists = [
            Lists(np.asarray(offsets, np.int64), np.asarray(indices, np.int64))
            for offsets, indices in (relations[name] for name in nnformer.RELATIONS)
        ]
        return cls(len(cells), table.astype(np.float32), rows.reshape(-1).astype(np.int64), NodeRelations(*lists))

    @property
    def first_node(self) -> int:
        """Number of the first node that is no token."""
        return TOKENS_PER_CELL * self.cell_count

    @property
    def node_counts(self) -> Int64:
        """[cells], without tokens."""
        # A class token sees its cell's other tokens and all its nodes.
        return np.diff(self.relations.successors.offsets[: self.cell_count + 1]) - (TOKENS_PER_CELL - 1)

    @property
    def edges(self) -> tuple[Int64, Int64]:
        """Of all cells, without tokens: the nodes that are read, and those that read them."""
        successors, first = self.relations.successors, self.first_node
        sources = np.repeat(np.arange(first, len(self.feature_rows)), np.diff(successors.offsets)[first:])
        return sources, successors.indices[successors.offsets[first] :]

    def packer(self, layers: int) -> CellPacker:
        # Every class token is a graph of its own, and all other nodes one more that is never packed: a batch then
        # holds what its class tokens need, and no more.
        offsets = np.append(np.arange(self.cell_count + 1, dtype=np.int64), len(self.feature_rows))
        shared = share(self.feature_rows, offsets, self.relations, layers)
        class_token_rows = shared.graphs.indices[: self.cell_count]
        _, first, representatives = np.unique(class_token_rows, return_index=True, return_inverse=True)
        no_costs = np.zeros((len(self.feature_table), 2), np.float32)
        packer = Packer(shared, self.feature_table, no_costs, np.zeros((self.cell_count + 1, 0), np.float32))
        return CellPacker(packer, first[representatives.reshape(-1)])


@dataclass(frozen=True)
class CellPacker:
    """representatives: [cells], the first cell that the network cannot tell from a cell."""

    packer: Packer
    representatives: Int64
