"""The paper's protocol on a small directory in NNLQ's format, and what its folds promise."""

from __future__ import annotations

import csv
import json
import random
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from nnformer_training.cli import main
from nnformer_training.evaluation.real_latencies import real_page
from nnformer_training.features.dataset import build_label_set
from nnformer_training.features.feature_cache import FeatureCache
from nnformer_training.features.graph_library import CtypesLibrary
from nnformer_training.labels.label_sets import PROFILED
from nnformer_training.labels.nnlq import nnlq_label_set
from nnformer_training.protocol import predictors
from nnformer_training.protocol.experiments import experiments_page
from nnformer_training.protocol.folds import SEEDS, in_domain, label_families, leave_one_out, tuning
from nnformer_training.protocol.result_tables import read_results
from nnformer_training.protocol.tables import protocol_page
from nnformer_training.training.training_set import TrainingSet
from nnformer_training.zoo import FAMILIES

NETWORKS = 20
PLATFORMS = (1, 23)
FAMILY_NAMES = ("alexnet", "squeezenet", "vgg")


def write_nnlq_directory(directory: Path) -> Path:
    """As published: ``gt.txt`` and ``onnx/<family>/<network>.onnx``. Latency is 1 ms for ten nodes, twice that on
    23."""
    lines = []
    for family in FAMILY_NAMES:
        (directory / "onnx" / family).mkdir(parents=True)
        for number in range(NETWORKS):
            recipe = FAMILIES[family].sample(random.Random(number))
            model = FAMILIES[family].write(recipe)
            path = f"onnx/{family}/{family}_transform_{number:04}.onnx"
            (directory / path).write_bytes(model.SerializeToString())
            for platform in PLATFORMS:
                latency = len(model.graph.node) / 10 * (1 if platform == 1 else 2)
                lines.append(f"{len(lines):05} {path} {1 + number % 2} {latency} {family} {platform} train")
    (directory / "gt.txt").write_text("\n".join(lines) + "\n")
    return directory


