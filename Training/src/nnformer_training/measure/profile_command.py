"""``profile``: time the kernels of networks on the runtimes, into a CSV with a line a kernel.

What the file holds already is not profiled again. Medians of a few runs one after the other: the parts say how a
network's time is shared out, its latency is measured by ``nnformer-measure``.
"""

from __future__ import annotations

import argparse
import csv
import os
import random
import tempfile
from pathlib import Path

from tqdm import tqdm

from nnformer_training.allocator import keep_freed_memory
from nnformer_training.measure.networks import network_files, read_zoo
from nnformer_training.measure.profiles import PROFILERS
from nnformer_training.measure.runtimes import example_inputs

TITLES = ("network", "runtime", "nodes", "microseconds")
RUNS = 7


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("output", type=Path, help="CSV to write, or to continue")
    parser.add_argument("models", nargs="*", type=Path, help="ONNX files, or folders of them")
    parser.add_argument("--zoo", type=Path, help="the zoo's list, instead of files")
    parser.add_argument("--runtime", action="append", choices=PROFILERS, help="default: all; may be repeated")
    parser.add_argument("--core", type=int, default=0, help="the core to run on")


def run(arguments: argparse.Namespace) -> None:
    os.sched_setaffinity(0, [arguments.core])
    keep_freed_memory()
    networks = read_zoo(arguments.zoo) if arguments.zoo else network_files(arguments.models, [1])
    runtimes = arguments.runtime or list(PROFILERS)
    done = _finished(arguments.output)
    remaining = [network for network in networks if not all((network.name, runtime) in done for runtime in runtimes)]
    # A run that is cut short has seen some of every family.
    random.Random(0).shuffle(remaining)
    with tempfile.TemporaryDirectory() as workspace, arguments.output.open("a", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        if not done:
            writer.writerow(TITLES)
        for network in tqdm(remaining, unit="network", smoothing=0.05):
            model = network.prepare(Path(workspace))
            inputs = example_inputs(model)
            for runtime in runtimes:
                if (network.name, runtime) in done:
                    continue
                kernels = PROFILERS[runtime](model, inputs, 1, RUNS)
                writer.writerows(
                    [network.name, runtime, " ".join(kernel.nodes), f"{kernel.microseconds:.4g}"] for kernel in kernels
                )
            file.flush()


def _finished(path: Path) -> set[tuple[str, str]]:
    if not path.exists():
        return set()
    with path.open(newline="") as file:
        return {(row["network"], row["runtime"]) for row in csv.DictReader(file)}
