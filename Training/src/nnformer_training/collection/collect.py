"""``collect``: turn samples of ``nnformer-measure`` into the measured data set of this repository.

Writes, beside the zoo's list: ``zoo_latency_ms.csv`` (recipes and latencies), ``real_latency_ms.csv`` (networks that no
generator here wrote), ``repeatability.csv`` (networks measured a second time) and ``conditions.json``; and the samples
themselves, so that another way to make one latency of them can be tried: this command takes those files too. A table
without a row is not written, what was there stays.
"""

from __future__ import annotations

import argparse
import dataclasses
import gzip
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from nnformer_training.collection.sample_zoo import ZOO_FILE
from nnformer_training.labels.label_sets import MEASURED, MEASURED_DIRECTORY
from nnformer_training.labels.platforms import MEASURED_PLATFORMS
from nnformer_training.measure.conditions import Processor
from nnformer_training.measure.networks import read_zoo
from nnformer_training.measure.records import Sample, SampleFile
from nnformer_training.measure.summary import Latency, refuse_mixtures, summarise

REAL_FILE = "real_latency_ms.csv"
REPEATABILITY_FILE = "repeatability.csv"
CONDITIONS_FILE = "conditions.json"
SAMPLES_FILE = "samples.csv.gz"
AGAIN_SAMPLES_FILE = "again_samples.csv.gz"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--zoo", type=Path, default=MEASURED_DIRECTORY / ZOO_FILE, help="list of sample-zoo")
    parser.add_argument("samples", type=Path, help="samples; networks that are not in the zoo's list are real ones")
    parser.add_argument("--again-samples", type=Path, help="samples of some of the same networks, measured again")
    parser.add_argument("--output", type=Path, default=MEASURED_DIRECTORY)


def run(arguments: argparse.Namespace) -> None:
    # All that can be wrong is found before the first file is replaced.
    samples = _read(arguments.samples)
    again_samples = _read(arguments.again_samples) if arguments.again_samples else []
    refuse_mixtures([*samples, *again_samples])
    conditions = _conditions(samples)
    latencies, again = (_by_network(summarise(some)) for some in (samples, again_samples))
    repeats = _repeats(latencies, again)
    if again and not repeats:
        raise ValueError(f"{arguments.again_samples} holds no network of {arguments.samples}")
    rows = []
    for network in read_zoo(arguments.zoo):
        if network.name in latencies:
            recipe = dataclasses.asdict(network)
            rows.append({"network": recipe.pop("name"), **recipe, **_columns(latencies[network.name])})
    in_zoo = {row["network"] for row in rows}
    real = [{"network": name, **_columns(latencies[name])} for name in sorted(latencies.keys() - in_zoo)]
    arguments.output.mkdir(parents=True, exist_ok=True)
    titles = ["network", "family", "seed", "batch", "recipe", *_titles()]
    write_table(_table(titles, rows), arguments.output / MEASURED.file)
    write_table(_table(["network", *_titles()], real), arguments.output / REAL_FILE)
    _archive(arguments.samples, arguments.output / SAMPLES_FILE)
    if repeats:
        write_table(_table(["network", *_repeat_titles()], repeats), arguments.output / REPEATABILITY_FILE)
        _archive(arguments.again_samples, arguments.output / AGAIN_SAMPLES_FILE)
    (arguments.output / CONDITIONS_FILE).write_text(json.dumps(conditions, indent=1) + "\n")


def _read(path: Path) -> list[Sample]:
    """``FileNotFoundError`` where there is no file, ``ValueError`` where it holds nothing for the data set."""
    if not path.exists():
        raise FileNotFoundError(f"{path}: no such file")
    samples = SampleFile(path).read()
    if not any(sample.is_usable for sample in samples):
        raise ValueError(f"{path} holds no latency")
    unknown = {sample.runtime for sample in samples} - MEASURED_PLATFORMS.keys()
    if unknown:
        raise ValueError(f"{path}: the data set has no platform of {', '.join(sorted(unknown))}")
    return samples


def _table(titles: Sequence[str], rows: Sequence[dict[str, Any]]) -> pd.DataFrame:
    # As objects, so that whole numbers stay whole in a column that has gaps.
    return pd.DataFrame(rows, columns=titles, dtype=object)


_ByRuntime = dict[str, Latency]


def _by_network(latencies: Iterable[Latency]) -> dict[str, _ByRuntime]:
    found: dict[str, _ByRuntime] = {}
    for latency in latencies:
        found.setdefault(latency.network, {})[latency.runtime] = latency
    return found


def _titles() -> list[str]:
    return [f"{runtime}_{part}" for runtime in MEASURED_PLATFORMS for part in ("ms", "spread_percent", "rounds")]


def _columns(by_runtime: _ByRuntime) -> dict[str, Any]:
    columns: dict[str, Any] = {}
    for runtime, latency in by_runtime.items():
        columns[f"{runtime}_ms"] = f"{latency.latency_ms:.5g}"
        columns[f"{runtime}_spread_percent"] = f"{latency.spread_percent:.2f}"
        columns[f"{runtime}_rounds"] = latency.rounds
    return columns


def _repeat_titles() -> list[str]:
    return [f"{runtime}_{part}" for runtime in MEASURED_PLATFORMS for part in ("ms", "again_ms")]


def _repeats(first: dict[str, _ByRuntime], second: dict[str, _ByRuntime]) -> list[dict[str, Any]]:
    rows = []
    for name in sorted(first.keys() & second.keys()):
        row: dict[str, Any] = {"network": name}
        for runtime in first[name].keys() & second[name].keys():
            row[f"{runtime}_ms"] = f"{first[name][runtime].latency_ms:.5g}"
            row[f"{runtime}_again_ms"] = f"{second[name][runtime].latency_ms:.5g}"
        rows.append(row)
    return rows


def _conditions(samples: Sequence[Sample]) -> dict[str, Any]:
    processor = Processor.current()
    if any(sample.processor != processor.identity() for sample in samples):
        raise ValueError("the samples come from another processor than this one: collect them where they were taken")
    references: dict[str, list[float]] = {}
    for sample in samples:
        references.setdefault(sample.runtime, []).append(sample.reference_ms)
    taken = [sample.taken for sample in samples]
    return {
        "processor": dataclasses.asdict(processor),
        "threads": samples[0].threads,
        "runtimes": {sample.runtime: sample.runtime_version for sample in samples},
        "bursts": len(samples),
        "failures": sum(not sample.is_usable for sample in samples),
        "first": min(taken),
        "last": max(taken),
        "reference_ms": {
            runtime: {"least": min(values), "median": sorted(values)[len(values) // 2], "most": max(values)}
            for runtime, values in references.items()
        },
    }


def _archive(samples: Path, archive: Path) -> None:
    """The file as it is, compressed, without the time of writing: the same samples make the same file."""
    content = samples.read_bytes()
    archive.write_bytes(content if samples.suffix == ".gz" else gzip.compress(content, mtime=0))


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Compressed where the name ends in ``.gz``; a table without a row is not written."""
    if table.empty:
        print(f"{path.name} is not written: it would have no row")
        return
    # Without the time of writing, so that the same data make the same file.
    gzipped = {"method": "gzip", "compresslevel": 9, "mtime": 0}
    table.to_csv(path, index=False, lineterminator="\n", compression=gzipped if path.suffix == ".gz" else None)
