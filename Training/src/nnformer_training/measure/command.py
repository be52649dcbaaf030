"""``nnformer-measure``: measure ONNX files, or the networks of the zoo, on the runtimes of this machine.

    nnformer-measure models/ --output mine.csv
    nnformer-measure models/ --batch 1 --batch 8 --runtime onnxruntime --rounds 5 --output mine.csv
    nnformer-measure models/ --runtime 'phone=./run_on_phone.sh {model}' --output phone.csv

The output has a line for each model, batch size and runtime: model, batch, runtime, milliseconds, spread_percent,
rounds. Single bursts are kept beside it (``.samples.csv``); the same command again goes on where it stopped. A runner
of your own is any command that takes the path of an ``.onnx`` file and prints milliseconds last.
"""

from __future__ import annotations

import argparse
import csv
import os
import random
import sys
from pathlib import Path

from nnformer_training.measure.campaign import Campaign, Plan
from nnformer_training.measure.networks import Network, ZooNetwork, network_files, read_zoo
from nnformer_training.measure.records import SampleFile
from nnformer_training.measure.summary import Latency, summarise
from nnformer_training.measure.timing import Budget
from nnformer_training.measure.worker import Setting
from nnformer_training.zoo import FAMILIES


def main(argument_list: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="nnformer-measure", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("models", nargs="*", type=Path, help=".onnx files, or folders of them")
    parser.add_argument("--zoo", type=Path, help="measure the zoo's networks of this list (sample-zoo) too")
    parser.add_argument("--output", type=Path, required=True, help="CSV file to write")
    parser.add_argument(
        "--runtime", action="append", metavar="RUNTIME",
        help="onnxruntime, openvino or NAME=COMMAND; may be repeated (default: onnxruntime)",
    )  # fmt: skip
    parser.add_argument("--batch", type=int, action="append", help="batch size of symbolic axes; may be repeated")
    parser.add_argument("--rounds", type=int, default=3, help="rounds over all networks (default: 3)")
    parser.add_argument("--extra-rounds", type=int, default=2, help="rounds over unstable networks (default: 2)")
    parser.add_argument("--seconds", type=float, default=Budget.seconds, help="length of one burst of runs")
    parser.add_argument("--core", type=int, action="append", help="core to pin to; may be repeated (default: the last)")
    parser.add_argument("--timeout", type=float, default=Setting.timeout_seconds, help="seconds a network may take")
    arguments = parser.parse_args(argument_list)
    try:
        return _run(arguments)
    except (FileNotFoundError, ValueError, ImportError) as error:
        print(f"nnformer-measure: {error}", file=sys.stderr)
        return 64
    except KeyboardInterrupt:
        print("nnformer-measure: stopped; the same command goes on from here", file=sys.stderr)
        return 130


def _run(arguments: argparse.Namespace) -> int:
    networks: list[Network] = [*read_zoo(arguments.zoo)] if arguments.zoo else []
    networks += network_files(arguments.models, arguments.batch or [1])
    if not networks:
        raise ValueError("nothing to measure: give .onnx files, a folder that holds some, or --zoo")
    cores = tuple(arguments.core or [(os.cpu_count() or 1) - 1])
    setting = Setting(
        runtimes=tuple(arguments.runtime or ["onnxruntime"]),
        cores=cores,
        threads=len(cores),
        budget=Budget(seconds=arguments.seconds),
        timeout_seconds=arguments.timeout,
    )
    samples = SampleFile(arguments.output.with_suffix(".samples.csv"))
    plan = Plan(arguments.rounds, arguments.extra_rounds)
    Campaign(networks, reference_network(), setting, plan, samples).run()
    taken = samples.read()
    latencies = summarise(taken)
    _write(arguments.output, latencies)
    failures = {(sample.network, sample.runtime): sample.failure for sample in taken if not sample.is_usable}
    for (network, runtime), reason in failures.items():
        print(f"nnformer-measure: {network} on {runtime}: {reason}", file=sys.stderr)
    unstable = sum(not latency.is_stable for latency in latencies)
    print(f"{len(latencies)} latencies, {unstable} of them unstable, in {arguments.output}")
    return 0 if latencies else 65


def reference_network() -> ZooNetwork:
    """The same in every campaign: a residual network of some milliseconds, drawn by a fixed seed."""
    family = FAMILIES["nasbench201"]
    return ZooNetwork("reference", family.name, 0, 1, family.to_json(family.sample(random.Random(0))))


def _write(path: Path, latencies: list[Latency]) -> None:
    with path.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["model", "batch", "runtime", "milliseconds", "spread_percent", "rounds"])
        for one in latencies:
            spread = "" if one.rounds < 2 else f"{one.spread_percent:.2f}"
            writer.writerow([one.network, one.batch, one.runtime, f"{one.latency_ms:.5g}", spread, one.rounds])


if __name__ == "__main__":
    sys.exit(main())