@pytest.fixture(scope="module")
def cache(library: CtypesLibrary, tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = write_nnlq_directory(tmp_path_factory.mktemp("nnlq"))
    cache = tmp_path_factory.mktemp("cache")
    label_set = nnlq_label_set(directory)
    build_label_set(label_set, directory, cache, tmp_path_factory.mktemp("splits"), lambda: library, processes=1)
    return cache


def test_every_line_of_gt_is_a_label(cache: Path) -> None:
    training_set = TrainingSet.from_cache(FeatureCache.open(cache))
    assert len(training_set.labels.graph) == NETWORKS * len(PLATFORMS) * len(FAMILY_NAMES)
    assert training_set.platform_ids == ("nnlq-platform-1", "nnlq-platform-23")
    families, platforms = label_families(training_set), training_set.column_platforms[training_set.labels.column]
    for family in FAMILY_NAMES:
        one, other = (training_set.labels.milliseconds[(families == family) & (platforms == p)] for p in (0, 1))
        np.testing.assert_allclose(np.sort(other), 2 * np.sort(one))


def test_columns_that_are_left_out_leave_nothing_behind(cache: Path) -> None:
    opened = FeatureCache.open(cache)
    whole = TrainingSet.from_cache(opened)
    left_out = whole.columns[0].column
    training_set = TrainingSet.from_cache(opened, [left_out])
    kept = [number for number, column in enumerate(whole.columns) if column.column != left_out]
    assert training_set.columns == tuple(whole.columns[number] for number in kept)
    assert training_set.sha256 != whole.sha256
    is_kept = np.isin(whole.labels.column, kept)
    np.testing.assert_array_equal(training_set.labels.milliseconds, whole.labels.milliseconds[is_kept])
    assert set(training_set.platform_ids) == {whole.columns[number].platform_id for number in kept}
    with pytest.raises(ValueError, match="no label column is called nothing"):
        TrainingSet.from_cache(opened, ["nothing"])


def test_folds_hold_what_they_promise(cache: Path) -> None:
    opened = FeatureCache.open(cache)
    training_set = TrainingSet.from_cache(opened)
    families, networks = label_families(training_set), training_set.networks[training_set.labels.graph]
    fold = in_domain(training_set, seed=1)
    for family in FAMILY_NAMES:
        assert len(np.unique(networks[fold.is_test & (families == family)])) == NETWORKS // 10
    hashes = opened.label_sets[0].arrays["graph_hash"][training_set.labels.graph]
    assert (fold.is_training | fold.is_test).all()
    assert not set(hashes[fold.is_training]) & set(hashes[fold.is_test]), "a network's labels fall on one side"
    assert (in_domain(training_set, seed=2).is_test != fold.is_test).any()
    chosen = tuning(training_set)
    assert not any((chosen.is_test & in_domain(training_set, seed).is_test).any() for seed in SEEDS)
    assert not (chosen.is_training & chosen.is_test).any() and set(families[chosen.is_test]) == set(FAMILY_NAMES)
    left_out = leave_one_out(training_set, "vgg")
    assert set(families[left_out.is_test]) == {"vgg"}
    assert set(families[left_out.is_training]) == {"alexnet", "squeezenet"}
    assert set(families[leave_one_out(training_set, "vgg", ["alexnet"]).is_training]) == {"alexnet"}


def test_labels_not_good_enough_to_test_train_unless_their_family_is_left_out(cache: Path) -> None:
    training_set = TrainingSet.from_cache(FeatureCache.open(cache))
    columns = tuple(
        replace(column, label_set=PROFILED.name) if column.family == "vgg" else column
        for column in training_set.columns
    )
    training_set = replace(training_set, columns=columns)
    is_vgg = label_families(training_set) == "vgg"
    fold = in_domain(training_set, seed=1)
    assert fold.is_training[is_vgg].all() and fold.is_test.any() and not fold.is_test[is_vgg].any()
    left_out = leave_one_out(training_set, "vgg")
    assert not left_out.is_training[is_vgg].any() and not left_out.is_test.any()


def test_protocol_measures_baselines_and_goes_on_where_it_stopped(cache: Path, tmp_path: Path) -> None:
    command = [
        "protocol", "--cache", str(cache), "--label-set", "nnlq", "--output", str(tmp_path), "--runs", str(tmp_path),
        "--predictor", "line", "--predictor", "boosting", "--seed", "1",
    ]  # fmt: skip
    assert main(command) == 0
    files = sorted((tmp_path / "nnlq").glob("*.csv"))
    assert len(files) == 2 * (1 + len(FAMILY_NAMES))
    with (tmp_path / "nnlq" / "line.leave-one-out.without-vgg.1.csv").open() as file:
        assert json.loads(file.readline().removeprefix("# ")).keys() == {"settings", "commit"}
        rows = list(csv.DictReader(file))
    assert len(rows) == NETWORKS * len(PLATFORMS)
    assert all(float(row["estimate_ms"]) > 0 for row in rows)
    written = {file: file.stat().st_mtime_ns for file in files}
    assert main(command) == 0
    assert {file: file.stat().st_mtime_ns for file in files} == written
    other_labels, other_settings = files[0], tmp_path / "nnlq" / "boosting.leave-one-out.without-vgg.1.csv"
    labels = r"^(\d+,\w+,[^,]+),[^,]+"
    other_labels.write_text(re.sub(labels, r"\1,12345", other_labels.read_text(), count=1, flags=re.MULTILINE))
    other_settings.write_text(other_settings.read_text().replace('"iterations": ', '"iterations": 1'))
    assert main(command) == 0
    changed = {file for file in files if file.stat().st_mtime_ns != written[file]}
    assert changed == {other_labels, other_settings}


def test_protocol_names_what_it_does_not_know(cache: Path, tmp_path: Path) -> None:
    command = ["protocol", "--cache", str(cache), "--label-set", "nnlq", "--output", str(tmp_path)]
    with pytest.raises(SystemExit, match="no family is called unheard_of; there are alexnet, squeezenet, vgg"):
        main([*command, "--family", "unheard_of"])
    with pytest.raises(SystemExit, match=r"no experiment is called unheard_of; there are .*width_32"):
        main([*command, "--experiment", "unheard_of"])


def test_trained_predictors_never_see_the_test_labels(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    configuration = (predictors.CONFIGURATIONS / "protocol.toml").read_text()
    shorter, count = re.subn(r"^steps = \d+$", "steps = 4", configuration, flags=re.MULTILINE)
    assert count == 1
    monkeypatch.setattr(predictors, "CONFIGURATIONS", tmp_path)
    (tmp_path / "protocol.toml").write_text(shorter)
    opened = FeatureCache.open(cache)
    training_set = TrainingSet.from_cache(opened)
    fold = leave_one_out(training_set, "vgg")
    labels = training_set.labels
    spoilt = replace(labels, milliseconds=np.where(fold.is_test, 1e9, labels.milliseconds))
    estimates = [
        predictors.PREDICTORS["nnformer"].estimate(
            predictors.Task(replace(training_set, labels=seen), opened.graph_totals, fold, 1, tmp_path / name)
        )
        for name, seen in (("honest", labels), ("spoilt", spoilt))
    ]
    assert len(estimates[0]) == fold.is_test.sum() and np.isfinite(estimates[0]).all()
    np.testing.assert_array_equal(*estimates)


def test_measurements_of_one_network_are_one_row(tmp_path: Path) -> None:
    lines = ["0 b.onnx 1 2.0 vgg 23", "1 a.onnx 1 3.0 vgg 1", "2 b.onnx 4 5.0 vgg 1", "", "3 b.onnx 1 7.0 vgg 1",
             "4 b.onnx 1 4.0 vgg 23", "5 c.onnx 1 6.0 alexnet 23"]  # fmt: skip
    (tmp_path / "gt.txt").write_text("\n".join(lines) + "\n")
    table = nnlq_label_set(tmp_path).read(tmp_path)
    networks = [(network.path.name, network.batch) for network in table.architectures]
    assert networks == [("b.onnx", 1), ("a.onnx", 1), ("b.onnx", 4), ("c.onnx", 1)]
    assert [(column.platform_id, column.family) for column in table.columns] == [
        ("nnlq-platform-1", "vgg"), ("nnlq-platform-23", "alexnet"), ("nnlq-platform-23", "vgg"),
    ]  # fmt: skip
    none = np.nan
    # Measured twice on platform 23, b.onnx has the mean there.
    expected = [[7.0, none, 3.0], [3.0, none, none], [5.0, none, none], [none, 6.0, none]]
    np.testing.assert_array_equal(table.milliseconds, expected)


@pytest.mark.parametrize("line", ["0001 onnx/a.onnx 1", "0001 onnx/a.onnx one 2.0 vgg 1", "0001 a 1 fast vgg 1"])
def test_another_format_is_refused_with_its_line(tmp_path: Path, line: str) -> None:
    (tmp_path / "gt.txt").write_text(f"0000 onnx/a.onnx 1 2.0 vgg 1 train\n{line}\n")
    with pytest.raises(ValueError, match="line 2"):
        nnlq_label_set(tmp_path)


def test_page_gives_means_over_seeds_and_over_the_ten_families(tmp_path: Path) -> None:
    for seed, factor in ((1, 1.1), (2, 1.3)):
        path = tmp_path / f"line.leave-one-out.without-vgg.{seed}.csv"
        with path.open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["network", "family", "platform", "label_ms", "estimate_ms"])
            writer.writerows([[number, "vgg", "p-onnxruntime", 2.0, 2.0 * factor] for number in range(4)])
            writer.writerows([[9, "unet", "p-onnxruntime", 2.0, 2.0]])
    page = protocol_page(read_results(tmp_path), {"p-onnxruntime": 2.5}, outdated={"leave-one-out"})
    assert "earlier measurement" in page
    assert "- `p-onnxruntime`: 2.50 %" in page
    assert "| vgg | 4 | 20.00 ± 14.14 |" in page
    assert "| **mean of the ten** |  | **20.00 ± 14.14** |" in page
    assert "| **mean of the others** |  | **0.00 ± 0.00** |" in page
    assert "| seeds |  | 2 |" in page


def test_page_of_experiments_has_a_row_for_what_was_measured_and_names_the_rest() -> None:
    results = pd.DataFrame([("vgg", 10.0), ("unet", 30.0)], columns=["family", "error_percent"])
    page = experiments_page(results.assign(predictor="width_32", seed=1, platform="p-onnxruntime"))
    assert "| width 32 | 1 | 10.00 | 30.00 | **20.00** |" in page
    assert "\n- width 128, four times the arithmetic in products\n" in page and "\n- width 32\n" not in page


def test_page_names_families_where_a_baseline_is_ahead(tmp_path: Path) -> None:
    for predictor, vgg, unet in (("line", 1.5, 1.1), ("nnformer", 1.1, 1.2)):
        rows = [(1, "vgg", 1.0, vgg), (2, "unet", 1.0, unet)]
        results = pd.DataFrame(rows, columns=["network", "family", "label_ms", "estimate_ms"])
        results.assign(platform="p").to_csv(tmp_path / f"{predictor}.in-domain.in-domain.1.csv", index=False)
    page = protocol_page(read_results(tmp_path), {})
    assert "| `p` | unet | 20.00 | 10.00 | line on FLOPs and bytes | 1 |" in page
    assert "| `p` | vgg | 10.00" not in page


def test_page_gives_the_bias_by_latency(tmp_path: Path) -> None:
    rows = [(1, 1.5, 1.8), (2, 2.0, 2.0), (3, 20.0, 19.0)]
    results = pd.DataFrame(rows, columns=["network", "label_ms", "estimate_ms"])
    results = results.assign(family="vgg", platform="p-onnxruntime")
    results.to_csv(tmp_path / "line.in-domain.in-domain.1.csv", index=False)
    page = protocol_page(read_results(tmp_path), {})
    assert "earlier measurement" not in page
    assert "| `p-onnxruntime` | 1 to 2 | 2 | 10.00 |" in page
    assert "| `p-onnxruntime` | 10 to inf | 1 | -5.00 |" in page


def test_real_page_counts_what_is_off_by_a_factor_of_two() -> None:
    rows = [("a", 1.0, 1.05), ("b", 2.0, 5.0), ("c", 4.0, 6.0)]
    results = pd.DataFrame(rows, columns=["network", "label_ms", "estimate_ms"])
    trusted = {"is_covered": [True, False, True], "in_domain_score": [1.0, 0.2, 1.0]}
    page = real_page(results.assign(platform="p", spread_percent=1.0, **trusted))
    assert "| `p` | 3 | 50.0 % | 68.3 % | 33 % | 33 % | 1 | 1.0000 | 67 % | 1 |" in page
    assert "| b | 2 | 5 | 2.50 | 0.20 |" in page
