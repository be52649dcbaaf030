"""What intervals and in-domain scores rest on (Documentation/Trust.md): the tensors and metadata ``training_domain`` of
a weights file.

Labels come in groups, networks of one family at one batch size. A graph is a point; its distance from what a platform
was trained on is that to the nearest reference of the platform's groups, in units of how far the networks of that group
lie apart: what is close among mixtures is far among squeeze-nets. Interval widths are conformal: the quantile of the
errors on validation networks, which neither trained the model nor chose it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from nnformer_training.features.sharing import Int64
from nnformer_training.model.nnformer import NNFormer

from .representation import operator_names, operator_shares, represent
from .training_set import TrainingSet, labels_where

Float64 = npt.NDArray[np.float64]

COVERAGE = 0.9
#: Chosen on the protocol's tuning fold, as are the next three: the largest that helped.
DIMENSIONS = 100
REFERENCES_OF_GROUP = 48
GROWTH = 2.0
#: Directions in which families vary less than this count as noise (variance of an input).
LEAST_VARIANCE = 1e-6
#: Equal networks under other names lie at one point: a group of such is not infinitely far from all else.
LEAST_SCALE = 0.1
#: Training graphs of a group that the space is fitted to.
FITTED_GRAPHS_OF_GROUP = 400
#: A group with fewer validation labels on a platform shares its width with the platform's others of that kind.
LABELS_OF_OWN_WIDTH = 100
#: Latencies are not known better than this, as a logarithm.
LEAST_HALF_WIDTH = 0.002
#: ln 10: distance widens no interval beyond a factor of ten to either side.
WIDEST_HALF_WIDTH = float(np.log(10.0))


@dataclass(frozen=True)
class Space:
    """projection: [k, inputs], offset: [k]; a graph's point is projection · inputs + offset."""

    projection: Float64
    offset: Float64

    @classmethod
    def fit(cls, inputs: Float64, groups: npt.NDArray[np.integer], dimensions: int = DIMENSIONS) -> Space:
        """Directions of the most variance within groups, each scaled to variance 1 there."""
        within = inputs.copy()
        for group in np.unique(groups):
            within[groups == group] -= within[groups == group].mean(axis=0)
        variances, directions = np.linalg.eigh(within.T @ within / len(within))
        kept = np.argsort(variances)[::-1][: min(dimensions, len(variances))]
        projection = (directions[:, kept] / np.sqrt(np.maximum(variances[kept], 0.0) + LEAST_VARIANCE)).T
        return cls(projection, -projection @ inputs.mean(axis=0))

    def points(self, inputs: Float64) -> Float64:
        return inputs @ self.projection.T + self.offset


@dataclass(frozen=True)
class TrainingDomain:
    """groups: family and batch of each; references: [R, k], reference_groups: [R]; group_scales: [groups], the units of
    distance; usual_distances: [P]; log_half_widths: [P, groups], 0 where a platform has no labels; group_operators:
    names by group."""

    groups: tuple[tuple[str, int], ...]
    space: Space
    references: Float64
    reference_groups: Int64
    group_scales: Float64
    usual_distances: Float64
    log_half_widths: Float64
    group_operators: tuple[tuple[str, ...], ...]
    growth: float = GROWTH

    def document(self) -> dict[str, Any]:
        """The metadata, JSON."""
        return {
            "dimensions": self.references.shape[1],
            "references": len(self.references),
            "growth": self.growth,
            "coverage": COVERAGE,
            "groups": [
                {"family": family, "batch": batch, "operators": list(operators)}
                for (family, batch), operators in zip(self.groups, self.group_operators, strict=True)
            ],
        }

    def tensors(self) -> dict[str, npt.NDArray[np.float32]]:
        arrays = {
            "projection": self.space.projection,
            "offset": self.space.offset,
            "references": self.references,
            "reference_groups": self.reference_groups,
            "group_scales": self.group_scales,
            "usual_distances": self.usual_distances,
            "log_half_widths": self.log_half_widths,
        }
        return {f"training_domain.{name}": np.ascontiguousarray(array, np.float32) for name, array in arrays.items()}


