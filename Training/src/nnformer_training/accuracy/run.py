"""`accuracy-run`: train predictors of the accuracy of NAS-Bench-201 cells and measure them on the validation cells.

Each predictor, subset and seed is trained once and its estimates kept; the table is written anew after each.
"""

from __future__ import annotations

import argparse
import csv
import json
from pathlib import Path

import numpy as np
import torch
from scipy.stats import kendalltau

from nnformer_training.allocator import keep_freed_memory
from nnformer_training.result_files import today
from nnformer_training.train import current_commit

from .nasbench201 import DATASETS, SUBSETS, Nasbench201Labels
from .predictors import PREDICTORS, Experiment

TRAINING = Path(__file__).resolve().parents[3]
DEFAULT_LABELS = TRAINING.parents[1] / "shared" / "data"
DEFAULT_RUNS = TRAINING / "work" / "accuracy"
RESULTS = TRAINING / "results"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--labels", type=Path, default=DEFAULT_LABELS, help="folder of the label sets")
    parser.add_argument("--runs", type=Path, default=DEFAULT_RUNS, help="folder of finished runs")
    parser.add_argument("--predictors", nargs="+", choices=sorted(PREDICTORS), default=list(PREDICTORS))
    parser.add_argument("--sizes", nargs="+", type=int, choices=SUBSETS, default=list(SUBSETS))
    parser.add_argument("--seeds", nargs="+", type=int, default=[1, 2, 3])
    parser.add_argument("--output", type=Path, default=RESULTS, help="folder of the result files")


def run(arguments: argparse.Namespace) -> None:
    keep_freed_memory()
    torch.set_num_threads(1)
    experiment = Experiment.of(Nasbench201Labels.read(arguments.labels), arguments.runs)
    for seed in arguments.seeds:
        for predictor in arguments.predictors:
            for size in sorted(arguments.sizes, reverse=True):
                taus = validation_taus(experiment, experiment.estimates(predictor, size, seed))
                print(predictor, size, seed, *(f"{tau:.4f}" for tau in taus), flush=True)
                write_results(experiment, arguments.output)


def validation_taus(experiment: Experiment, estimates: np.ndarray) -> list[float]:
    """Kendall τ on the validation cells, by dataset; NaN for one that was left out."""
    labels = experiment.labels
    rows = labels.validation
    return [
        float("nan") if np.isnan(column).any() else float(kendalltau(column, labels.final[rows, dataset]).statistic)
        for dataset, column in enumerate(estimates[labels.cell[rows]].T)
    ]


def write_results(experiment: Experiment, directory: Path) -> None:
    """`accuracy_nasbench201.csv`, a row for every finished run that a table may hold, and its provenance as JSON."""
    rows = []
    for predictor in PREDICTORS:
        for size in SUBSETS:
            for seed in (1, 2, 3):
                if not experiment.run_path(predictor, size, seed).exists():
                    continue
                taus = validation_taus(experiment, experiment.estimates(predictor, size, seed))
                rows += [
                    {
                        "predictor": predictor,
                        "training_cells": size,
                        "seed": seed,
                        "dataset": name,
                        "kendall_tau": round(tau, 4),
                    }
                    for name, tau in zip(DATASETS, taus)
                    if not np.isnan(tau)
                ]
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / "accuracy_nasbench201.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    provenance = {
        "command": "python -m nnformer_training accuracy-run",
        "commit": current_commit(),
        "date": today(),
        "labels_sha256": experiment.labels.sha256,
        "validation_cells": len(experiment.labels.validation),
    }
    (directory / "accuracy_nasbench201.json").write_text(json.dumps(provenance, indent=1) + "\n")
