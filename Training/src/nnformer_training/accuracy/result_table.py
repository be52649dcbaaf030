"""`accuracy_nasbench201.csv`, Kendall τ by run and dataset, and `accuracy_nasbench201.json`, which says what made it:

| key | |
|---|---|
| `command` | that writes both files |
| `commit`, `date` | of all runs but those of `other_runs` |
| `other_runs` | a list of `commit`, `date` and the `runs` (PREDICTOR_CELLS_SEED) they hold for; may be missing |
| `labels_sha256` | of the file of labels; a table has one |
| `validation_cells` | how many τ is measured on |
"""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from .nasbench201 import DATASETS, Nasbench201Labels
from .provenance import Provenance

STEM = "accuracy_nasbench201"
COLUMNS = ("predictor", "training_cells", "seed", "dataset", "kendall_tau")


class Run(NamedTuple):
    """One training."""

    predictor: str
    training_cells: int
    seed: int

    @property
    def name(self) -> str:
        return f"{self.predictor}_{self.training_cells}_{self.seed}"


@dataclass(frozen=True)
class ResultTable:
    """taus: by run and dataset, as the file has them; provenance: of every run."""

    taus: Mapping[tuple[Run, str], str]
    provenance: Mapping[Run, Provenance]
    labels_sha256: str
    validation_cells: int

    @classmethod
    def read(cls, directory: Path, labels: Nasbench201Labels) -> ResultTable:
        """What was measured so far. ValueError where that was on other labels: τ of one column would not compare."""
        path = directory / f"{STEM}.csv"
        taus, provenance = {}, {}
        if path.exists():
            document = json.loads(path.with_suffix(".json").read_text())
            if document["labels_sha256"] != labels.sha256:
                raise ValueError(f"{path} was measured on other labels; --output names another folder")
            with path.open(newline="") as file:
                for row in csv.DictReader(file):
                    run = Run(row["predictor"], int(row["training_cells"]), int(row["seed"]))
                    taus[run, row["dataset"]] = row["kendall_tau"]
            provenance = _read_provenance(document, {run for run, _ in taus})
        return cls(taus, provenance, labels.sha256, len(labels.validation))

    def with_run(self, run: Run, taus: Sequence[float], provenance: Provenance) -> ResultTable:
        """With these τ, by dataset and NaN for one left out, instead of any that the run had."""
        kept = {key: tau for key, tau in self.taus.items() if key[0] != run}
        new = {(run, name): str(round(tau, 4)) for name, tau in zip(DATASETS, taus, strict=True) if not np.isnan(tau)}
        return ResultTable(kept | new, {**self.provenance, run: provenance}, self.labels_sha256, self.validation_cells)

    def write(self, directory: Path, predictors: Iterable[str]) -> None:
        """Rows in the order of `predictors`, then of names that are not among them."""
        order = {name: position for position, name in enumerate(predictors)}
        rows = sorted(
            (order.get(run.predictor, len(order)), run, DATASETS.index(dataset), tau)
            for (run, dataset), tau in self.taus.items()
        )
        directory.mkdir(parents=True, exist_ok=True)
        with (directory / f"{STEM}.csv").open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(COLUMNS)
            writer.writerows((*run, DATASETS[dataset], tau) for _, run, dataset, tau in rows)
        runs = dict.fromkeys(run for _, run, _, _ in rows)
        document = {
            "command": "python -m nnformer_training accuracy-run",
            **_provenance_entries({run: self.provenance[run] for run in runs}),
            "labels_sha256": self.labels_sha256,
            "validation_cells": self.validation_cells,
        }
        (directory / f"{STEM}.json").write_text(json.dumps(document, indent=1) + "\n")


def _read_provenance(document: Mapping[str, Any], runs: Iterable[Run]) -> dict[Run, Provenance]:
    of_others = {
        name: (group["commit"], group["date"]) for group in document.get("other_runs", []) for name in group["runs"]
    }
    usual = document["commit"], document["date"]
    return {run: Provenance(*of_others.get(run.name, usual), document["labels_sha256"]) for run in runs}


def _provenance_entries(provenance: Mapping[Run, Provenance]) -> dict[str, Any]:
    """The commit and date of most runs, and the others by theirs."""
    made = {run: (one.commit, one.date) for run, one in provenance.items()}
    (usual, _), *_ = Counter(made.values()).most_common(1)
    others: dict[tuple[str, str], list[str]] = {}
    for run, commit_and_date in made.items():
        if commit_and_date != usual:
            others.setdefault(commit_and_date, []).append(run.name)
    entries: dict[str, Any] = {"commit": usual[0], "date": usual[1]}
    if others:
        entries["other_runs"] = [
            {"commit": commit, "date": date, "runs": runs} for (commit, date), runs in others.items()
        ]
    return entries
