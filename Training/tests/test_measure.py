"""Measuring: what a campaign promises, seen through its files; runtimes themselves are tried where they are
installed."""

from __future__ import annotations

import csv
import dataclasses
import gzip
import json
import random
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from nnformer_training import cli
from nnformer_training.measure.campaign import Campaign, Plan
from nnformer_training.measure.command import main, reference_network
from nnformer_training.measure.conditions import Processor
from nnformer_training.measure.networks import NetworkFile, ZooNetwork, network_files
from nnformer_training.measure.records import Sample, SampleFile
from nnformer_training.measure.runtimes import Command, example_inputs, open_runtime
from nnformer_training.measure.summary import summarise
from nnformer_training.measure.timing import Budget, Timing, time_burst
from nnformer_training.measure.worker import Failure, Outcome, Setting, Worker
from nnformer_training.zoo import FAMILIES

PRINT_7 = f"seven={sys.executable} -c print(7.25)"
PRINT_8 = f"eight={sys.executable} -c print(8.5)"


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
    """Answers with prepared milliseconds by network, one a call and runtime; counts what it is asked for."""

    def __init__(self, milliseconds: dict[str, list[float]]) -> None:
        self.milliseconds = {name: list(values) for name, values in milliseconds.items()}
        self.asked: list[str] = []

    def measure(self, networks: Sequence[NetworkFile], runtimes: Sequence[int]) -> list[list[Outcome]]:
        return [[self._outcome(network.name) for _ in runtimes] for network in networks]

    def close(self) -> None:
        pass

    def _outcome(self, name: str) -> Outcome:
        if name == "reference":
            return Timing(1.0, 1.0, 5)
        self.asked.append(name)
        fastest = self.milliseconds[name].pop(0)
        return Timing(fastest, fastest, 5) if fastest > 0 else Failure("does not run")


def campaign(
    path: Path,
    milliseconds: dict[str, list[float]],
    rounds: int,
    extra_rounds: int = 0,
    runtimes: tuple[str, ...] = (PRINT_7,),
) -> FakeWorker:
    worker = FakeWorker(milliseconds)
    networks = [NetworkFile(Path(f"{name}.onnx")) for name in milliseconds]
    setting = Setting(runtimes, (0,), 1, Budget())
    Campaign(networks, reference_network(), setting, Plan(rounds, extra_rounds), SampleFile(path), worker).run()
    return worker


def by_network(path: Path) -> dict[tuple[str, str], list[float]]:
    """Milliseconds in the order of the file, by network and runtime."""
    found: dict[tuple[str, str], list[float]] = {}
    for one in SampleFile(path).read():
        found.setdefault((one.network, one.runtime), []).append(one.minimum_ms)
    return found


def test_latency_is_the_mean_of_the_two_lowest_rounds_and_its_spread_their_distance(tmp_path: Path) -> None:
    campaign(tmp_path / "s.csv", {"a": [5.0, 4.0, 4.1], "b": [1.0, 2.0, 3.0]}, rounds=3)
    a, b = sorted(summarise(SampleFile(tmp_path / "s.csv").read()), key=lambda latency: latency.network)
    assert (a.latency_ms, b.latency_ms) == (pytest.approx(4.05), 1.5)
    assert a.spread_percent == pytest.approx(2.5) and a.is_stable
    assert b.spread_percent == pytest.approx(100.0) and not b.is_stable


def test_a_round_is_its_fastest_run() -> None:
    (latency,) = summarise([sample("a", 1, 2.0, minimum_ms=1.9), sample("a", 2, 2.5, minimum_ms=1.7)])
    assert latency.latency_ms == pytest.approx(1.8)


def test_unstable_networks_are_measured_again_until_two_rounds_agree(tmp_path: Path) -> None:
    worker = campaign(tmp_path / "s.csv", {"a": [4.0, 4.0], "b": [1.0, 2.0, 1.5, 1.01]}, rounds=2, extra_rounds=5)
    assert worker.asked.count("a") == 2
    assert worker.asked.count("b") == 4


