"""Which labels are fit for use: one rule each, the same for every column.

1. *Unusable*: empty, not finite or not positive. Dropped everywhere.
2. *Disconnected*: the network's output does not depend on its input, and the column was measured on a graph from which
   dead code is gone. There is no such graph to learn from (all labels of pixel3 below 0.5 ms are of this kind).
   Dropped everywhere.
3. *Outlier*: gross measurement errors. Dropped from training only; validation keeps them, so errors that are reported
   include them. The rule looks at no model: a linear function of the network's one-hot description is fitted to the
   column in milliseconds, by least squares of the relative error, three times, each time without what the time before
   found beyond five robust standard deviations (1.4826 × median absolute deviation of the logarithm of label over
   fit). A label is an outlier when it is more than eight of them off *and* at least a factor of 1.5 off.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

import numpy as np

OUTLIER_DEVIATIONS = 8.0
OUTLIER_FACTOR = 1.5

_REFITS = 3
_REFIT_DEVIATIONS = 5.0
#: The standard deviation of a normal distribution over its median absolute deviation.
_NORMAL_CONSISTENCY = 1.4826


class Verdict(enum.IntEnum):
    """Why a label is or is not used."""

    CLEAN = 0
    UNUSABLE = 1
    DISCONNECTED = 2
    OUTLIER = 3


@dataclass(frozen=True)
class CleaningReport:
    """Number of labels of one column by verdict."""

    column: str
    clean: int
    unusable: int
    disconnected: int
    outliers: int


def judge(
    milliseconds: np.ndarray, descriptions: np.ndarray, has_no_graph: np.ndarray, is_exempt: np.ndarray
) -> np.ndarray:
    """Verdicts (uint8 [rows]) over one column.

    ``milliseconds`` [rows] holds NaN for unusable labels, ``descriptions`` [rows, d] one-hot descriptions,
    ``has_no_graph`` [rows] is true for a network without a graph in the column's form. Labels of exempt networks
    [rows], those in validation, are never outliers and take no part in the fit.
    """
    verdicts = np.full(len(milliseconds), Verdict.CLEAN, np.uint8)
    verdicts[has_no_graph] = Verdict.DISCONNECTED
    verdicts[np.isnan(milliseconds)] = Verdict.UNUSABLE
    rows = np.flatnonzero((verdicts == Verdict.CLEAN) & ~is_exempt)
    if len(rows):
        deviations, log_ratios = _deviations(milliseconds[rows], descriptions[rows])
        is_gross = (np.abs(deviations) > OUTLIER_DEVIATIONS) & (np.abs(log_ratios) > np.log(OUTLIER_FACTOR))
        verdicts[rows[is_gross]] = Verdict.OUTLIER
    return verdicts


def report(column: str, verdicts: np.ndarray) -> CleaningReport:
    counts = np.bincount(verdicts, minlength=len(Verdict))
    return CleaningReport(column, *(int(counts[verdict]) for verdict in Verdict))


def _deviations(milliseconds: np.ndarray, descriptions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How far each label is from the fit: in robust standard deviations, and as the logarithm of label over fit."""
    design = np.concatenate([descriptions, np.ones((len(descriptions), 1))], axis=1).astype(np.float64)
    # Least squares of (fit − label) / label.
    weighted = design / milliseconds[:, None]
    keeps = np.ones(len(milliseconds), bool)
    # A fit at or below zero says nothing about how far the label is off; half the smallest label bounds it.
    floor = milliseconds.min() / 2
    for _ in range(_REFITS):
        # Normal equations in the minimum norm: one-hot columns are linearly dependent.
        kept = weighted[keeps]
        coefficients, *_ = np.linalg.lstsq(kept.T @ kept, kept.sum(axis=0), rcond=None)
        log_ratios = np.log(milliseconds / np.maximum(design @ coefficients, floor))
        log_ratios -= np.median(log_ratios[keeps])
        # A noiseless column must not turn rounding errors into deviations.
        scale = max(_NORMAL_CONSISTENCY * float(np.median(np.abs(log_ratios[keeps]))), 1e-6)
        keeps = np.abs(log_ratios) < _REFIT_DEVIATIONS * scale
    return log_ratios / scale, log_ratios