def label_groups(training_set: TrainingSet) -> tuple[tuple[tuple[str, int], ...], Int64]:
    """The groups, and that of each column."""
    keys = [(column.family, column.batch) for column in training_set.columns]
    groups = tuple(dict.fromkeys(keys))
    return groups, np.array([groups.index(key) for key in keys], np.int64)


def labelled_groups(training_set: TrainingSet) -> npt.NDArray[np.bool_]:
    """Which groups each platform has labels of: [P, groups]."""
    groups, group_of_column = label_groups(training_set)
    has_labels = np.zeros((len(training_set.platform_ids), len(groups)), bool)
    has_labels[training_set.column_platforms, group_of_column] = True
    return has_labels


def group_distances(points: Float64, references: Float64, reference_groups: Int64, scales: Float64) -> Float64:
    """From each point to the nearest reference of each group, in the group's units `scales`: [points, groups]."""
    distances = np.full((len(points), len(scales)), np.inf)
    for group, scale in enumerate(scales):
        members = references[reference_groups == group]
        if len(members):
            distances[:, group] = _distances(points, members).min(axis=1) / scale
    return distances


def group_scales(
    points: Float64, point_groups: Int64, is_reference: npt.NDArray[np.bool_], group_count: int
) -> Float64:
    """By group, the distance that COVERAGE of its points keep within from the nearest reference other than themselves;
    1 where there is none."""
    scales = np.ones(group_count)
    for group in range(group_count):
        own = point_groups == group
        references = points[own & is_reference]
        if len(references) < 2:
            continue
        distances = _distances(points[own], references)
        # References come in the order of the points.
        distances[np.flatnonzero(is_reference[own]), np.arange(len(references))] = np.inf
        scales[group] = max(np.quantile(distances.min(axis=1), COVERAGE), LEAST_SCALE)
    return scales


def _distances(points: Float64, others: Float64) -> Float64:
    squares = (points**2).sum(axis=1)[:, None] + (others**2).sum(axis=1) - 2.0 * points @ others.T
    return np.sqrt(np.maximum(squares, 0.0))


@dataclass(frozen=True)
class JudgedLabels:
    """Held-out labels, [L] each: graph, platform, nearest group among the platform's, distance to it,
    |log(label / estimate)|."""

    graph: Int64
    platform: Int64
    group: Int64
    distance: Float64
    error: Float64


def fit_training_domain(
    model: NNFormer,
    training_set: TrainingSet,
    is_training: npt.NDArray[np.bool_],
    is_held_out: npt.NDArray[np.bool_],
    seed: int = 1,
) -> tuple[TrainingDomain, JudgedLabels]:
    """is_training, is_held_out: [labels]; intervals are made for the latter. Returns the domain and the held-out labels
    that its widths come from."""
    generator = np.random.default_rng(seed)
    labels = training_set.labels
    groups, group_of_column = label_groups(training_set)
    label_group = group_of_column[labels.column]
    fitted = {
        group: _drawn(np.unique(labels.graph[is_training & (label_group == group)]), FITTED_GRAPHS_OF_GROUP, generator)
        for group in range(len(groups))
    }
    fitted_graphs = np.concatenate(list(fitted.values()))
    fitted_groups = np.concatenate([np.full(len(graphs), group) for group, graphs in fitted.items()])
    held_out_graphs = np.unique(labels.graph[is_held_out])
    graphs = np.unique(np.concatenate([fitted_graphs, held_out_graphs]))
    representation = represent(model, training_set, graphs)
    inputs = representation.inputs[np.searchsorted(graphs, fitted_graphs)]
    space = Space.fit(inputs, fitted_groups)
    chosen = np.concatenate(
        [np.flatnonzero(fitted_groups == group)[:REFERENCES_OF_GROUP] for group in range(len(groups))]
    )
    points, is_reference = space.points(inputs), np.isin(np.arange(len(inputs)), chosen)
    references, reference_groups = points[chosen], fitted_groups[chosen]
    scales = group_scales(points, fitted_groups, is_reference, len(groups))

    has_labels = labelled_groups(training_set)
    judged = judge(
        training_set, is_held_out, graphs, representation.estimates_ms,
        group_distances(space.points(representation.inputs), references, reference_groups, scales), has_labels,
    )  # fmt: skip
    usual_distances, widths = conformal_widths(judged, has_labels)
    shares = operator_shares(training_set, graphs) > 0
    names = np.array(operator_names(training_set.feature_names))
    operators = tuple(
        tuple(names[shares[np.searchsorted(graphs, fitted[group])].any(axis=0)].tolist())
        for group in range(len(groups))
    )
    domain = TrainingDomain(groups, space, references, reference_groups, scales, usual_distances, widths, operators)
    return domain, judged


