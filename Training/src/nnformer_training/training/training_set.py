"""What training reads of a feature cache: graphs, labels sorted by graph, platforms numbered as the weights file
will."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from nnformer_training.features.feature_cache import ColumnInfo, FeatureCache, KernelShares, Labels
from nnformer_training.features.node_costs import node_costs
from nnformer_training.features.sharing import Int64, NodeRelations
from nnformer_training.labels.label_sets import is_tested
from nnformer_training.labels.platforms import PLATFORMS

from .configuration import TrainingConfiguration, is_reference_feature


@dataclass(frozen=True)
class TrainingSet:
    """feature_names: [f]; feature_table: [rows, f], distinct node features; cost_table: [rows, 2], see `node_costs`;
    feature_rows: [nodes]; graph_offsets: [graphs + 1]; graph_features: [graphs, G]; networks: [graphs], equal for the
    graphs of one row of a label set's file; labels: sorted by graph; kernels: how some graphs' time is shared out;
    column_platforms: [columns], index into platform_ids; sha256: of all that training
    depends on: features, relations, labels, kernels."""

    feature_names: tuple[str, ...]
    feature_table: npt.NDArray[np.float32]
    cost_table: npt.NDArray[np.float32]
    feature_rows: npt.NDArray[np.integer]
    graph_offsets: Int64
    relations: NodeRelations
    graph_features: npt.NDArray[np.float32]
    networks: Int64
    labels: Labels
    kernels: KernelShares
    columns: tuple[ColumnInfo, ...]
    column_platforms: Int64
    platform_ids: tuple[str, ...]
    sha256: str

    @classmethod
    def from_cache(cls, cache: FeatureCache, left_out_columns: Sequence[str] = ()) -> TrainingSet:
        """Without the columns of those names, in whatever label set. Takes O(nodes + entries) time and memory: the
        relations of all graphs are laid out. ValueError for a name that no column has."""
        columns, column_labels, kernels = _without_columns(cache, left_out_columns)
        labelled = dict.fromkeys(column.platform_id for column in columns)
        known = [platform.id for platform in PLATFORMS if platform.id in labelled]
        platform_ids = (*known, *(platform_id for platform_id in labelled if platform_id not in known))
        labels = sorted_by_graph(column_labels)
        relations = cache.node_relations()
        return cls(
            feature_names=tuple(cache.feature_names),
            feature_table=cache.feature_table,
            cost_table=node_costs(cache.feature_table, cache.feature_names).astype(np.float32),
            feature_rows=cache.node_feature_rows,
            graph_offsets=cache.graph_offsets,
            relations=relations,
            graph_features=cache.graph_features,
            networks=cache.graph_architecture,
            labels=labels,
            kernels=kernels,
            columns=columns,
            column_platforms=np.array([platform_ids.index(column.platform_id) for column in columns], np.int64),
            platform_ids=platform_ids,
            sha256=_sha256(
                cache.feature_table,
                cache.node_feature_rows,
                cache.graph_offsets,
                cache.graph_features,
                *_arrays(relations),
                *_arrays(labels),
                *_arrays(kernels),
            ),
        )

    @property
    def graph_count(self) -> int:
        return len(self.graph_offsets) - 1

    @property
    def is_testable(self) -> npt.NDArray[np.bool_]:
        """Whether each label is good enough to test on."""
        return (self.column_factors(0.0) > 0)[self.labels.column]

    def column_factors(self, untested_weight: float) -> npt.NDArray[np.float64]:
        """What a label of each column weighs, [columns]: 1, or that much where it is not good enough to test on."""
        return np.array([1.0 if is_tested(column.label_set) else untested_weight for column in self.columns])

    def with_features(self, features: str) -> TrainingSet:
        """The same graphs, their nodes described as `DataSection.features` says; costs stay as they are."""
        if features == "all":
            return self
        columns = [number for number, name in enumerate(self.feature_names) if is_reference_feature(name)]
        return replace(
            self,
            feature_names=tuple(self.feature_names[number] for number in columns),
            feature_table=np.ascontiguousarray(self.feature_table[:, columns]),
        )


def open_training_set(cache: Path, configuration: TrainingConfiguration) -> TrainingSet:
    """The part of a cache that a configuration trains on. ValueError for a column that the cache lacks."""
    data = configuration.data
    whole = TrainingSet.from_cache(FeatureCache.open(cache, data.label_sets or None), data.left_out_columns)
    return with_configured_data(whole, configuration)


def with_configured_data(training_set: TrainingSet, configuration: TrainingConfiguration) -> TrainingSet:
    """As the section of the configuration on data says."""
    data = configuration.data
    training_set = training_set.with_features(data.features)
    if not data.uses_untested:
        labels = training_set.labels
        is_clean = labels.is_clean & training_set.is_testable
        training_set = replace(training_set, labels=replace(labels, is_clean=is_clean))
    return training_set


def _without_columns(cache: FeatureCache, names: Sequence[str]) -> tuple[tuple[ColumnInfo, ...], Labels, KernelShares]:
    unknown = set(names) - {column.column for column in cache.columns}
    if unknown:
        raise ValueError(f"no label column is called {', '.join(sorted(unknown))}")
    kept = np.array([column.column not in names for column in cache.columns], dtype=bool)
    labels = labels_where(cache.labels, kept[cache.labels.column])
    # Kernels of a column that is left out belong to no label then.
    numbers = np.where(kept, np.cumsum(kept) - 1, -1)
    columns = tuple(column for column, is_kept in zip(cache.columns, kept, strict=True) if is_kept)
    kernels = replace(cache.kernels, column=numbers[cache.kernels.column])
    return columns, replace(labels, column=numbers[labels.column]), kernels


def labels_where(labels: Labels, chosen: npt.NDArray[np.bool_] | Int64) -> Labels:
    """The chosen labels, by a mask or by numbers in the wanted order."""
    return Labels(
        labels.graph[chosen],
        labels.column[chosen],
        labels.milliseconds[chosen],
        labels.is_validation[chosen],
        labels.is_clean[chosen],
    )


def sorted_by_graph(labels: Labels) -> Labels:
    """The same labels by graph, and by column within a graph."""
    return labels_where(labels, np.lexsort((labels.column, labels.graph)))


def _arrays(value: Any) -> Iterator[npt.NDArray[np.generic]]:
    """Of a dataclass of arrays or of such dataclasses."""
    for field in fields(value):
        own = getattr(value, field.name)
        yield from _arrays(own) if is_dataclass(own) else (own,)


def _sha256(*arrays: npt.NDArray[np.generic]) -> str:
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(f"{array.dtype.str}{array.shape}".encode())
        digest.update(np.ascontiguousarray(array))
    return digest.hexdigest()
