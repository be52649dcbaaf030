"""The result files of ``protocol``, and all of them as one table.

A file begins with a line ``# {json}``: the settings that its predictor had, and the commit. Then a line a test label.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from nnformer_training.labels.label_sets import MEASURED, MEASURED_DIRECTORY
from nnformer_training.labels.platforms import MEASURED_PLATFORMS
from nnformer_training.locations import RESULTS

#: In git, for a full run takes hours.
PROTOCOL_DIRECTORY = RESULTS / "protocol"
TITLES = ("network", "family", "platform", "label_ms", "estimate_ms")
_COMMENT = "# "


def write_result(path: Path, provenance: dict[str, Any], rows: Iterable[Sequence[Any]]) -> None:
    """The file appears under its name only when it is complete. provenance: ``settings`` and ``commit``."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    with partial.open("w", newline="") as file:
        file.write(f"{_COMMENT}{json.dumps(provenance)}\n")
        csv.writer(file, lineterminator="\n").writerows([TITLES, *rows])
    partial.rename(path)


def is_current(path: Path, settings: dict[str, Any], labels: Sequence[str]) -> bool:
    """Whether there is a result of these settings and labels, so that measuring would only make it again."""
    if not path.exists():
        return False
    with path.open(newline="") as file:
        first = file.readline()
        if not first.startswith(_COMMENT):
            return False
        own = json.loads(first.removeprefix(_COMMENT))["settings"]
        return own == json.loads(json.dumps(settings)) and [row["label_ms"] for row in csv.DictReader(file)] == labels


def read_results(directory: Path) -> pd.DataFrame:
    """A row a test label: predictor, protocol, fold, seed and the columns of the result files, with its error."""
    frames = []
    for path in sorted(directory.glob("*.csv")):
        predictor, protocol, fold, seed = path.stem.split(".")
        frame = pd.read_csv(path, comment="#")
        frames.append(frame.assign(predictor=predictor, protocol=protocol, fold=fold, seed=int(seed)))
    if not frames:
        raise FileNotFoundError(f"{directory} holds no results: run protocol")
    results = pd.concat(frames)
    results["error_percent"] = 100.0 * (results["estimate_ms"] / results["label_ms"] - 1.0).abs()
    results["is_within"] = 100.0 * (results["error_percent"] <= 10.0)
    return results


def outdated_protocols(results: pd.DataFrame) -> set[str]:
    """Those with labels that the platform has not in the measured data set as it is now."""
    measured = pd.read_csv(MEASURED_DIRECTORY / MEASURED.file)
    is_current = np.zeros(len(results), bool)
    for runtime, platform in MEASURED_PLATFORMS.items():
        is_current |= (results["platform"] == platform) & results["label_ms"].isin(measured[f"{runtime}_ms"])
    return set(results.loc[~is_current, "protocol"])


def spread(values: np.ndarray) -> str:
    """The mean, and with several values the standard deviation between them."""
    if len(values) == 0:
        return ""
    return f"{values.mean():.2f}" if len(values) < 2 else f"{values.mean():.2f} ± {values.std(ddof=1):.2f}"
