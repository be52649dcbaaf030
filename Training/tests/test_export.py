"""What is exported is what was trained: the file, read back, gives the averaged model's estimates on raw features."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from small_runs import SEED, train
from synthetic_graphs import synthetic_graphs, synthetic_training_set

from nnformer_training.export.model_card import model_card
from nnformer_training.export.weights import export
from nnformer_training.features.sharing import share
from nnformer_training.model import reference
from nnformer_training.model.packing import Packer
from nnformer_training.training.trained_model import TrainedModel
from nnformer_training.training.weights_file import WeightsFile
from nnformer_training.validation.evaluate import evaluate


@pytest.mark.parametrize("head", ["additive", "pooled"])
def test_exported_file_gives_the_averaged_models_estimates(tmp_path: Path, head: str) -> None:
    trained = train(tmp_path / "run", head)
    training_set = synthetic_training_set(SEED)
    results = evaluate(trained, training_set)
    path = tmp_path / "weights.safetensors"
    path.write_bytes(export(trained, results, feature_schema=1).to_bytes())
    weights = WeightsFile.read(path)

    shared = share(training_set.feature_rows, training_set.graph_offsets, training_set.relations, layers=2)
    packer = Packer(shared, training_set.feature_table, training_set.cost_table, training_set.graph_features)
    with torch.no_grad():
        expected = trained.model(packer.pack(np.arange(training_set.graph_count)))
    graphs = synthetic_graphs(SEED, graph_count=40, distinct_features=4, largest=8)
    for graph in range(graphs.graph_count):
        estimate = reference.predict(
            weights.tensors,
            graphs.features(graph),
            graphs.costs(graph),
            torch.from_numpy(graphs.graph_features[graph]).double(),
            graphs.dense_relations(graph),
        )
        torch.testing.assert_close(estimate, expected[graph].double(), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("head", ["additive", "pooled"])
def test_the_weights_file_measures_as_the_run_did(tmp_path: Path, head: str) -> None:
    trained = train(tmp_path / "run", head)
    training_set = synthetic_training_set(SEED)
    results = evaluate(trained, training_set)
    path = tmp_path / "weights.safetensors"
    path.write_bytes(export(trained, results, feature_schema=1).to_bytes())
    again = evaluate(TrainedModel.from_weights(path), training_set)
    assert again.provenance == results.provenance
    for first, second in zip(results.columns, again.columns, strict=True):
        assert second.metrics.mape_percent == pytest.approx(first.metrics.mape_percent, rel=1e-3)


def test_metadata_states_the_measured_error_of_every_column(tmp_path: Path) -> None:
    trained = train(tmp_path, "additive")
    training_set = synthetic_training_set(SEED)
    results = evaluate(trained, training_set)
    weights = export(trained, results, feature_schema=4)
    document = json.loads(json.dumps(weights.document))
    assert document["feature_schema"] == 4
    assert document["training"]["data_sha256"] == training_set.sha256
    assert [platform["id"] for platform in document["platforms"]] == list(training_set.platform_ids)
    listed = [label for platform in document["platforms"] for label in platform["labels"]]
    assert [label["validation_networks"] for label in listed] == [8, 8]
    assert [label["training_networks"] for label in listed] == [32, 32]
    assert all(label["mape_percent"] > 0 for label in listed)
    card = model_card(weights, results, 1234)
    assert all(f"`{platform_id}`" in card for platform_id in training_set.platform_ids)


def test_export_refuses_results_of_another_run(tmp_path: Path) -> None:
    first, second = train(tmp_path / "1", "additive"), train(tmp_path / "2", "additive", steps=13)
    results = evaluate(first, synthetic_training_set(SEED))
    with pytest.raises(ValueError, match="steps"):
        export(second, results, feature_schema=1)


def test_evaluation_refuses_other_data(tmp_path: Path) -> None:
    trained = train(tmp_path, "additive")
    with pytest.raises(ValueError, match="other data"):
        evaluate(trained, synthetic_training_set(SEED + 1))


def test_file_with_a_missing_tensor_is_refused(tmp_path: Path) -> None:
    trained = train(tmp_path, "additive")
    weights = export(trained, evaluate(trained, synthetic_training_set(SEED)), feature_schema=1)
    del weights.tensors["head.base"]
    path = tmp_path / "weights.safetensors"
    path.write_bytes(weights.to_bytes())
    with pytest.raises(ValueError, match="tensors"):
        WeightsFile.read(path)
