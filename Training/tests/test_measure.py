"""Measuring: what a campaign promises, seen through its files; runtimes themselves are tried where they are
installed."""

from __future__ import annotations

import csv
import random
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from nnformer_training.measure.campaign import Campaign, Plan
from nnformer_training.measure.command import main, reference_network
from nnformer_training.measure.networks import NetworkFile, ZooNetwork, network_files
from nnformer_training.measure.records import Sample, SampleFile
from nnformer_training.measure.runtimes import Command, example_inputs, open_runtime
from nnformer_training.measure.summary import summarise
from nnformer_training.measure.timing import Budget, Timing, time_burst
from nnformer_training.measure.worker import Failure, Outcome, Setting
from nnformer_training.zoo import FAMILIES

PRINT_7 = f"seven={sys.executable} -c print(7.25)"


def zoo_network(family: str = "squeezenet", seed: int = 0, batch: int = 2) -> ZooNetwork:
    recipe = FAMILIES[family].sample(random.Random(seed))
    return ZooNetwork(f"{family}_{seed}", family, seed, batch, FAMILIES[family].to_json(recipe))


def sample(network: str, round: int, median_ms: float, **changes: object) -> Sample:
    fields = {
        "network": network, "batch": 1, "runtime": "r", "runtime_version": "1", "processor": "p", "threads": 1,
        "round": round, "median_ms": median_ms, "minimum_ms": median_ms, "runs": 5, "reference_ms": 1.0, "taken": "",
    }  # fmt: skip
    return Sample(**{**fields, **changes})


class FakeWorker:
    """Answers with prepared medians by network, one a call; counts what it is asked for."""

    def __init__(self, medians: dict[str, list[float]]) -> None:
        self.medians = {name: list(values) for name, values in medians.items()}
        self.asked: list[str] = []

    def measure(self, networks: Sequence[NetworkFile]) -> list[list[Outcome]]:
        return [[self._outcome(network.name)] for network in networks]

    def close(self) -> None:
        pass

    def _outcome(self, name: str) -> Outcome:
        if name == "reference":
            return Timing(1.0, 1.0, 5)
        self.asked.append(name)
        median = self.medians[name].pop(0)
        return Timing(median, median, 5) if median > 0 else Failure("does not run")


def campaign(path: Path, medians: dict[str, list[float]], rounds: int, extra_rounds: int = 0) -> FakeWorker:
    worker = FakeWorker(medians)
    networks = [NetworkFile(Path(f"{name}.onnx")) for name in medians]
    setting = Setting((PRINT_7,), (0,), 1, Budget())
    Campaign(
        networks, reference_network(), setting, Plan(rounds, extra_rounds), SampleFile(path), worker
    ).run()
    return worker


def test_latency_is_the_mean_of_the_two_lowest_rounds_and_its_spread_their_distance(tmp_path: Path) -> None:
    campaign(tmp_path / "s.csv", {"a": [5.0, 4.0, 4.1], "b": [1.0, 2.0, 3.0]}, rounds=3)
    a, b = sorted(summarise(SampleFile(tmp_path / "s.csv").read()), key=lambda latency: latency.network)
    assert (a.latency_ms, b.latency_ms) == (pytest.approx(4.05), 1.5)
    assert a.spread_percent == pytest.approx(2.5) and a.is_stable
    assert b.spread_percent == pytest.approx(100.0) and not b.is_stable


def test_a_round_is_its_fastest_run() -> None:
    latency, = summarise([sample("a", 1, 2.0, minimum_ms=1.9), sample("a", 2, 2.5, minimum_ms=1.7)])
    assert latency.latency_ms == pytest.approx(1.8)


def test_unstable_networks_are_measured_again_until_two_rounds_agree(tmp_path: Path) -> None:
    worker = campaign(tmp_path / "s.csv", {"a": [4.0, 4.0], "b": [1.0, 2.0, 1.5, 1.01]}, rounds=2, extra_rounds=5)
    assert worker.asked.count("a") == 2
    assert worker.asked.count("b") == 4


def test_interrupted_campaign_measures_only_what_is_missing(tmp_path: Path) -> None:
    path = tmp_path / "s.csv"
    campaign(path, {"a": [4.0], "b": [1.0]}, rounds=1)
    path.write_text(path.read_text() + "c,1,seven,,")
    worker = campaign(path, {"a": [9.0], "b": [9.0], "c": [3.0]}, rounds=1)
    assert worker.asked == ["c"]


