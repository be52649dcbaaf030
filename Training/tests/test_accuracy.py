"""Encoded cells, networks, label scales and what is kept of trainings; needs the library (NNFORMER_LIBRARY)."""

import argparse
import csv
import json
import random
import re
import shutil
from dataclasses import replace
from pathlib import Path

import nnformer
import numpy as np
import pytest
import torch
from nasbench101_records import record

from nnformer_training.accuracy import export, nasbench101, page, predictors, run
from nnformer_training.accuracy.cell_encoding import CellEncoding
from nnformer_training.accuracy.fitting import FittingConfiguration, estimate, fit
from nnformer_training.accuracy.gcn import dense_cells
from nnformer_training.accuracy.label_scale import LabelScale
from nnformer_training.accuracy.nasbench101 import Nasbench101Labels
from nnformer_training.accuracy.nasbench101_file import ModelMetrics
from nnformer_training.accuracy.nasbench201 import Nasbench201Labels
from nnformer_training.accuracy.network import AccuracyConfiguration, AccuracyNetwork
from nnformer_training.accuracy.paths import path_counts
from nnformer_training.accuracy.predictors import Experiment
from nnformer_training.accuracy.provenance import Provenance
from nnformer_training.accuracy.result_table import ResultTable, Run
from nnformer_training.accuracy.weights import accuracy_weights, read_accuracy_weights
from nnformer_training.fixtures.golden import dense_relations
from nnformer_training.model.reference import encode
from nnformer_training.search_spaces.nasbench201 import OPERATIONS

pytestmark = pytest.mark.usefixtures("library")

ARCHITECTURES = [
    "|none~0|+|none~0|none~1|+|none~0|none~1|none~2|",
    "|nor_conv_3x3~0|+|nor_conv_1x1~0|none~1|+|none~0|avg_pool_3x3~1|nor_conv_3x3~2|",
    "|nor_conv_1x1~0|+|nor_conv_3x3~0|none~1|+|none~0|nor_conv_3x3~1|avg_pool_3x3~2|",
    "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|skip_connect~0|nor_conv_1x1~1|nor_conv_3x3~2|",
]


@pytest.fixture(scope="module")
def encoding():
    return CellEncoding.of(nnformer.CellList("nasbench201", ARCHITECTURES))


@pytest.fixture(scope="module")
def network(encoding):
    torch.manual_seed(1)
    return AccuracyNetwork(AccuracyConfiguration(encoding.feature_table.shape[1], 2, layers=2, width=16))


def test_isomorphic_cells_are_one_to_the_network(encoding):
    assert encoding.packer(2).representatives.tolist() == [0, 1, 1, 3]


def test_estimates_are_those_of_the_dense_reference(encoding, network):
    estimates = estimate(network, encoding.packer(2), np.arange(4))
    tensors = dict(network.named_parameters())
    for architecture, expected in zip(ARCHITECTURES, estimates):
        cell = nnformer.CellList("nasbench201", [architecture])
        features = torch.from_numpy(cell.features()).double()
        relations = dense_relations(cell.relations()[name] for name in nnformer.RELATIONS)
        with torch.no_grad():
            class_token = encode(tensors, features, relations)[0]
            dense = class_token @ tensors["head.weight"].double().T + tensors["head.bias"].double()
        assert expected == pytest.approx(dense.numpy(), abs=1e-5)


def test_fitting_learns_the_order_of_cells(encoding, network):
    targets = np.array([[-1.5, 0.0], [0.5, 1.0], [1.5, -1.0]])
    cells = np.array([0, 1, 3])
    configuration = FittingConfiguration(steps=150, batch_cells=3)
    fitted = fit(network, encoding.packer(2), cells, targets, np.ones(2), configuration, seed=1)
    estimates = estimate(fitted, encoding.packer(2), cells)
    assert (np.argsort(estimates, axis=0) == np.argsort(targets, axis=0)).all()


