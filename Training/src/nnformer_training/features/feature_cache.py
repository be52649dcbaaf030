"""The features of every labelled graph on disk, and how training reads them.

A cache is a folder with a folder per label set, each complete in itself. Networks repeat a few blocks, so each distinct
feature row is stored once, and each distinct structure (the four relations) once for all its batch sizes. Files are
NumPy arrays, mapped into memory; ``meta.json`` says what they were made from.

=============================== ================= =========================================================
``feature_table.npy``           float32 [U, f]    distinct node feature rows
``node_feature_rows.npy``       uint32 [N]        row of the table of each node, graph after graph
``graph_offsets.npy``           int64 [G + 1]     nodes of graph i are graph_offsets[i] … graph_offsets[i + 1]
``graph_architecture.npy``      uint32 [G]        row of the label set's file
``graph_batch.npy``             uint32 [G]        batch size
``graph_form.npy``              uint8 [G]         number of the ``Form``, in its order of definition
``graph_structure.npy``         uint32 [G]        which structure
``graph_features.npy``          float32 [G, g]
``graph_totals.npy``            float64 [G, 5]    FLOPs, MACs, parameters, bytes read, bytes written
``graph_hash.npy``              S32 [G]
``structure_offsets.npy``       int64 [S + 1]     rows (nodes) of structure s in the four degree arrays
``<relation>_starts.npy``       int64 [S + 1]     entries of structure s in the indices
``<relation>_degrees.npy``      uint32            entries of each row
``<relation>_indices.npy``      uint32            nodes, numbered within their graph
``architecture_hash.npy``       S32 [A]           hash that decides the split
``is_validation.npy``           bool [A]
``descriptions.npy``            float32 [A, d]    one-hot descriptions, for baselines
``label_graph.npy``             uint32 [L]
``label_column.npy``            uint16 [L]        which of the columns in ``meta.json``
``label_milliseconds.npy``      float64 [L]
``label_verdict.npy``           uint8 [L]         ``cleaning.Verdict``: clean or outlier; others are not stored
``kernel_graph.npy``            uint32 [K]        a graph of which the times of its parts are known
``kernel_column.npy``           uint16 [K]        in which column
``kernel_node_groups.npy``      int32             group of each node of those graphs, −1 for none (``kernel_groups``)
``kernel_group_offsets.npy``    int64 [K + 1]     groups of each
``kernel_group_shares.npy``     float32           what share of the graph's time each group took
=============================== ================= =========================================================
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from nnformer_training.features.graph_library import RELATIONS
from nnformer_training.features.sharing import Lists, NodeRelations
from nnformer_training.labels.cleaning import Verdict

FORMAT_VERSION = 2

#: Arrays of a label set's folder besides those of the relations.
ARRAYS = (
    "feature_table", "node_feature_rows", "graph_offsets", "graph_architecture", "graph_batch", "graph_form",
    "graph_structure", "graph_features", "graph_totals", "graph_hash", "structure_offsets", "architecture_hash",
    "is_validation", "descriptions", "label_graph", "label_column", "label_milliseconds", "label_verdict",
    "kernel_graph", "kernel_column", "kernel_node_groups", "kernel_group_offsets", "kernel_group_shares",
)  # fmt: skip
RELATION_ARRAYS = ("starts", "degrees", "indices")


@dataclass(frozen=True)
class ColumnInfo:
    """A label column as the weights file will name it; batch 0 means each network's own."""

    label_set: str
    file: str
    column: str
    platform_id: str
    family: str
    batch: int
    form: str


@dataclass(frozen=True)
class LabelSetCache:
    """One label set's folder: its ``meta.json`` and its arrays by name, mapped read-only."""

    name: str
    meta: dict[str, Any]
    arrays: dict[str, npt.NDArray[Any]]

    @classmethod
    def open(cls, directory: Path) -> LabelSetCache:
        """``ValueError`` for another format; ``FileNotFoundError`` for an incomplete folder."""
        meta = json.loads((directory / "meta.json").read_text())
        if meta.get("format_version") != FORMAT_VERSION:
            raise ValueError(
                f"{directory} has format {meta.get('format_version')}, not {FORMAT_VERSION}: build it again"
            )
        names = (*ARRAYS, *(f"{relation}_{part}" for relation in RELATIONS for part in RELATION_ARRAYS))
        return cls(meta["label_set"], meta, {name: np.load(directory / f"{name}.npy", mmap_mode="r") for name in names})

    @property
    def columns(self) -> list[ColumnInfo]:
        return [ColumnInfo(**column) for column in self.meta["columns"]]

    @property
    def graph_count(self) -> int:
        return len(self.arrays["graph_batch"])

    def relation(self, name: str, graph: int) -> Lists:
        """One relation of one graph, its nodes numbered from 0."""
        structure = int(self.arrays["graph_structure"][graph])
        first, last = self.arrays["structure_offsets"][structure : structure + 2]
        start, stop = self.arrays[f"{name}_starts"][structure : structure + 2]
        offsets = np.zeros(last - first + 1, np.int64)
        np.cumsum(self.arrays[f"{name}_degrees"][first:last], out=offsets[1:])
        return Lists(offsets, np.asarray(self.arrays[f"{name}_indices"][start:stop]))


