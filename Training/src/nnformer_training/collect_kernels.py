"""``collect-kernels``: turn what ``profile`` wrote into the measured data set of this repository.

The kernels of networks whose latency was measured go to ``zoo_kernels.csv.gz``, those of torchvision and timm to
``real_kernels.csv.gz``. Networks that were profiled alone, a single time, go to ``profiled_latency_ms.csv.gz`` and
``profiled_kernels.csv.gz``: their latency is the sum of their kernels, divided by what that sum is to the latency of
the measured networks, in the median. It is not good enough to test on.
"""

from __future__ import annotations

import argparse
import dataclasses
from pathlib import Path

import numpy as np
import pandas as pd

from nnformer_training.collect import REAL_FILE
from nnformer_training.label_sets import MEASURED, MEASURED_DIRECTORY, PROFILED
from nnformer_training.measure.networks import read_zoo
from nnformer_training.measure.profile_command import TITLES
from nnformer_training.measure.profiles import without_overhead
from nnformer_training.platforms import MEASURED_PLATFORMS

REAL_KERNELS_FILE = "real_kernels.csv.gz"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("kernels", nargs="+", type=Path, help="files of profile")
    parser.add_argument("--zoo", type=Path, help="list of the networks that were profiled alone")
    parser.add_argument("--output", type=Path, default=MEASURED_DIRECTORY)


def run(arguments: argparse.Namespace) -> None:
    # As text, which is written as it was read.
    kernels = pd.concat([pd.read_csv(path, dtype=str) for path in arguments.kernels])
    measured = pd.read_csv(arguments.output / MEASURED.file).set_index("network")
    is_measured = kernels["network"].isin(measured.index)
    _write(kernels.loc[is_measured, list(TITLES)], arguments.output / MEASURED.kernels_file)
    if (arguments.output / REAL_FILE).exists():
        is_real = kernels["network"].isin(pd.read_csv(arguments.output / REAL_FILE)["network"])
        _write(kernels.loc[is_real, list(TITLES)], arguments.output / REAL_KERNELS_FILE)
    microseconds = kernels["microseconds"].astype(float)
    _print_overhead(microseconds, kernels, measured)
    remaining = [without_overhead(*pair) for pair in zip(microseconds, kernels["runtime"], strict=True)]
    milliseconds = pd.Series(remaining, kernels.index) / 1000.0
    totals = milliseconds.groupby([kernels["network"], kernels["runtime"]]).sum().unstack("runtime")
    ratios = {
        runtime: float(np.nanmedian(totals[runtime] / measured[f"{runtime}_ms"].reindex(totals.index)))
        for runtime in MEASURED_PLATFORMS
    }
    print({runtime: f"kernels take {ratio:.3f} of the latency" for runtime, ratio in ratios.items()})
    if arguments.zoo is None:
        return
    rows = []
    for network in read_zoo(arguments.zoo):
        if network.name in totals.index and network.name not in measured.index:
            recipe = dataclasses.asdict(network)
            sums = totals.loc[network.name]
            latency = {f"{runtime}_ms": float(f"{sums[runtime] / ratio:.5g}") for runtime, ratio in ratios.items()}
            rows.append({"network": recipe.pop("name"), **recipe, **latency})
    _write(pd.DataFrame(rows), arguments.output / PROFILED.file)
    alone = kernels[kernels["network"].isin([row["network"] for row in rows])]
    _write(alone[list(TITLES)], arguments.output / PROFILED.kernels_file)


def _print_overhead(microseconds: pd.Series, kernels: pd.DataFrame, measured: pd.DataFrame) -> None:
    """What `OVERHEAD_MICROSECONDS` was taken from."""
    sums = microseconds.groupby([kernels["network"], kernels["runtime"]]).agg(["sum", "count"])
    for runtime in MEASURED_PLATFORMS:
        of_runtime = sums.xs(runtime, level="runtime")
        latency = 1000.0 * measured[f"{runtime}_ms"].reindex(of_runtime.index)
        excess = ((of_runtime["sum"] - latency) / of_runtime["count"])[latency < 2000.0]
        quartiles = ", ".join(f"{value:.2f}" for value in excess.quantile([0.25, 0.5, 0.75]))
        print(f"{runtime}: profiling adds, for each kernel of {len(excess)} networks, quartiles {quartiles} µs")


def _write(table: pd.DataFrame, path: Path) -> None:
    # Without the time of writing, so that the same data make the same file.
    table.to_csv(path, index=False, lineterminator="\n", compression={"method": "gzip", "compresslevel": 9, "mtime": 0})