def test_label_scale_keeps_order_and_comes_back():
    percent = np.array([10.0, 85.0, 93.0, 94.4])
    scale = LabelScale.fit(percent)
    z = scale.from_percent(percent)
    assert (np.diff(z) > 0).all() and z.mean() == pytest.approx(0) and z.std() == pytest.approx(1)
    assert scale.to_percent(z) == pytest.approx(percent)
    # A point of accuracy counts more among good cells.
    assert z[3] - z[2] > scale.from_percent(np.array([11.4]))[0] - z[0]


def test_dense_cells_have_the_edges_of_the_cell(encoding):
    features, adjacency, mask = dense_cells(encoding)
    assert mask.sum(dim=1).tolist() == [2, 6, 6, 7]
    assert adjacency.sum(dim=(1, 2)).tolist() == [0, 12, 12, 18]
    assert (adjacency == adjacency.transpose(1, 2)).all() and (features[mask == 0] == 0).all()


def test_shares_of_the_official_file_are_one_command(tmp_path, monkeypatch):
    """On forty random cells in the official format; shares of them as large as a cell or two."""
    generator = np.random.default_rng(1)
    path = tmp_path / "nasbench_only108.tfrecord"
    with path.open("wb") as file:
        for number in range(40):
            operations = ["input", *generator.choice(["conv3x3-bn-relu", "conv1x1-bn-relu", "maxpool3x3"], 3), "output"]
            upper = np.triu(generator.integers(0, 2, (5, 5)), 1)
            upper[0, 1] = upper[1, 4] = 1
            metrics = ModelMetrics(trainable_parameters=1, total_time=1.0)
            metrics.evaluation_data.add(test_accuracy=float(generator.uniform(0.8, 0.95)))
            adjacency = "".join(map(str, upper.ravel()))
            file.write(record(f"{number:032x}", 108, adjacency, ",".join(operations), metrics))
    labels = Nasbench101Labels.official(path)
    assert len(labels.hashes) == 40
    monkeypatch.setattr(nasbench101, "SHARES_PERCENT", (5.0, 50.0))
    rows = nasbench101.official_results(labels, seeds=[1], steps=3)
    assert [row["predictor"] for row in rows] == ["nnformer_5.0_percent", "nnformer_50.0_percent"]
    assert all(-1 <= row["kendall_tau"] <= 1 for row in rows)


def test_repeats_and_folds():
    chain = [[0, 1, 0], [0, 0, 1], [0, 0, 0]]
    rows = [
        (name, chain, ["input", operation, "output"], accuracy)
        for name, operation, accuracies in (
            ("a", "conv3x3-bn-relu", (0.9, 0.8)), ("b", "conv1x1-bn-relu", (0.7, 0.6)),
            ("c", "maxpool3x3", (0.5, 0.65)),
        )
        for accuracy in accuracies
    ]  # fmt: skip
    labels = Nasbench101Labels.of(rows)
    assert labels.means == pytest.approx([85, 65, 57.5])
    assert labels.repeat_taus() == pytest.approx([1 / 3])
    assert labels.folds.tolist() == [0, 1, 0], "by SHA-256 of the hash, whatever else there is"
    many = replace(labels, hashes=tuple(f"{number:032x}" for number in range(1000)))
    assert np.bincount(many.folds, minlength=5).min() > 150


def test_paths_are_those_through_the_cell(encoding):
    counts = path_counts(encoding)
    # Input and output alone; isomorphic cells agree; every other cell differs.
    assert counts[0].sum() == 2 and (counts[1] == counts[2]).all() and (counts[1] != counts[3]).any()
    # Input → 3×3 → output by two ways of length 4: 6 nodes, 2 paths, 2 lengths, 3 stretches before the output a path.
    assert counts[1].sum() == 6 + 2 + 2 + 2 * 3


