"""``collect-kernels``: turn what ``profile`` wrote into the measured data set of this repository.

The kernels of networks whose latency was measured go to ``zoo_kernels.csv.gz``, those of torchvision and timm to
``real_kernels.csv.gz``. Networks that were profiled alone, a single time, go to ``profiled_latency_ms.csv.gz`` and
``profiled_kernels.csv.gz``: their latency is the sum of their kernels, without what taking the time adds, divided by
what that sum is to the latency of the measured networks, in the median. It is not good enough to test on; and where
kernels are short, what taking the time adds drowns it: such a network gets no latency. A file that would have no row
is not written, what was there stays.
"""

from __future__ import annotations

import argparse
import dataclasses
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.optimize import minimize

from nnformer_training.collection.collect import REAL_FILE, write_table
from nnformer_training.labels.label_sets import MEASURED, MEASURED_DIRECTORY, PROFILED
from nnformer_training.labels.platforms import MEASURED_PLATFORMS
from nnformer_training.measure.networks import read_zoo
from nnformer_training.measure.profile_command import TITLES
from nnformer_training.measure.profiles import without_overhead

REAL_KERNELS_FILE = "real_kernels.csv.gz"
#: A network of more gets no latency from its kernels: those of the measured networks add up to 4 to 16 % too much there
#: on ONNX Runtime, and are off by a quarter either way on OpenVINO.
MOST_KERNELS_PER_MILLISECOND = 30.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("kernels", nargs="+", type=Path, help="files of profile")
    parser.add_argument("--zoo", type=Path, help="list of the networks that were profiled alone")
    parser.add_argument("--output", type=Path, default=MEASURED_DIRECTORY)


def run(arguments: argparse.Namespace) -> None:
    # As text, which is written as it was read.
    kernels = pd.concat([pd.read_csv(path, dtype=str) for path in arguments.kernels])
    measured = pd.read_csv(arguments.output / MEASURED.file).set_index("network")
    alone = read_zoo(arguments.zoo) if arguments.zoo else []
    is_measured = kernels["network"].isin(measured.index)
    # Real networks may come alone; latencies of networks that were profiled alone are made with the measured ones.
    needed = kernels[is_measured] if alone or is_measured.any() else kernels
    missing = MEASURED_PLATFORMS.keys() - set(needed["runtime"])
    if missing:
        networks = "no network" if needed is kernels else f"no network of {MEASURED.file}"
        raise ValueError(f"{networks} has kernels on {', '.join(sorted(missing))}: profile on every runtime")
    write_table(kernels.loc[is_measured, list(TITLES)], arguments.output / MEASURED.kernels_file)
    if (arguments.output / REAL_FILE).exists():
        is_real = kernels["network"].isin(pd.read_csv(arguments.output / REAL_FILE)["network"])
        write_table(kernels.loc[is_real, list(TITLES)], arguments.output / REAL_KERNELS_FILE)
    if not is_measured.any():
        return
    microseconds = kernels["microseconds"].astype(float)
    for runtime in MEASURED_PLATFORMS:
        print(f"{runtime}: taking the time adds {fitted_overhead(kernels, measured, runtime):.2f} µs to a kernel")
    remaining = [without_overhead(*pair) for pair in zip(microseconds, kernels["runtime"], strict=True)]
    milliseconds = pd.Series(remaining, kernels.index) / 1000.0
    grouped = milliseconds.groupby([kernels["network"], kernels["runtime"]])
    totals = grouped.sum().where(grouped.size() <= MOST_KERNELS_PER_MILLISECOND * grouped.sum()).unstack("runtime")
    ratios = {
        runtime: float(np.nanmedian(totals[runtime] / measured[f"{runtime}_ms"].reindex(totals.index)))
        for runtime in MEASURED_PLATFORMS
    }
    print({runtime: f"kernels take {ratio:.3f} of the latency" for runtime, ratio in ratios.items()})
    if not alone:
        return
    rows = []
    for network in alone:
        if network.name in totals.index and network.name not in measured.index:
            recipe = dataclasses.asdict(network)
            sums = totals.loc[network.name]
            latency = {f"{runtime}_ms": float(f"{sums[runtime] / ratio:.5g}") for runtime, ratio in ratios.items()}
            rows.append({"network": recipe.pop("name"), **recipe, **latency})
    write_table(pd.DataFrame(rows), arguments.output / PROFILED.file)
    is_alone = kernels["network"].isin([row["network"] for row in rows])
    write_table(kernels.loc[is_alone, list(TITLES)], arguments.output / PROFILED.kernels_file)


def fitted_overhead(kernels: pd.DataFrame, measured: pd.DataFrame, runtime: str) -> float:
    """`OVERHEAD_MICROSECONDS` of a runtime: with it taken off every kernel, and one factor for all networks, the
    kernels of the measured networks add up to their latencies with the least mean of |ln(sum / latency)|."""
    of_runtime = kernels[kernels["runtime"] == runtime]
    sums = of_runtime["microseconds"].astype(float).groupby(of_runtime["network"]).agg(["sum", "count"])
    latency = 1000.0 * measured[f"{runtime}_ms"].reindex(sums.index)
    is_fitted = sums["count"] <= MOST_KERNELS_PER_MILLISECOND / 1000.0 * latency
    total, count, latency = sums.loc[is_fitted, "sum"], sums.loc[is_fitted, "count"], latency[is_fitted]

    def error(parameters: np.ndarray) -> float:
        overhead, factor = parameters
        remaining = np.maximum(total - overhead * count, 0.1 * total)
        return float(np.mean(np.abs(np.log(remaining / factor / latency))))

    return float(minimize(error, [2.0, 1.0], method="Nelder-Mead", bounds=[(0.0, 20.0), (0.1, 10.0)]).x[0])