def test_interrupted_campaign_measures_only_what_is_missing(tmp_path: Path) -> None:
    path = tmp_path / "s.csv"
    campaign(path, {"a": [4.0], "b": [1.0]}, rounds=1)
    before = path.read_text()
    path.write_text(before + "c,1,seven,,")
    worker = campaign(path, {"a": [9.0], "b": [9.0], "c": [3.0]}, rounds=1)
    assert worker.asked == ["c"]
    assert by_network(path) == {("a", "seven"): [4.0], ("b", "seven"): [1.0], ("c", "seven"): [3.0]}
    assert path.read_text().startswith(before), "complete lines stay"


def test_a_line_without_its_end_is_measured_again(tmp_path: Path) -> None:
    path = tmp_path / "s.csv"
    campaign(path, {"a": [4.0], "b": [4.0]}, rounds=1)
    path.write_text(path.read_text().removesuffix("\n"))
    worker = campaign(path, {"a": [2.0], "b": [2.0]}, rounds=1)
    (again,) = worker.asked
    assert by_network(path) == {(name, "seven"): [2.0 if name == again else 4.0] for name in ("a", "b")}


@pytest.mark.parametrize("cut", ["", "network,ba"])
def test_a_file_without_a_complete_line_is_begun_anew(tmp_path: Path, cut: str) -> None:
    (tmp_path / "s.csv").write_text(cut)
    campaign(tmp_path / "s.csv", {"a": [4.0]}, rounds=1)
    assert by_network(tmp_path / "s.csv") == {("a", "seven"): [4.0]}


def test_the_same_command_with_a_further_runtime_measures_on_that_one(tmp_path: Path) -> None:
    path = tmp_path / "s.csv"
    campaign(path, {"a": [4.0, 4.0], "b": [1.0, 2.0]}, rounds=2)
    both = (PRINT_7, PRINT_8)
    # The third round finds b unstable on the first runtime, and measures it on both.
    worker = campaign(path, {"a": [5.0, 5.0], "b": [3.0] * 4}, rounds=2, extra_rounds=1, runtimes=both)
    assert sorted(worker.asked) == ["a"] * 2 + ["b"] * 4
    assert by_network(path) == {
        ("a", "seven"): [4.0, 4.0], ("b", "seven"): [1.0, 2.0, 3.0],
        ("a", "eight"): [5.0, 5.0], ("b", "eight"): [3.0, 3.0, 3.0],
    }  # fmt: skip
    # What is unstable on a runtime that is not asked for is no reason to measure.
    alone = campaign(path, {"a": [], "b": []}, rounds=2, extra_rounds=2, runtimes=(PRINT_8,))
    assert not alone.asked


def test_a_worker_measures_on_the_runtimes_it_is_asked_for(tmp_path: Path) -> None:
    onnx.save(helper.make_model(helper.make_graph([], "empty", [], [])), tmp_path / "empty.onnx")
    worker = Worker(Setting((PRINT_7, PRINT_8), (0,), 1, Budget()))
    try:
        outcomes = worker.measure([NetworkFile(tmp_path / "empty.onnx")], [1])
    finally:
        worker.close()
    assert outcomes == [[Timing(8.5, 8.5, 1)]]


@pytest.mark.parametrize("change", [{"processor": "q"}, {"runtime_version": "2"}, {"threads": 2}])
def test_nothing_is_measured_into_the_file_of_another_platform(tmp_path: Path, change: dict[str, object]) -> None:
    campaign(tmp_path / "s.csv", {"a": [4.0]}, rounds=1)
    (taken,) = SampleFile(tmp_path / "s.csv").read()
    other = SampleFile(tmp_path / "other.csv")
    other.append([dataclasses.replace(taken, **change)])
    before = other.path.read_bytes()
    with pytest.raises(ValueError, match="keep a file for each"):
        campaign(other.path, {"b": [1.0]}, rounds=1)
    assert other.path.read_bytes() == before


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
    samples = [sample("a", 1, 1.25), sample("b, c", 2, 0.0, failure='says\n"no", twice')]
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


TABLES = ("zoo_latency_ms.csv", "real_latency_ms.csv", "repeatability.csv")


