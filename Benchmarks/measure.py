"""Measures the library beside its peers, each pair in one run and in turns, and writes what it found as JSON.

Single-threaded work is timed in processor time, which other programs on the machine disturb least; figures are
medians, spreads the distance between the quartiles.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "Examples" / "Python"), str(ROOT / "Training" / "src"), str(ROOT / "Benchmarks")]

import models  # noqa: E402
import nnformer  # noqa: E402
import torch  # noqa: E402
from dense_network import INPUTS, DenseNetwork, dense_inputs, onnxruntime_session  # noqa: E402

EXAMPLES = ROOT / "Examples" / "Models"
#: Bottlenecks a stage of the ResNets that are measured: about 150 and 2,000 nodes.
RESIDUAL_150, RESIDUAL_2000 = (3, 4, 10, 3), (72, 72, 72, 71)
PAPER_WEIGHTS = ["--width", "512", "--layers", "2", "--head", "pooled"]


def spread(values: list[float]) -> dict[str, float]:
    quartiles = statistics.quantiles(values, n=4) if len(values) > 1 else [values[0]] * 3
    return {"median": statistics.median(values), "spread": quartiles[2] - quartiles[0]}


def in_turns(calls: dict[str, Callable[[], object]], rounds: int) -> dict[str, dict[str, float]]:
    """Milliseconds of processor time of each call; all are called once beforehand."""
    taken: dict[str, list[float]] = {name: [] for name in calls}
    for call in calls.values():
        call()
    for _ in range(rounds):
        for name, call in calls.items():
            start = time.thread_time_ns()
            call()
            taken[name].append((time.thread_time_ns() - start) * 1e-6)
    return {name: spread(values) for name, values in taken.items()}


class Estimate:
    """One call of nnformer_session_predict, its arguments made beforehand."""

    def __init__(self, predictor: nnformer.Predictor, graphs: list[nnformer.Graph]) -> None:
        self.session = nnformer.Session(predictor)
        self.graphs = graphs
        self.latency_ms = (ctypes.c_double * (len(graphs) * len(predictor.platforms)))()
        self.handles = (ctypes.c_void_p * len(graphs))(*(graph._live for graph in graphs))

    def __call__(self) -> None:
        self.session._library.call("nnformer_session_predict", self.session._live, self.handles, len(self.graphs),
                                   self.latency_ms, len(self.latency_ms))


def against_peers(weights: Path, path: Path, rounds: int, folder: Path) -> dict[str, object]:
    """The library in both precisions, the dense PyTorch form and ONNX Runtime with the same weights on the same graph."""
    graph = nnformer.Graph.open(path, batch_size=1)
    own, fast = (Estimate(nnformer.Predictor(weights, fast=is_fast), [graph]) for is_fast in (False, True))
    network = DenseNetwork(weights).eval()
    inputs = dense_inputs(graph)
    runtime = onnxruntime_session(network, inputs, folder / "dense.onnx")
    taken = {i.name for i in runtime.get_inputs()}
    feed = {name: value.numpy() for name, value in zip(INPUTS, inputs, strict=True) if name in taken}
    with torch.inference_mode():
        times = in_turns({"nnformer": own, "fast": fast, "pytorch": lambda: network(*inputs),
                          "onnxruntime": lambda: runtime.run(None, feed)}, rounds)
        exact = network(*inputs)
        difference, fast_difference = (
            abs(torch.tensor(list(estimate.latency_ms)) / exact - 1).max().item() for estimate in (own, fast))
    return {"graph": path.stem, "nodes": graph.node_count, "milliseconds": times, "relative_difference": difference,
            "fast_relative_difference": fast_difference}


def estimates(paths: list[Path], rounds: int) -> list[dict[str, object]]:
    predictor = nnformer.Predictor()
    found = []
    for path in paths:
        graph = nnformer.Graph.open(path, batch_size=1)
        times = in_turns({"open": lambda path=path: nnformer.Graph.open(path, batch_size=1),
                          "estimate": Estimate(predictor, [graph])}, rounds)
        found.append({"graph": path.stem, "nodes": graph.node_count, "milliseconds": times})
    return found


def child(script: str, *arguments: object) -> list[float]:
    """Numbers that a Python process of its own prints."""
    command = [sys.executable, "-c", script, *map(str, arguments)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "Examples" / "Python")}
    output = subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout
    return [float(number) for number in output.split()]


READING = """
import sys, time, nnformer
def peak(): return int(next(l for l in open("/proc/self/status") if l.startswith("VmHWM")).split()[1]) / 1024
predictor = nnformer.Predictor(); session = nnformer.Session(predictor)
session.predict([nnformer.Graph.open(sys.argv[2], batch_size=1)])
before = peak()
for _ in range(5):
    start = time.perf_counter()
    session.predict([nnformer.Graph.open(sys.argv[1], batch_size=1)])
    print((time.perf_counter() - start) * 1e3)