def label_files(directory: Path, cells: int = 40, training: int = 20) -> Path:
    """Random cells with random accuracies, the first of which train, as the label set has them."""
    generator = random.Random(1)
    directory.mkdir()
    architectures = {
        "|{}~0|+|{}~0|{}~1|+|{}~0|{}~1|{}~2|".format(*generator.choices(OPERATIONS, k=6)): None
        for _ in range(2 * cells)
    }
    names = [
        f"{dataset}_{what}" for dataset in ("cifar10", "cifar100", "imagenet16") for what in ("test_200", "val_12")
    ]
    with (
        (directory / "nasbench201_architectures.csv").open("w", newline="") as space,
        (directory / "nasbench201_accuracy.csv").open("w", newline="") as labels,
    ):
        csv.writer(space).writerow(["index", "arch"])
        csv.writer(labels).writerow(["arch", "train_rank", *names])
        for number, architecture in enumerate(list(architectures)[:cells]):
            csv.writer(space).writerow([number, architecture])
            rank = number if number < training else -1
            csv.writer(labels).writerow([architecture, rank, *(generator.uniform(50, 95) for _ in names)])
    return directory


@pytest.fixture
def trained(monkeypatch):
    """Which trainings there were of a predictor that draws its estimates; its name is that of a real one."""
    trainings = []

    def draw(experiment, rows, seed):
        trainings.append((len(rows), seed))
        return np.random.default_rng(seed).normal(size=(experiment.encoding.cell_count, 3))

    monkeypatch.setitem(predictors.PREDICTORS, "gcn", draw)
    return trainings


def accuracy_run(*words: str) -> None:
    parser = argparse.ArgumentParser()
    run.add_arguments(parser)
    run.run(parser.parse_args(["--predictors", "gcn", *words]))


def read_rows(directory: Path) -> list[str]:
    return (directory / "accuracy_nasbench201.csv").read_text().splitlines()


def test_a_part_of_the_table_leaves_the_others_as_they_are(tmp_path, trained):
    folders = ["--labels", str(label_files(tmp_path / "labels")), "--runs", str(tmp_path / "runs"), "--output"]
    results = tmp_path / "results"
    accuracy_run(*folders, str(results), "--sizes", "78", "156")
    before = read_rows(results)
    assert len(before) == 1 + 2 * 3 * 3
    accuracy_run(*folders, str(results), "--sizes", "78", "--seeds", "4")
    after = read_rows(results)
    assert [row for row in after if row.split(",")[2] != "4"] == before
    assert [row.split(",")[:4] for row in after if row not in before] == [
        ["gcn", "78", "4", dataset] for dataset in ("cifar10", "cifar100", "imagenet16")
    ]
    assert len(trained) == 7
    # What the table has is not made again, even where its estimates are gone, unless that is asked for.
    shutil.rmtree(tmp_path / "runs")
    accuracy_run(*folders, str(results), "--sizes", "78", "--seeds", "4")
    assert len(trained) == 7
    accuracy_run(*folders, str(results), "--sizes", "78", "--seeds", "1", "4", "--again")
    assert len(trained) == 9 and read_rows(results) == after
    # What is kept makes the same rows, without a training.
    accuracy_run(*folders, str(tmp_path / "again"), "--sizes", "78", "--seeds", "1", "4")
    assert read_rows(tmp_path / "again") == [row for row in after if re.match("predictor|gcn,78,[14]", row)]
    assert len(trained) == 9


def test_the_table_says_which_commit_made_which_rows(tmp_path, trained, monkeypatch):
    folders = ["--labels", str(label_files(tmp_path / "labels")), "--runs", str(tmp_path / "runs"), "--output"]
    results = tmp_path / "results"
    for commit, size in (("first", "78"), ("second", "156"), ("third", "78")):
        monkeypatch.setattr("nnformer_training.accuracy.provenance.current_commit", lambda commit=commit: commit)
        accuracy_run(*folders, str(results), "--sizes", size, "--seeds", *(["1", "2"] if size == "78" else ["1"]))
    document = json.loads((results / "accuracy_nasbench201.json").read_text())
    # The third only measured what the first had trained.
    assert document["commit"] == "first"
    assert [(group["commit"], group["runs"]) for group in document["other_runs"]] == [("second", ["gcn_156_1"])]
    assert document["validation_cells"] == 20