def judge(
    training_set: TrainingSet,
    is_wanted: npt.NDArray[np.bool_],
    graphs: Int64,
    estimates_ms: Float64,
    distances: Float64,
    has_labels: npt.NDArray[np.bool_],
) -> JudgedLabels:
    """The wanted labels, whose graphs are among `graphs`, to which the rows of estimates and distances belong."""
    labels = labels_where(training_set.labels, is_wanted)
    rows = np.searchsorted(graphs, labels.graph)
    platform = training_set.column_platforms[labels.column]
    own = np.where(has_labels[platform], distances[rows], np.inf)
    group = own.argmin(axis=1)
    error = np.abs(np.log(labels.milliseconds / estimates_ms[rows, platform]))
    return JudgedLabels(labels.graph, platform, group, own[np.arange(len(own)), group], error)


def judged_where(judged: JudgedLabels, chosen: npt.NDArray[np.bool_]) -> JudgedLabels:
    return JudgedLabels(*(array[chosen] for array in vars(judged).values()))


def conformal_widths(judged: JudgedLabels, has_labels: npt.NDArray[np.bool_]) -> tuple[Float64, Float64]:
    """The distance that COVERAGE of each platform's labels keep within, and each group's half width on it."""
    usual = np.zeros(len(has_labels))
    widths = np.zeros(has_labels.shape)
    for platform in range(len(has_labels)):
        own = judged.platform == platform
        if not own.any():
            continue
        usual[platform] = np.quantile(judged.distance[own], COVERAGE)
        scores = judged.error / widening(judged.distance, usual[platform])
        counts = np.bincount(judged.group[own], minlength=has_labels.shape[1])
        is_small = own & (counts[judged.group] < LABELS_OF_OWN_WIDTH)
        for group in np.flatnonzero(has_labels[platform]):
            if counts[group] >= LABELS_OF_OWN_WIDTH:
                members = own & (judged.group == group)
            else:
                members = is_small if is_small.sum() >= LABELS_OF_OWN_WIDTH else own
            widths[platform, group] = max(conformal_quantile(scores[members]), LEAST_HALF_WIDTH)
    return usual, widths


def conformal_quantile(scores: Float64, coverage: float = COVERAGE) -> float:
    """The ⌈(n + 1)·coverage⌉-th smallest score: a further one lies within with at least that probability."""
    rank = min(int(np.ceil((len(scores) + 1) * coverage)), len(scores))
    return float(np.sort(scores)[rank - 1])


def widening(distances: Float64, usual: Float64 | float, growth: float = GROWTH) -> Float64:
    """What distance multiplies the width of an interval by."""
    return np.maximum(distances / np.maximum(usual, 1e-12), 1.0) ** growth


def _drawn(graphs: Int64, count: int, generator: np.random.Generator) -> Int64:
    return generator.permutation(graphs)[:count]
