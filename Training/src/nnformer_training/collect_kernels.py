"""``collect-kernels``: turn what ``profile`` wrote into the measured data set of this repository.

The kernels of networks whose latency was measured go to ``zoo_kernels.csv.gz``. Networks that were profiled alone, a single
time, go to ``profiled_latency_ms.csv.gz`` and ``profiled_kernels.csv.gz``: their latency is the sum of their kernels, divided by
what that sum is to the latency of the measured networks, in the median. It is not good enough to test on.
"""

from __future__ import annotations

import argparse
import dataclasses
from pathlib import Path

import numpy as np
import pandas as pd

from nnformer_training.label_sets import MEASURED, MEASURED_DIRECTORY, PROFILED
from nnformer_training.measure.networks import read_zoo
from nnformer_training.measure.profile_command import TITLES
from nnformer_training.platforms import MEASURED_PLATFORMS


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
    milliseconds = kernels["microseconds"].astype(float) / 1000.0
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
            latency = {
                f"{runtime}_ms": float(f"{totals.loc[network.name, runtime] / ratio:.5g}") for runtime, ratio in ratios.items()
            }
            rows.append({"network": recipe.pop("name"), **recipe, **latency})
    _write(pd.DataFrame(rows), arguments.output / PROFILED.file)
    alone = kernels[kernels["network"].isin([row["network"] for row in rows])]
    _write(alone[list(TITLES)], arguments.output / PROFILED.kernels_file)


def _write(table: pd.DataFrame, path: Path) -> None:
    # Without the time of writing, so that the same data make the same file.
    table.to_csv(path, index=False, lineterminator="\n", compression={"method": "gzip", "compresslevel": 9, "mtime": 0})