print(peak() - before)
"""

OPENING = """
import ctypes, os, sys, time
E = ctypes.c_void_p
start = time.perf_counter()
library = ctypes.CDLL(os.environ["NNFORMER_LIBRARY"])
loaded = time.perf_counter()
predictor, graph = E(), E()
latency_ms = (ctypes.c_double * 4096)()
assert library.nnformer_predictor_create(ctypes.byref(predictor), None) == 0
created = time.perf_counter()
library.nnformer_graph_parse.argtypes = [E, E, ctypes.c_size_t, E, E]
data = open(sys.argv[1], "rb").read()
begun = time.perf_counter()
options = (ctypes.c_uint32 * 8)(32, 0, 1)
assert library.nnformer_graph_parse(ctypes.byref(graph), data, len(data), options, None) == 0
parsed = time.perf_counter()
library.nnformer_predict.argtypes = [E, E, E, ctypes.c_size_t, E]
assert library.nnformer_predict(predictor, graph, latency_ms, 4096, None) == 0
end = time.perf_counter()
print((loaded - start) * 1e3, (created - loaded) * 1e3, (parsed - begun) * 1e3, (end - parsed) * 1e3)
"""


def reading(folder: Path, rounds: int) -> list[dict[str, object]]:
    """The sizes take turns, so that a change of the machine's speed meets all of them."""
    paths = {megabytes: folder / f"heavy_{megabytes}.onnx" for megabytes in (0, 100, 1000)}
    for megabytes, path in paths.items():
        models.write_heavy(EXAMPLES / "once_for_all.onnx", path, megabytes << 20)
    # Or else the system writes them out while they are timed.
    os.sync()
    runs = {megabytes: [] for megabytes in paths}
    for _ in range(rounds):
        for megabytes, path in paths.items():
            runs[megabytes].append(child(READING, path, EXAMPLES / "fbnet.onnx"))
    for path in paths.values():
        path.unlink()
    return [
        {"megabytes": megabytes, "milliseconds": spread([t for run in own for t in run[1:-1]]),
         "memory_growth_mib": max(run[-1] for run in own)}
        for megabytes, own in runs.items()
    ]


def opening(rounds: int) -> dict[str, object]:
    runs = [child(OPENING, EXAMPLES / "once_for_all.onnx") for _ in range(rounds)]
    names = ("dlopen", "create", "first_parse", "first_estimate")
    return {name: spread(list(values)) for name, values in zip(names, zip(*runs, strict=True), strict=True)}


def program(path: Path, *arguments: object) -> list[list[float]]:
    """Lines of numbers that a C program prints."""
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
        environment.pop(name, None)
    output = subprocess.run([path, *map(str, arguments)], capture_output=True, text=True, check=True, env=environment)
    return [[float(number) for number in line.split()] for line in output.stdout.splitlines()]


def instructions(profile: Path, library: Path, folder: Path) -> dict[str, float]:
    """Instructions of one reading and one estimate: callgrind's count of many minus that of one."""
    def count(readings: int, estimates: int) -> int:
        command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={folder}/callgrind.out", profile,
                   EXAMPLES / "nasbench201.onnx", str(readings), str(estimates)]
        environment = {**os.environ, "LD_LIBRARY_PATH": str(library)}
        output = subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stderr
        return int(re.search(r"refs:\s+([\d,]+)", output)[1].replace(",", ""))
    once = count(1, 1)
    return {"reading": (count(6, 1) - once) / 5, "estimate": (count(1, 11) - once) / 10}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("output", type=Path)
    parser.add_argument("--programs", type=Path, required=True, help="folder of dense, search and profile")
    parser.add_argument("--folder", type=Path, required=True, help="for files that are made on the way")
    parser.add_argument("--before", type=Path, help="folder of an older libnnformer.so.0 to count instructions of")
    parser.add_argument("--rounds", type=int, default=31)
    parser.add_argument("--networks", type=int, default=10_000, help="of the search loop")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    folder, rounds = arguments.folder, arguments.rounds
    folder.mkdir(parents=True, exist_ok=True)
    for nodes in (60, 150, 200, 2000, 10_000):
        models.write_random(folder / f"random_{nodes}.onnx", nodes)
    for blocks in (RESIDUAL_150, RESIDUAL_2000):
        models.write_residual(folder / f"resnet_{sum(blocks)}_blocks.onnx", blocks)
    own_library = Path(os.environ["NNFORMER_LIBRARY"]).parent
    paper = folder / "paper.safetensors"
    library = nnformer.Predictor()._library
    subprocess.run([sys.executable, "-m", "nnformer_training.fixtures.random_weights", paper, *PAPER_WEIGHTS,
                    "--feature-schema", str(library.feature_schema_version),
                    "--feature-count", str(library.feature_count),
                    "--graph-feature-count", str(library.graph_feature_count)], check=True,
                   env={**os.environ, "PYTHONPATH": str(ROOT / "Training" / "src")})
    real = [EXAMPLES / f"{name}.onnx" for name in ("fbnet", "once_for_all", "mnasnet", "nasbench201")]
    random = {nodes: folder / f"random_{nodes}.onnx" for nodes in (60, 150, 200, 2000, 10_000)}
    residual = [folder / f"resnet_{sum(blocks)}_blocks.onnx" for blocks in (RESIDUAL_150, RESIDUAL_2000)]
    shipped = ROOT / "Sources" / "CNNFWeights" / "nnformer.safetensors"

    def peers(weights: Path) -> list[dict[str, object]]:
        few = max(rounds // 10, 3)
        slow = (random[2000], residual[1])
        return [against_peers(weights, path, few if path in slow else rounds, folder)
                for path in (random[60], random[150], EXAMPLES / "once_for_all.onnx", residual[0], random[2000], residual[1])]

    found = {
        "dense": program(arguments.programs / "dense", rounds),
        "paper": peers(paper),
        "shipped": peers(shipped),
        "estimates": estimates([*real, random[60], random[150]], rounds),
        "scaling": estimates([random[200], random[2000], random[10_000]], max(rounds // 6, 3)),
        "reading": reading(folder, max(rounds // 3, 3)),
        "opening": opening(rounds),
        "search": program(arguments.programs / "search", arguments.networks, 3, 64),
        "instructions": {"now": instructions(arguments.programs / "profile", own_library, folder)},
    }
    if arguments.before:
        found["instructions"]["before"] = instructions(arguments.programs / "profile", arguments.before, folder)
    arguments.output.write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