@dataclass(frozen=True)
class Labels:
    """Measurements, [L] each: of ``graph`` in ``column``.

    Two networks that the split holds apart can still have been run as one and the same graph: it hashes them without
    dead code, and what is left may associate a sum differently. Such twins of training graphs are in neither split.
    """

    graph: npt.NDArray[np.int64]
    column: npt.NDArray[np.int64]
    milliseconds: npt.NDArray[np.float64]
    #: Whether the network belongs to the validation split and its graph is not that of a training network.
    is_validation: npt.NDArray[np.bool_]
    #: False for gross outliers among training networks, and for validation networks' twins of training graphs.
    is_clean: npt.NDArray[np.bool_]

    @property
    def is_training(self) -> npt.NDArray[np.bool_]:
        """What training may learn from."""
        return self.is_clean & ~self.is_validation


@dataclass(frozen=True)
class KernelShares:
    """How the time of some graphs is shared out between their nodes: K graphs, each in one column.

    graph, column: [K]. Profile k has a group for each node of its graph, `node_groups`, −1 for none, from
    ``node_offsets[k]`` on, and a share for each group, from ``group_offsets[k]`` on.
    """

    graph: npt.NDArray[np.int64]
    column: npt.NDArray[np.int64]
    node_offsets: npt.NDArray[np.int64]
    node_groups: npt.NDArray[np.int32]
    group_offsets: npt.NDArray[np.int64]
    group_shares: npt.NDArray[np.float32]


@dataclass(frozen=True)
class FeatureCache:
    """Several label sets as one data set: graphs, feature rows and columns numbered through.

    ``architectures`` are numbered through as well; ``label_set_of_graph`` [G] says which set a graph came from.
    """

    label_sets: tuple[LabelSetCache, ...]
    columns: tuple[ColumnInfo, ...]
    feature_table: npt.NDArray[np.float32]
    node_feature_rows: npt.NDArray[np.int64]
    graph_offsets: npt.NDArray[np.int64]
    graph_features: npt.NDArray[np.float32]
    graph_totals: npt.NDArray[np.float64]
    graph_batch: npt.NDArray[np.int64]
    graph_architecture: npt.NDArray[np.int64]
    graph_is_validation: npt.NDArray[np.bool_]
    label_set_of_graph: npt.NDArray[np.int64]
    labels: Labels
    kernels: KernelShares

    @classmethod
    def open(cls, directory: Path, label_sets: Sequence[str] | None = None) -> FeatureCache:
        """Read the given label sets (default: all in the folder, by name) into memory.

        ``ValueError`` when they were made with different feature schemas.
        """
        names = label_sets or sorted(path.parent.name for path in directory.glob("*/meta.json"))
        if not names:
            raise FileNotFoundError(f"{directory} holds no label set: run build-dataset")
        sets = tuple(LabelSetCache.open(directory / name) for name in names)
        for key in ("feature_schema", "feature_names", "graph_feature_names"):
            if any(one.meta[key] != sets[0].meta[key] for one in sets):
                raise ValueError(f"the label sets of {directory} differ in {key}: build them with one library")
        feature_table, rows = _merge_tables(sets)
        graph_starts = _starts([one.graph_count for one in sets])
        architecture_starts = _starts([len(one.arrays["is_validation"]) for one in sets])
        graph_is_validation = np.concatenate(
            [one.arrays["is_validation"][one.arrays["graph_architecture"]] for one in sets]
        )
        node_starts = _starts([len(one.arrays["node_feature_rows"]) for one in sets])
        return cls(
            label_sets=sets,
            columns=tuple(column for one in sets for column in one.columns),
            feature_table=feature_table,
            node_feature_rows=rows,
            graph_offsets=np.concatenate(
                [one.arrays["graph_offsets"][:-1] + start for one, start in zip(sets, node_starts)] + [node_starts[-1:]]
            ),
            graph_features=_joined(sets, "graph_features"),
            graph_totals=_joined(sets, "graph_totals"),
            graph_batch=_joined(sets, "graph_batch").astype(np.int64),
            graph_architecture=_shifted(sets, "graph_architecture", architecture_starts),
            graph_is_validation=graph_is_validation,
            label_set_of_graph=np.repeat(np.arange(len(sets)), np.diff(graph_starts)),
            labels=_merge_labels(sets, graph_starts, graph_is_validation),
            kernels=_merge_kernels(sets, graph_starts),
        )

    @property
    def graph_count(self) -> int:
        return len(self.graph_offsets) - 1

    @property
    def feature_names(self) -> list[str]:
        return self.label_sets[0].meta["feature_names"]

    def node_relations(self) -> NodeRelations:
        """The four relations over the nodes of all graphs, numbered through. Time and memory: O(nodes + entries)."""
        return NodeRelations(*(self._relation(name) for name in RELATIONS))

    def _relation(self, name: str) -> Lists:
        lengths, indices, node_start = [], [], 0
        for one in self.label_sets:
            arrays = one.arrays
            structure = arrays["graph_structure"].astype(np.int64)
            by_structure = Lists(arrays["structure_offsets"], arrays[f"{name}_degrees"]).take(structure)
            lengths.append(by_structure.indices)
            entries = Lists(arrays[f"{name}_starts"], arrays[f"{name}_indices"]).take(structure)
            first_node = arrays["graph_offsets"][:-1] + node_start
            indices.append(entries.indices + np.repeat(first_node, np.diff(entries.offsets)))
            node_start += len(arrays["node_feature_rows"])
        return Lists(_starts(np.concatenate(lengths)), np.concatenate(indices))


