"""From a file of labels to weights that the library loads, by the command line alone, on labels whose law is known.

Every network is in the file twice, its labels one percent above and below the law, so that it is known too what an
error should be.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import nnformer
import numpy as np
import pandas as pd
import pytest
import torch

from nnformer_training.cli import main
from nnformer_training.evaluation.calibration import SAMPLE_COUNTS
from nnformer_training.evaluation.precision import PRECISIONS
from nnformer_training.features.graph_library import TOTALS, CtypesLibrary
from nnformer_training.labels.label_sets import FBNET
from nnformer_training.labels.splits import HASH_DIGITS
from nnformer_training.results.result_files import Results
from nnformer_training.search_spaces import fbnet
from nnformer_training.training.weights_file import DOMAIN_PREFIX, WeightsFile
from nnformer_training.validation import baselines

NETWORKS = 60
NOISE = 0.01
#: Milliseconds by GFLOPs: lines, and for the device that calibration is to meet for the first time a power.
LAWS = {
    "2080ti_1": lambda gflops: 1.0 + 20.0 * gflops,
    "2080ti_32": lambda gflops: 2.0 + 3.0 * gflops,
    "gold_6240": lambda gflops: 0.5 + 100.0 * gflops,
    "samsung_s7": lambda gflops: 300.0 * gflops**0.7,
}
UNSEEN = "samsung_s7"
CONFIGURATION = """
[data]
label_sets = ["fbnet"]
left_out_columns = {left_out}
[model]
layers = 1
width = 8
feedforward_ratio = 2
head_width = 8
[optimisation]
batch_graphs = 32
learning_rate = 1e-2
average_decay = 0.9
steps = 150
[run]
threads = 1
"""


@dataclass(frozen=True)
class Pipeline:
    """The folder in which everything lies."""

    directory: Path

    def run(self, subcommand: str, *words: object) -> None:
        assert main([subcommand, *map(str, words)]) == 0

    def train(self, left_out: list[str]) -> Path:
        run = self.directory / "-".join(["run", *left_out])
        configuration = run.with_suffix(".toml")
        configuration.write_text(CONFIGURATION.format(left_out=json.dumps(left_out)))
        self.run("train", "--config", configuration, "--run", run, *self.cache)
        return run

    def results(self, name: str) -> Results:
        return Results.read(self.directory / "results" / f"{name}.json")

    @property
    def cache(self) -> tuple[str, Path]:
        return "--cache", self.directory / "cache"

    @property
    def weights(self) -> Path:
        return self.directory / "weights.safetensors"


def write_labels(directory: Path, library: CtypesLibrary) -> None:
    generator = np.random.default_rng(1)
    networks = generator.integers(0, len(fbnet.BLOCKS), (NETWORKS, fbnet.POSITIONS))
    frame = pd.DataFrame(networks, columns=[f"op{position}" for position in range(fbnet.POSITIONS)])
    files = [fbnet.write_network(network).SerializeToString() for network in networks.tolist()]
    for column, law in LAWS.items():
        batch = 32 if column.endswith("_32") else 1
        flops = [library.graph_data(file, batch).totals[TOTALS.index("flops")] for file in files]
        frame[column] = law(np.array(flops) * 1e-9)
    names = list(LAWS)
    twice = [frame.assign(**frame[names] * factor) for factor in (1 - NOISE, 1 + NOISE)]
    pd.concat(twice).to_csv(directory / FBNET.file, index=False)


@pytest.fixture(scope="module")
def pipeline(library: CtypesLibrary, tmp_path_factory: pytest.TempPathFactory) -> Pipeline:
    directory = tmp_path_factory.mktemp("pipeline")
    one = Pipeline(directory)
    write_labels(directory, library)
    splits = ("--splits", directory / "splits", "--label-set", "fbnet", "--processes", 1)
    one.run("build-dataset", "--labels", directory, *one.cache, *splits)
    results, output = directory / "results", ("--output", directory / "results")
    run = one.train(left_out=[])
    one.run("evaluate", "--run", run, *one.cache, *output)
    with pytest.MonkeyPatch.context() as patch:
        # They would take longer than all the rest.
        patch.setattr(baselines, "BOOSTING_ITERATIONS", 5)
        one.run("baselines", *one.cache, *output)
    one.run("repeatability", *one.cache, *output)
    one.run("results", "--results", results, "--output", directory / "Results.md")
    files = ("--results", results / "nnformer.json", "--output", one.weights, "--card", directory / "ModelCard.md")
    one.run("export", "--run", run, *one.cache, *files)
    return one


def errors(results: Results) -> dict[str, float]:
    return {one.column.column: one.metrics.mape_percent for one in results.columns}


def test_errors_are_what_the_law_of_the_labels_makes_them(pipeline: Pipeline) -> None:
    own, line = errors(pipeline.results("nnformer")), errors(pipeline.results("cost_line"))
    for column in LAWS:
        # Two labels of one network, above and below the law, cannot both be met.
        assert 0.99 * 100 * NOISE < own[column] < 10.0
    # In the range of these networks, the power is nearly a line too.
    assert line == pytest.approx(dict.fromkeys(LAWS, 100 * NOISE), rel=0.05)
    # Of two measurements, each lies √2 times as far from the truth as from their mean.
    expected = dict.fromkeys(LAWS, 100 * NOISE * np.sqrt(2))
    assert errors(pipeline.results("repeatability")) == pytest.approx(expected, rel=0.01)


def test_the_page_has_a_row_for_each_label_set_and_column(pipeline: Pipeline) -> None:
    page = (pipeline.directory / "Results.md").read_text()
    own, line = (np.median(list(errors(pipeline.results(name)).values())) for name in ("nnformer", "cost_line"))
    assert f"| fbnet | {len(LAWS)} | {own:.2f} | 1.70 | {line:.2f} |" in page
    assert all(f"| fbnet | {column} |" in page for column in LAWS)


def test_the_library_errs_with_exported_weights_as_the_results_say(pipeline: Pipeline, library: CtypesLibrary) -> None:
    """On the networks that the file of the split holds out."""
    split = pd.read_csv(pipeline.directory / "splits" / "fbnet.csv", dtype=str)
    held_out = set(split.loc[split["is_validation"] == "1", "graph_hash"])
    table = FBNET.read(pipeline.directory)
    relative: dict[str, list[float]] = {column.name: [] for column in table.columns}
    with nnformer.Predictor(pipeline.weights) as predictor:
        for network, labels in zip(table.architectures, table.milliseconds):
            file = fbnet.write_network(network).SerializeToString()
            if library.graph_hash(file, 1)[:HASH_DIGITS] not in held_out:
                continue
            for column, label in zip(table.columns, labels):
                with nnformer.Graph.parse(file, batch_size=column.batch) as graph:
                    estimate = predictor.estimates(graph)[column.platform_id]
                relative[column.name].append(abs(estimate.latency_ms / label - 1))
                assert estimate.lower_ms < estimate.latency_ms < estimate.upper_ms
    measured = errors(pipeline.results("nnformer"))
    assert {name: 100 * np.mean(own) for name, own in relative.items()} == pytest.approx(measured, rel=1e-2)
    stated = {label.column: label.mape_percent for platform in predictor.platforms for label in platform.label_sets}
    assert stated == pytest.approx(measured, abs=1e-4)


def test_the_weights_measure_as_the_run_and_lose_little_in_fewer_bits(pipeline: Pipeline) -> None:
    output = ("--output", pipeline.directory / "results", "--predictor", "exported")
    pipeline.run("evaluate", "--weights", pipeline.weights, *pipeline.cache, *output)
    measured = errors(pipeline.results("nnformer"))
    assert errors(pipeline.results("exported")) == pytest.approx(measured, rel=1e-2)
    page = pipeline.directory / "Precision.md"
    pipeline.run("evaluate-precision", "--weights", pipeline.weights, *pipeline.cache, "--output", page)
    rows = [list(map(str.strip, line.split("|")[1:-1])) for line in page.read_text().splitlines() if "|" in line][2:]
    assert [name for name, *_ in rows] == [precision.name for precision in PRECISIONS]
    largest = {name: float(percent) for name, _, percent, *_ in rows}
    assert 0 < largest["16-bit integers, as the library's"] < largest["bfloat16"] < largest["8-bit integers"] < 1


def test_a_domain_that_was_taken_away_comes_back_and_the_model_stays(pipeline: Pipeline) -> None:
    exported = WeightsFile.read(pipeline.weights)
    model = {name: tensor for name, tensor in exported.tensors.items() if not name.startswith(DOMAIN_PREFIX)}
    document = {key: value for key, value in exported.document.items() if key != "training_domain"}
    path = pipeline.directory / "without_domain.safetensors"
    path.write_bytes(WeightsFile(document, model).to_bytes())
    pipeline.run("add-training-domain", path, *pipeline.cache, "--threads", 1)
    again = WeightsFile.read(path)
    assert again.document == exported.document
    assert again.tensors.keys() == exported.tensors.keys()
    assert all(torch.equal(again.tensors[name], tensor) for name, tensor in model.items())
    for name in ("usual_distances", "group_scales", "log_half_widths"):
        name = f"{DOMAIN_PREFIX}{name}"
        torch.testing.assert_close(again.tensors[name], exported.tensors[name], rtol=0.02, atol=1e-4)


def test_a_device_left_out_of_training_is_calibrated_from_few_samples(pipeline: Pipeline) -> None:
    run = pipeline.train(left_out=[UNSEEN])
    results = pipeline.directory / "calibration.csv"
    files = ("--results", results, "--output", pipeline.directory / "CalibrationResults.md")
    labels = ("--labels", pipeline.directory, "--draws", 1)
    pipeline.run("evaluate-calibration", "--run", run, *pipeline.cache, *labels, *files)
    measured = pd.read_csv(results).set_index(["method", "samples"])
    counted = [(method, count) for method in ("nnformer", "rescaled", "flops") for count in SAMPLE_COUNTS]
    assert sorted(measured.index) == sorted([*counted, ("suggested", 10)])
    assert set(measured["column"]) == {UNSEEN}
    percent = measured["mape_percent"]
    # The device follows a power of FLOPs, which is a line through logarithms; no known device is proportional to it.
    assert percent["flops", 50] == pytest.approx(100 * NOISE, rel=0.05)
    assert percent["nnformer", 50] == pytest.approx(100 * NOISE, rel=0.2)
    assert percent["rescaled", 50] > 1.5 * 100 * NOISE
    assert measured["covered_percent"]["nnformer", 50] >= 90
    page = (pipeline.directory / "CalibrationResults.md").read_text()
    assert f"| FLOPs, 50 | {percent['flops', 50]:.1f} ± 0.0 | **{percent['flops', 50]:.1f}** |" in page