@pytest.fixture
def measured(tmp_path: Path) -> Path:
    """A folder with a list of one network of the zoo."""
    network = dataclasses.asdict(zoo_network())
    folder = tmp_path / "measured"
    folder.mkdir()
    with (folder / "zoo.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, ["network", *list(network)[1:]])
        writer.writeheader()
        writer.writerow({"network": network.pop("name"), **network})
    return folder


def collect(measured: Path, samples: Path, *options: str) -> None:
    words = ["collect", str(samples), "--zoo", str(measured / "zoo.csv"), "--output", str(measured), *options]
    assert cli.main(words) == 0


def taken_here(path: Path, milliseconds: dict[str, float], **changes: object) -> Path:
    """A file of samples of this processor."""
    here = {"runtime": "onnxruntime", "processor": Processor.current().identity(), **changes}
    SampleFile(path).append([sample(name, 1, one, **here) for name, one in milliseconds.items()])
    return path


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_collect_writes_tables_conditions_and_the_samples(measured: Path, tmp_path: Path) -> None:
    samples = taken_here(tmp_path / "s.csv", {"squeezenet_0": 4.0, "alexnet": 2.0})
    again = taken_here(tmp_path / "again.csv", {"squeezenet_0": 5.0})
    collect(measured, samples, "--again-samples", str(again))
    zoo, real, repeated = ((measured / name).read_text().splitlines() for name in TABLES)
    assert len(zoo) == len(real) == len(repeated) == 2
    assert zoo[1].startswith("squeezenet_0,squeezenet,0,2,") and ",4,inf,1," in zoo[1]
    assert real[1] == "alexnet,2,inf,1,,,"
    assert repeated[1] == "squeezenet_0,4,5,,"
    assert json.loads((measured / "conditions.json").read_text())["bursts"] == 2
    assert gzip.decompress((measured / "samples.csv.gz").read_bytes()) == samples.read_bytes()
    # What it wrote it takes, there and elsewhere.
    before = contents(measured)
    collect(measured, measured / "samples.csv.gz", "--again-samples", str(measured / "again_samples.csv.gz"))
    assert contents(measured) == before
    collect(measured, measured / "samples.csv.gz", "--output", str(tmp_path / "elsewhere"))
    assert (tmp_path / "elsewhere" / "samples.csv.gz").read_bytes() == before["samples.csv.gz"]


def test_collect_leaves_tables_that_it_has_no_row_for(measured: Path, tmp_path: Path) -> None:
    collect(measured, taken_here(tmp_path / "both.csv", {"squeezenet_0": 4.0, "alexnet": 2.0}))
    before = contents(measured)
    collect(measured, taken_here(tmp_path / "zoo.csv", {"squeezenet_0": 3.0}))
    after = contents(measured)
    assert after["real_latency_ms.csv"] == before["real_latency_ms.csv"]
    assert after["zoo_latency_ms.csv"] != before["zoo_latency_ms.csv"]
    collect(measured, taken_here(tmp_path / "real.csv", {"alexnet": 1.0}))
    last = contents(measured)
    assert last["zoo_latency_ms.csv"] == after["zoo_latency_ms.csv"]
    assert last["real_latency_ms.csv"] != after["real_latency_ms.csv"]


def test_collect_refuses_before_it_writes(measured: Path, tmp_path: Path) -> None:
    good = taken_here(tmp_path / "good.csv", {"squeezenet_0": 4.0, "alexnet": 2.0})
    other = taken_here(tmp_path / "other.csv", {"squeezenet_0": 4.0}, processor="another")
    collect(measured, good, "--again-samples", str(good))
    before = contents(measured)
    with pytest.raises(FileNotFoundError, match="mistyped"):
        collect(measured, tmp_path / "mistyped.csv")
    with pytest.raises(FileNotFoundError, match="mistyped"):
        collect(measured, good, "--again-samples", str(tmp_path / "mistyped.csv"))
    (tmp_path / "empty.csv").touch()
    failed = taken_here(tmp_path / "failed.csv", {"squeezenet_0": 0.0}, failure="does not run")
    for path in (tmp_path / "empty.csv", failed):
        with pytest.raises(ValueError, match="holds no latency"):
            collect(measured, path)
    with pytest.raises(ValueError, match="another processor"):
        collect(measured, other)
    with pytest.raises(ValueError, match="keep a file for each"):
        collect(measured, good, "--again-samples", str(other))
    with pytest.raises(ValueError, match="no platform of phone"):
        collect(measured, taken_here(tmp_path / "phone.csv", {"squeezenet_0": 4.0}, runtime="phone"))
    with pytest.raises(ValueError, match="holds no network of"):
        collect(measured, good, "--again-samples", str(taken_here(tmp_path / "vgg.csv", {"vgg": 4.0})))
    assert contents(measured) == before