def _starts(lengths: Sequence[int] | npt.NDArray[np.integer]) -> npt.NDArray[np.int64]:
    """Running sums of lengths, beginning with 0."""
    starts = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=starts[1:])
    return starts


def _joined(sets: Sequence[LabelSetCache], name: str) -> npt.NDArray[Any]:
    return np.concatenate([one.arrays[name] for one in sets])


def _shifted(sets: Sequence[LabelSetCache], name: str, starts: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    return np.concatenate([one.arrays[name].astype(np.int64) + start for one, start in zip(sets, starts)])


def _merge_tables(sets: Sequence[LabelSetCache]) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]]:
    """One table of distinct rows over all sets, and every node's row in it."""
    table, merged = np.unique(_joined(sets, "feature_table"), axis=0, return_inverse=True)
    starts = _starts([len(one.arrays["feature_table"]) for one in sets])
    return table, merged.reshape(-1)[_shifted(sets, "node_feature_rows", starts)]


def _merge_labels(
    sets: Sequence[LabelSetCache],
    graph_starts: npt.NDArray[np.int64],
    graph_is_validation: npt.NDArray[np.bool_],
) -> Labels:
    column_starts = _starts([len(one.meta["columns"]) for one in sets])
    graph_hash = _joined(sets, "graph_hash")
    graph_is_twin = graph_is_validation & np.isin(graph_hash, graph_hash[~graph_is_validation])
    graph = _shifted(sets, "label_graph", graph_starts)
    return Labels(
        graph=graph,
        column=_shifted(sets, "label_column", column_starts),
        milliseconds=_joined(sets, "label_milliseconds"),
        is_validation=(graph_is_validation & ~graph_is_twin)[graph],
        is_clean=(_joined(sets, "label_verdict") == Verdict.CLEAN) & ~graph_is_twin[graph],
    )


def _merge_kernels(sets: Sequence[LabelSetCache], graph_starts: npt.NDArray[np.int64]) -> KernelShares:
    node_counts = [np.diff(one.arrays["graph_offsets"])[one.arrays["kernel_graph"].astype(np.int64)] for one in sets]
    group_counts = [np.diff(one.arrays["kernel_group_offsets"]) for one in sets]
    return KernelShares(
        graph=_shifted(sets, "kernel_graph", graph_starts),
        column=_shifted(sets, "kernel_column", _starts([len(one.meta["columns"]) for one in sets])),
        node_offsets=_starts(np.concatenate(node_counts)),
        node_groups=_joined(sets, "kernel_node_groups"),
        group_offsets=_starts(np.concatenate(group_counts)),
        group_shares=_joined(sets, "kernel_group_shares"),
    )


def write_label_set(directory: Path, meta: dict[str, Any], arrays: dict[str, npt.NDArray[Any]]) -> None:
    """Write one label set's folder. ``meta.json`` comes last: a folder without it is not a cache."""
    directory.mkdir(parents=True)
    for name, array in arrays.items():
        np.save(directory / f"{name}.npy", array)
    (directory / "meta.json").write_text(json.dumps({"format_version": FORMAT_VERSION, **meta}, indent=1) + "\n")


def column_infos(columns: Sequence[ColumnInfo]) -> list[dict[str, Any]]:
    """As ``meta.json`` holds them."""
    return [dataclasses.asdict(column) for column in columns]
