"""Metrics, baselines and the pages that report them."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnformer_training.features.feature_cache import ColumnInfo, Labels
from nnformer_training.results.metrics import ColumnMetrics, column_metrics, median_mape_by_group
from nnformer_training.results.result_files import Results, column_results
from nnformer_training.validation.baselines import boosting_on_logarithms, cost_line, flops_and_bytes, measure
from nnformer_training.validation.results_page import results_page

PROVENANCE = {
    "command": "evaluate", "commit": "abc", "seed": 1, "data_sha256": "d", "date": "2026-01-01",
    "parameters": 12345, "training_minutes": 1.5, "epochs": 2, "steps": 3,
}  # fmt: skip


def column(name: str, label_set: str = "fbnet") -> ColumnInfo:
    return ColumnInfo(label_set, f"{label_set}.csv", name, "2080ti-pytorch-fp32", "fbnet", 1, "executed")


def results(predictor: str, mapes: list[float], data_sha256: str = "d") -> Results:
    columns = [column(f"c{number}") for number in range(len(mapes))]
    metrics = [ColumnMetrics(10, mape, 90.0, 0.5) for mape in mapes]
    return Results(
        predictor, {**PROVENANCE, "data_sha256": data_sha256}, column_results(columns, [5] * len(mapes), metrics)
    )


def test_column_metrics_of_a_hand_computed_case() -> None:
    measured = column_metrics(np.array([1.1, 1.0, 4.0]), np.array([1.0, 2.0, 4.0]))
    assert measured.networks == 3
    assert measured.mape_percent == pytest.approx(100 * (0.1 + 0.5 + 0.0) / 3)
    assert measured.spearman == pytest.approx(0.5)
    assert column_metrics(np.array([1.09, 1.0]), np.array([1.0, 2.0])).within_10_percent == pytest.approx(50.0)


@given(st.lists(st.floats(0.01, 1e6), min_size=3, max_size=30, unique=True))
def test_perfect_estimates_have_perfect_metrics(labels: list[float]) -> None:
    measured = column_metrics(np.array(labels), np.array(labels))
    assert (measured.mape_percent, measured.within_10_percent) == (0.0, 100.0)
    assert measured.spearman == pytest.approx(1.0)


def test_undefined_metrics_are_not_numbers() -> None:
    assert math.isnan(column_metrics(np.empty(0), np.empty(0)).mape_percent)
    assert math.isnan(column_metrics(np.array([1.0, 2.0]), np.array([3.0, 3.0])).spearman)


def test_medians_leave_out_columns_without_labels() -> None:
    metrics = [ColumnMetrics(3, value, 0.0, 0.0) for value in (1.0, 5.0, 2.0)] + [ColumnMetrics(0, math.nan, 0.0, 0.0)]
    assert median_mape_by_group(metrics, ["a", "b", "a", "a"]) == {"a": 1.5, "b": 5.0}


def test_cost_line_finds_a_line_and_stays_positive() -> None:
    generator = np.random.default_rng(0)
    totals = np.abs(generator.normal(1e9, 5e8, (200, 5)))
    inputs = flops_and_bytes(totals)
    milliseconds = 2.0 * inputs[:, 0] + 0.5 * inputs[:, 1] + 0.1
    np.testing.assert_allclose(cost_line(inputs, milliseconds, inputs), milliseconds, rtol=1e-6)
    assert (cost_line(inputs, 1.0 / (1.0 + inputs[:, 0]), inputs) > 0).all()


def test_baselines_fit_on_training_labels_and_measure_on_validation_labels() -> None:
    graph = np.arange(300)
    is_validation = graph % 3 == 0
    labels = Labels(graph, np.zeros(300, int), np.where(is_validation, 2.0, 1.0), is_validation, graph != 1)
    seen: list[int] = []

    def mean(inputs: np.ndarray, milliseconds: np.ndarray, new_inputs: np.ndarray) -> np.ndarray:
        seen.append(len(inputs))
        return np.full(len(new_inputs), milliseconds.mean())

    measured = measure(labels, lambda graphs: graphs[:, None].astype(float), mean)
    assert seen == [199]
    assert (measured.networks, measured.mape_percent) == (100, 50.0)


def test_boosting_learns_a_product() -> None:
    inputs = np.random.default_rng(1).integers(0, 4, (2000, 3)).astype(float)
    milliseconds = np.exp(inputs @ np.array([0.3, 0.2, 0.1]))
    estimates = boosting_on_logarithms(1)(inputs[:1500], milliseconds[:1500], inputs[1500:])
    assert column_metrics(estimates, milliseconds[1500:]).mape_percent < 1.0


def test_results_survive_their_files(tmp_path: Path) -> None:
    original = results("p", [1.25, math.nan])
    path = original.write(tmp_path)
    restored = Results.read(path)
    assert restored.columns[0] == original.columns[0]
    assert math.isnan(restored.columns[1].metrics.mape_percent)
    assert restored.provenance == original.provenance
    assert len(path.with_suffix(".csv").read_text().splitlines()) == 3


def test_results_page_compares_predictors_on_the_same_data_only() -> None:
    page = results_page(results("nnformer", [1.0, 3.0]), {"line": results("cost_line", [10.0, 20.0])})
    assert "| fbnet | 2 | 2.00 | 1.70 | 15.00 |" in page
    assert "| fbnet | c1 | `2080ti-pytorch-fp32` | 1 | 5 | 10 | 3.00 | 90.0 | 0.5000 | 20.00 |" in page
    with pytest.raises(ValueError, match="other data"):
        results_page(results("nnformer", [1.0]), {"line": results("cost_line", [1.0], data_sha256="e")})
