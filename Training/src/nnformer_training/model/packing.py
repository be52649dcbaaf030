"""Batches: the part of a shared computation that some graphs need, renumbered, as tensors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from scipy.sparse import csr_array
from torch import Tensor

from nnformer_training.features.sharing import SLICE_COUNT, Int64, Lists, SharedComputation, SharedStage

from .sparse import SparseMatrix


@dataclass(frozen=True)
class PackedStage:
    """own: [rows × inputs], one entry a row. lists: [(rows · groups) × (inputs · 4)], see `SharedStage.groups`."""

    own: SparseMatrix
    lists: SparseMatrix

    def to(self, device: torch.device) -> PackedStage:
        return PackedStage(self.own.to(device), self.lists.to(device))


@dataclass(frozen=True)
class PackedBatch:
    """features: [inputs, f], distinct rows. pooling: [graphs × rows of the last stage], how often a graph holds a
    row. costs: [rows of the last stage, 2], see `node_costs`. graph_features: [graphs, G]."""

    features: Tensor
    stages: tuple[PackedStage, ...]
    pooling: SparseMatrix
    costs: Tensor
    graph_features: Tensor

    def to(self, device: torch.device) -> PackedBatch:
        return PackedBatch(
            self.features.to(device),
            tuple(stage.to(device) for stage in self.stages),
            self.pooling.to(device),
            self.costs.to(device),
            self.graph_features.to(device),
        )


class Packer:
    """Packs batches out of one shared computation. Not for use from several threads: it reuses renumbering tables."""

    def __init__(
        self,
        shared: SharedComputation,
        feature_table: npt.NDArray[np.float32],
        cost_table: npt.NDArray[np.float32],
        graph_features: npt.NDArray[np.float32],
    ) -> None:
        """feature_table: [inputs, f] and cost_table: [inputs, 2], row i for feature row number i; graph_features:
        [graphs, G]."""
        self._shared = shared
        self._feature_table = feature_table
        own_input = np.arange(shared.input_count)
        for stage in shared.stages:
            own_input = own_input[stage.own]
        self._costs = cost_table[own_input]
        self._graph_features = graph_features
        self._input_numbers = _Renumbering(shared.input_count)
        self._row_numbers = [_Renumbering(stage.row_count) for stage in shared.stages]

    def local_rows(self, rows: Int64) -> Int64:
        """Where rows of the last stage, numbered as in the whole computation, stand in the batch that was packed last,
        which has to hold them."""
        return self._row_numbers[-1].numbers(rows)

    def pack(self, graphs: Int64) -> PackedBatch:
        """The given graphs, in the given order. Cost: O(rows and entries that they need), no sorting."""
        taken = self._shared.graphs.take(graphs)
        multiplicities = Lists(self._shared.graphs.offsets, self._shared.multiplicities).take(graphs).indices
        rows, local = self._row_numbers[-1].renumber(taken.indices)
        pooling = sparse_matrix(taken.offsets, local, len(rows), multiplicities.astype(np.float32))
        costs = torch.from_numpy(self._costs[rows])

        stages: list[PackedStage] = []
        inputs_of = [self._input_numbers, *self._row_numbers[:-1]]
        for stage, numbering in zip(reversed(self._shared.stages), reversed(inputs_of), strict=True):
            packed, rows = _pack_stage(stage, rows, numbering)
            stages.append(packed)
        return PackedBatch(
            torch.from_numpy(self._feature_table[rows]),
            tuple(reversed(stages)),
            pooling,
            costs,
            torch.from_numpy(self._graph_features[graphs]),
        )


def _pack_stage(stage: SharedStage, rows: Int64, numbering: _Renumbering) -> tuple[PackedStage, Int64]:
    """The given rows of a stage, and the inputs that they need, in the order of their local numbers."""
    group_rows = (rows[:, None] * stage.group_count + np.arange(stage.group_count)).reshape(-1)
    groups = stage.groups.take(group_rows)
    own = stage.own[rows]
    inputs, local = numbering.renumber(np.concatenate([own, groups.indices // SLICE_COUNT]))
    local_codes = local[len(own) :] * SLICE_COUNT + groups.indices % SLICE_COUNT
    packed = PackedStage(
        sparse_matrix(np.arange(len(rows) + 1), local[: len(own)], len(inputs)),
        sparse_matrix(groups.offsets, local_codes, len(inputs) * SLICE_COUNT),
    )
    return packed, inputs


class _Renumbering:
    """Numbers distinct global numbers 0, 1, 2… through a table of the size of their range, without sorting."""

    def __init__(self, size: int) -> None:
        self._table = np.empty(size, dtype=np.int32)

    def numbers(self, numbers: npt.NDArray[np.integer]) -> Int64:
        """The positions that the last call of `renumber` gave to these."""
        return self._table[numbers].astype(np.int64)

    def renumber(self, numbers: npt.NDArray[np.integer]) -> tuple[Int64, npt.NDArray[np.int32]]:
        """The distinct numbers, and for every given number its position among them."""
        positions = np.arange(len(numbers), dtype=np.int32)
        self._table[numbers] = positions
        distinct = numbers[self._table[numbers] == positions]
        self._table[distinct] = np.arange(len(distinct), dtype=np.int32)
        return distinct.astype(np.int64), self._table[numbers]


def sparse_matrix(
    offsets: npt.NDArray[np.integer],
    indices: npt.NDArray[np.integer],
    column_count: int,
    values: npt.NDArray[np.float32] | None = None,
) -> SparseMatrix:
    """Compressed rows to both directions, by one counting sort. Indices may repeat within a row."""
    positions = np.arange(len(indices), dtype=np.int32)
    by_rows = csr_array(
        (positions, indices.astype(np.int32), offsets.astype(np.int32)), shape=(len(offsets) - 1, column_count)
    )
    by_columns = by_rows.tocsc()
    return SparseMatrix(
        torch.from_numpy(by_rows.indptr),
        torch.from_numpy(by_rows.indices),
        torch.from_numpy(by_columns.indptr),
        torch.from_numpy(by_columns.indices),
        torch.from_numpy(by_columns.data),
        None if values is None else torch.from_numpy(values),
    )