def test_estimates_of_other_labels_are_not_used(tmp_path, trained):
    labels = Nasbench201Labels.read(label_files(tmp_path / "labels"))
    experiment = Experiment.of(labels, tmp_path / "runs")
    estimates = experiment.estimates("gcn", 78, 1)
    assert np.array_equal(experiment.estimates("gcn", 78, 1), estimates) and len(trained) == 1
    other = replace(experiment, labels=replace(labels, sha256="other"))
    other.estimates("gcn", 78, 1)
    assert len(trained) == 2 and other.provenance("gcn", 78, 1).labels_sha256 == "other"
    # Nothing says what an estimate learnt from that was cut off before its record.
    (tmp_path / "runs" / "gcn_78_1.json").unlink()
    other.estimates("gcn", 78, 1)
    assert len(trained) == 3
    accuracy_run("--labels", str(tmp_path / "labels"), "--runs", str(tmp_path / "runs"), "--output", str(tmp_path))
    table = json.loads((tmp_path / "accuracy_nasbench201.json").read_text())
    (tmp_path / "accuracy_nasbench201.json").write_text(json.dumps(table | {"labels_sha256": "other"}))
    with pytest.raises(ValueError, match="other labels"):
        accuracy_run("--labels", str(tmp_path / "labels"), "--runs", str(tmp_path / "runs"), "--output", str(tmp_path))


def test_the_committed_table_is_one_that_is_added_to(tmp_path):
    """Byte for byte, but for what is added."""
    for suffix in ("csv", "json"):
        shutil.copy(run.RESULTS / f"accuracy_nasbench201.{suffix}", tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    document = json.loads(before["accuracy_nasbench201.json"])
    labels = Nasbench201Labels(
        (), *(np.zeros(0, np.int64),) * 3, np.full(document["validation_cells"], -1), document["labels_sha256"]
    )
    table = ResultTable.read(tmp_path, labels)
    table.write(tmp_path, predictors.PREDICTORS)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
    made = Provenance("later", "2027-01-01", document["labels_sha256"])
    table.with_run(Run("gcn", 78, 4), [0.5, float("nan"), 0.25], made).write(tmp_path, predictors.PREDICTORS)
    added = set(read_rows(tmp_path)) - set(before["accuracy_nasbench201.csv"].decode().splitlines())
    assert added == {"gcn,78,4,cifar10,0.5", "gcn,78,4,imagenet16,0.25"}
    shutil.copy(run.RESULTS / "accuracy_nasbench101_5v.csv", tmp_path)
    written = page.page(tmp_path)
    assert written.count("(4)") == 2, "one predictor has four seeds of two datasets"
    assert "where it is not 3;" in written and "over three seeds" in written
    assert page.PAGE.read_text() == page.page(run.RESULTS)


def test_weights_say_what_trained_each_member(tmp_path, monkeypatch):
    monkeypatch.setattr(predictors, "STEPS", {20: 2})
    monkeypatch.setattr(export, "SUBSETS", (20,))
    experiment = Experiment.of(Nasbench201Labels.read(label_files(tmp_path / "labels")), tmp_path / "runs")
    for member in (1, 2, 3):
        monkeypatch.setattr("nnformer_training.accuracy.provenance.current_commit", lambda member=member: f"c{member}")
        experiment.estimates("joint", 20, member)
    path = tmp_path / "accuracy.safetensors"
    path.write_bytes(accuracy_weights([export.nasbench201_model(experiment)]))
    trainings = read_accuracy_weights(path)["nasbench201"].entry["training"]
    assert [(one["commit"], one["seed"]) for one in trainings] == [("c1", 1), ("c2", 2), ("c3", 3)]
