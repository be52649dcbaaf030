"""Intervals and scores on made-up data whose answers are known, and the file that carries them."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import nnformer
import numpy as np
import pytest
from small_runs import SEED, train
from synthetic_graphs import synthetic_training_set

from nnformer_training.evaluation.trust import cross_conformal, half_widths
from nnformer_training.export.weights import SHIPPED_WEIGHTS
from nnformer_training.features.feature_cache import Labels
from nnformer_training.features.graph_library import CtypesLibrary, GraphData
from nnformer_training.features.node_costs import node_costs
from nnformer_training.features.sharing import Lists, NodeRelations
from nnformer_training.fixtures.golden import GOLDEN_DIRECTORY, GRAPH_SEED
from nnformer_training.fixtures.golden_graphs import golden_graphs
from nnformer_training.training.representation import represent
from nnformer_training.training.training_domain import (
    GROWTH,
    JudgedLabels,
    Space,
    conformal_quantile,
    conformal_widths,
    fit_training_domain,
    group_distances,
    group_scales,
    judge,
)
from nnformer_training.training.training_set import TrainingSet
from nnformer_training.training.weights_file import DOMAIN_PREFIX, WeightsFile

DOMAIN_TENSORS = (
    "projection", "offset", "references", "reference_groups", "group_scales", "usual_distances", "log_half_widths",
)  # fmt: skip


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


@pytest.mark.parametrize("name", ["fbnet_0", "once_for_all_1", "random_012", "large"])
def test_the_library_judges_as_training_does(name: str, library: CtypesLibrary) -> None:
    """Documentation/Trust.md from the shipped file, beside what the library says of the same network."""
    weights = WeightsFile.read(SHIPPED_WEIGHTS)
    document = weights.document["training_domain"]
    tensors = {name: weights.tensors[f"{DOMAIN_PREFIX}{name}"].double().numpy() for name in DOMAIN_TENSORS}
    batch = next(graph.batch for graph in golden_graphs(GRAPH_SEED) if graph.name == name)
    path = GOLDEN_DIRECTORY / "graphs" / f"{name}.onnx"
    ids = [platform["id"] for platform in weights.document["platforms"]]
    one_graph = _training_set(library.graph_data(path.read_bytes(), batch), library, ids)

    representation = represent(weights.model(), one_graph, np.array([0]))
    points = Space(tensors["projection"], tensors["offset"]).points(representation.inputs)
    groups = tensors["reference_groups"].astype(np.int64)
    distances = group_distances(points, tensors["references"], groups, tensors["group_scales"])
    has_labels = tensors["log_half_widths"] > 0
    everything = np.ones(len(ids), bool)
    judged = judge(one_graph, everything, np.array([0]), representation.estimates_ms, distances, has_labels)
    half = half_widths(judged, tensors["usual_distances"], tensors["log_half_widths"])
    scores = np.minimum(1.0, (tensors["usual_distances"] / judged.distance) ** 2)

    assert document["growth"] == GROWTH
    with nnformer.Graph.open(path, batch_size=batch) as graph, nnformer.Predictor() as predictor:
        estimates = predictor.estimates(graph)
    assert list(estimates) == ids
    for number, estimate in enumerate(estimates.values()):
        assert estimate.latency_ms == pytest.approx(representation.estimates_ms[0, number], rel=1e-3)
        assert estimate.in_domain_score == pytest.approx(scores[number], rel=1e-3)
        for bound in (estimate.upper_ms / estimate.latency_ms, estimate.latency_ms / estimate.lower_ms):
            assert np.log(bound) == pytest.approx(half[number], rel=1e-3)


def _training_set(data: GraphData, library: CtypesLibrary, platform_ids: list[str]) -> TrainingSet:
    """One graph, with a label on every platform."""
    count, node_count = len(platform_ids), len(data.features)
    relations = (Lists(offsets.astype(np.int64), indices.astype(np.int64)) for offsets, indices in data.relations)
    zeros, ones = np.zeros(count, np.int64), np.ones(count)
    return dataclasses.replace(
        synthetic_training_set(SEED),
        feature_names=library.feature_names,
        feature_table=data.features,
        cost_table=node_costs(data.features, library.feature_names).astype(np.float32),
        feature_rows=np.arange(node_count),
        graph_offsets=np.array([0, node_count]),
        relations=NodeRelations(*relations),
        graph_features=data.graph_features[None],
        labels=Labels(zeros, np.arange(count), ones, np.ones(count, bool), np.ones(count, bool)),
        column_platforms=np.arange(count),
        platform_ids=tuple(platform_ids),
    )
