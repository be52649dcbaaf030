"""How good estimates are: per label column, and medians over columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import spearmanr

from nnformer_training.features.feature_cache import Labels

Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True)
class ColumnMetrics:
    """mape_percent: mean of |estimate − label| / label, in percent. within_10_percent: share of labels, in percent,
    whose estimate is off by at most a tenth of the label. spearman: rank correlation; NaN where it is undefined."""

    networks: int
    mape_percent: float
    within_10_percent: float
    spearman: float


def column_metrics(estimates: Float64, labels: Float64) -> ColumnMetrics:
    """From parallel vectors in one unit; labels are positive. NaN metrics for no labels."""
    if len(labels) == 0:
        return ColumnMetrics(0, float("nan"), float("nan"), float("nan"))
    errors = np.abs(estimates - labels) / labels
    is_rankable = len(labels) > 1 and np.ptp(labels) > 0 and np.ptp(estimates) > 0
    correlation = float(spearmanr(estimates, labels).statistic) if is_rankable else float("nan")
    return ColumnMetrics(len(labels), 100.0 * float(errors.mean()), 100.0 * float((errors <= 0.1).mean()), correlation)


def metrics_by_column(estimates: Float64, labels: Labels, column_count: int) -> list[ColumnMetrics]:
    """estimates: one a label, milliseconds."""
    return [
        column_metrics(estimates[labels.column == column], labels.milliseconds[labels.column == column])
        for column in range(column_count)
    ]


def median_mape_by_group(metrics: Sequence[ColumnMetrics], groups: Sequence[str]) -> dict[str, float]:
    """Median over the columns of each group of their mean absolute percentage error; columns without labels left
    out, groups in order of first appearance."""
    mapes: dict[str, list[float]] = {}
    for measured, group in zip(metrics, groups, strict=True):
        if measured.networks:
            mapes.setdefault(group, []).append(measured.mape_percent)
    return {group: float(np.median(values)) for group, values in mapes.items()}
