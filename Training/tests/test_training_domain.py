"""Intervals and scores on made-up data whose answers are known, and the file that carries them."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from small_runs import SEED, train
from synthetic_graphs import synthetic_training_set

from nnformer_training.evaluation.trust import cross_conformal
from nnformer_training.training.training_domain import (
    JudgedLabels,
    Space,
    conformal_quantile,
    conformal_widths,
    fit_training_domain,
    group_distances,
    group_scales,
)
from nnformer_training.training.weights_file import WeightsFile


def judged(error: np.ndarray, distance: np.ndarray | None = None) -> JudgedLabels:
    zeros = np.zeros(len(error), np.int64)
    return JudgedLabels(
        np.arange(len(error)), zeros, zeros, np.ones(len(error)) if distance is None else distance, error
    )


def test_the_quantile_is_conformal() -> None:
    assert conformal_quantile(np.arange(1.0, 10.0)) == 9.0  # ⌈10 · 0.9⌉ of nine
    assert conformal_quantile(np.arange(1.0, 100.0)) == 90.0
    assert conformal_quantile(np.array([3.0])) == 3.0  # fewer than nine promise less


@pytest.mark.parametrize("scale", [0.01, 1.0])
def test_intervals_cover_nine_in_ten_whatever_the_errors(scale: float) -> None:
    generator = np.random.default_rng(SEED)
    errors = scale * np.abs(generator.standard_t(2, 4000))
    covered, _ = cross_conformal(judged(errors), np.ones((1, 1), bool), SEED)
    assert covered.mean() == pytest.approx(0.9, abs=0.01)


def test_a_platform_without_held_out_labels_has_no_interval() -> None:
    usual, widths = conformal_widths(judged(np.full(200, 0.1)), np.array([[True], [False]]))
    assert usual.tolist() == [1.0, 0.0]
    assert widths.tolist() == [[pytest.approx(0.1)], [0.0]]


def test_the_space_scales_what_varies_within_groups() -> None:
    generator = np.random.default_rng(SEED)
    groups = np.repeat([0, 1], 500)
    # Both groups vary by 10 in the first input and by 0.1 in the second; their means differ in the second.
    inputs = generator.standard_normal((1000, 2)) * [10.0, 0.1] + groups[:, None] * [0.0, 5.0]
    points = Space.fit(inputs, groups, dimensions=2).points(inputs)
    for group in (0, 1):
        np.testing.assert_allclose(points[groups == group].std(axis=0), 1.0, atol=0.1)
    distances = group_distances(points[:500], points, groups, np.ones(2))
    assert distances[:, 0].max() == pytest.approx(0.0, abs=1e-5) and distances[:, 1].min() > 10


def test_distances_are_in_units_of_the_group() -> None:
    generator = np.random.default_rng(SEED)
    groups = np.repeat([0, 1], 200)
    # The second group is ten times as wide as the first.
    points = generator.standard_normal((400, 3)) * np.where(groups == 0, 1.0, 10.0)[:, None] + groups[:, None] * 100.0
    is_reference = np.arange(400) % 4 == 0
    scales = group_scales(points, groups, is_reference, 3)
    assert scales[1] / scales[0] == pytest.approx(10.0, rel=0.3) and scales[2] == 1.0
    distances = group_distances(points, points[is_reference], groups[is_reference], scales)
    own = distances[np.arange(400), groups]
    for group in (0, 1):
        assert (own[(groups == group) & ~is_reference] <= 1.0).mean() == pytest.approx(0.9, abs=0.05)
    assert np.isinf(distances[:, 2]).all()


def test_a_file_carries_the_domain_and_the_same_model(tmp_path: Path) -> None:
    training_set = synthetic_training_set(SEED)
    trained = train(tmp_path / "run", "additive")
    names = ["operator:A", "operator:B"] + [f"measure{i}" for i in range(training_set.feature_table.shape[1] - 2)]
    training_set = dataclasses.replace(training_set, feature_names=tuple(names))
    labels = training_set.labels
    domain, held_out = fit_training_domain(trained.model, training_set, labels.is_training, labels.is_validation)
    assert len(held_out.error) == labels.is_validation.sum()
    weights = WeightsFile(_document(trained), trained.model.exported_tensors())
    path = tmp_path / "weights.safetensors"
    path.write_bytes(weights.with_training_domain(domain).to_bytes())
    read = WeightsFile.read(path)
    assert read.document["training_domain"] == domain.document()
    assert set(read.tensors) - set(weights.tensors) == set(domain.tensors())
    again = read.with_training_domain(dataclasses.replace(domain, growth=1.0))
    assert again.document["training_domain"]["growth"] == 1.0 and set(again.tensors) == set(read.tensors)


def _document(trained) -> dict:
    configuration = trained.model.configuration
    return {
        "feature_count": configuration.feature_count,
        "graph_feature_count": configuration.graph_feature_count,
        "platforms": [{}] * configuration.platform_count,
        "layers": configuration.layers,
        "width": configuration.width,
        "feedforward_ratio": configuration.feedforward_ratio,
        "head": configuration.head,
        "head_width": configuration.head_width,
    }
