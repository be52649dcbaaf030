"""What calibration is compared with, and on which networks, where the answers are known."""

from __future__ import annotations

import numpy as np
import pytest

from nnformer_training.evaluation.calibration import Column, _flops_line, _outcome, _rescaled

GFLOPS = np.array([1.0, 2.0, 4.0, 8.0, 16.0, 32.0])
SAMPLES = [0, 1, 2]


def column(label_ms: np.ndarray) -> Column:
    """Two known platforms: one that no factor brings to the labels' law, and one that three times brings there."""
    known = np.log(np.column_stack([1.0 + GFLOPS, GFLOPS**0.5]))
    return Column("set", "p", "c", np.arange(len(GFLOPS)), label_ms, known, 1e9 * GFLOPS, known.shape[1])


def test_baselines_find_a_law_that_is_theirs() -> None:
    one = column(3.0 * GFLOPS**0.5)
    np.testing.assert_allclose(_rescaled(one, SAMPLES), one.label_ms)
    np.testing.assert_allclose(_flops_line(one, SAMPLES), one.label_ms)
    outcome = _outcome(one, SAMPLES, one.label_ms, half_width=1e-9)
    assert (outcome.spearman, outcome.mape_percent, outcome.covered_percent) == pytest.approx((1.0, 0.0, 100.0))


def test_samples_are_not_tested_on() -> None:
    estimates = GFLOPS * np.array([9.0, 9.0, 9.0, 1.1, 1.1, 1.3])
    outcome = _outcome(column(GFLOPS), SAMPLES, estimates, half_width=float(np.log(1.2)))
    assert outcome.mape_percent == pytest.approx(100 * (0.1 + 0.1 + 0.3) / 3)
    assert outcome.covered_percent == pytest.approx(100 * 2 / 3)
    assert np.isnan(_outcome(column(GFLOPS), SAMPLES, estimates).covered_percent), "baselines have no interval"