def test_failed_network_is_recorded_with_its_reason_and_has_no_latency(tmp_path: Path) -> None:
    campaign(tmp_path / "s.csv", {"a": [4.0], "broken": [0.0]}, rounds=1)
    samples = SampleFile(tmp_path / "s.csv").read()
    assert {one.failure for one in samples if one.network == "broken"} == {"does not run"}
    assert [latency.network for latency in summarise(samples)] == ["a"]


@pytest.mark.parametrize("change", [{"processor": "q"}, {"runtime_version": "2"}, {"threads": 2}])
def test_two_platforms_never_share_a_file(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="keep a file for each"):
        summarise([sample("a", 1, 1.0), sample("b", 1, 1.0, **change)])


def test_samples_survive_the_file(tmp_path: Path) -> None:
    samples = [sample("a", 1, 1.25), sample("b, c", 2, 0.0, failure="says\n\"no\", twice")]
    SampleFile(tmp_path / "s.csv").append(samples)
    assert SampleFile(tmp_path / "s.csv").read() == samples


def test_burst_ends_with_its_budget() -> None:
    seconds = iter(np.arange(0.0, 100.0, 0.01))
    timing = time_burst(lambda: None, Budget(warm_up_runs=0, least_runs=3, seconds=0.5), clock=lambda: next(seconds))
    assert timing.median_ms == pytest.approx(10.0)
    assert timing.runs == 25
    calls: list[int] = []
    time_burst(lambda: calls.append(1), Budget(warm_up_runs=2, least_runs=3, seconds=0.0))
    assert len(calls) == 2 + 3


def test_prepared_network_has_its_batch_and_weights_that_a_runtime_can_read(tmp_path: Path) -> None:
    onnxruntime = pytest.importorskip("onnxruntime")
    path = zoo_network(batch=2).prepare(tmp_path)
    inputs = example_inputs(path)
    assert next(iter(inputs.values())).shape[0] == 2
    (output,) = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"]).run(None, inputs)
    assert output.shape[0] == 2
    assert np.isfinite(output).all() and output.std() > 0
    magnitude = np.abs(output[output != 0])
    assert magnitude.min() > np.finfo(np.float32).tiny, "denormal results would be slow"


def test_command_prints_milliseconds(tmp_path: Path) -> None:
    runner = open_runtime(PRINT_7)
    assert isinstance(runner, Command) and runner.name == "seven"
    assert runner.milliseconds(tmp_path / "model.onnx") == 7.25
    with pytest.raises(RuntimeError, match="no number"):
        Command("silent", "true").milliseconds(tmp_path)
    with pytest.raises(RuntimeError, match="ended with 3"):
        Command("failing", f"{sys.executable} -c exit(3)").milliseconds(tmp_path)
    with pytest.raises(ValueError, match="unknown runtime"):
        open_runtime("tensorrt")


def test_command_line_measures_files_with_a_users_own_runner(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    models = tmp_path / "models"
    models.mkdir()
    for name, batch in (("symbolic", "N"), ("fixed", 2)):
        shape = [batch, 3]
        relu = helper.make_node("Relu", ["x"], ["y"])
        ends = [helper.make_tensor_value_info(end, TensorProto.FLOAT, shape) for end in ("x", "y")]
        onnx.save(helper.make_model(helper.make_graph([relu], name, ends[:1], ends[1:])), models / f"{name}.onnx")
    arguments = [
        str(models), "--runtime", PRINT_7, "--batch", "1", "--batch", "4", "--rounds", "2", "--core", "0",
        "--output", str(tmp_path / "out.csv"),
    ]  # fmt: skip
    assert main(arguments) == 0
    with (tmp_path / "out.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert {(row["model"], row["batch"]) for row in rows} == {("symbolic", "1"), ("symbolic@4", "4")}
    assert all(row["milliseconds"] == "7.25" and row["spread_percent"] == "0.00" for row in rows)
    assert "give --batch 2" in capsys.readouterr().err
    assert main(["nowhere.onnx", "--output", str(tmp_path / "x.csv")]) == 64
    assert "nowhere.onnx" in capsys.readouterr().err


def test_files_of_folders_are_found(tmp_path: Path) -> None:
    (tmp_path / "b.onnx").touch()
    (tmp_path / "a.onnx").touch()
    (tmp_path / "notes.txt").touch()
    assert [network.name for network in network_files([tmp_path], [1, 8])] == ["a", "a@8", "b", "b@8"]
