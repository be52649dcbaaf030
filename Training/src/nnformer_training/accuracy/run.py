"""`accuracy-run`: train predictors of the accuracy of NAS-Bench-201 cells and measure them on the validation cells.

Each predictor, subset and seed is trained once: what the table has already is not made again, and its rows are written
after each.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from scipy.stats import kendalltau

from nnformer_training.allocator import keep_freed_memory
from nnformer_training.locations import LABELS, RESULTS, WORK

from .nasbench201 import SUBSETS, Nasbench201Labels
from .predictors import PREDICTORS, Experiment
from .result_table import ResultTable, Run

DEFAULT_RUNS = WORK / "accuracy"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--labels", type=Path, default=LABELS, help="folder of the label sets")
    parser.add_argument("--runs", type=Path, default=DEFAULT_RUNS, help="folder of finished runs")
    parser.add_argument("--predictors", nargs="+", choices=sorted(PREDICTORS), default=list(PREDICTORS))
    parser.add_argument("--sizes", nargs="+", type=int, choices=SUBSETS, default=list(SUBSETS))
    parser.add_argument("--seeds", nargs="+", type=int, default=[1, 2, 3])
    parser.add_argument("--output", type=Path, default=RESULTS, help="folder of the result files")
    parser.add_argument("--again", action="store_true", help="replace what the table has")


def run(arguments: argparse.Namespace) -> None:
    keep_freed_memory()
    torch.set_num_threads(1)
    labels = Nasbench201Labels.read(arguments.labels)
    # Refuses a table of other labels before anything is trained.
    table = ResultTable.read(arguments.output, labels)
    known = {} if arguments.again else table.provenance
    experiment = Experiment.of(labels, arguments.runs)
    for seed in arguments.seeds:
        for predictor in arguments.predictors:
            for size in sorted(arguments.sizes, reverse=True):
                if Run(predictor, size, seed) in known:
                    continue
                provenance = experiment.provenance(predictor, size, seed)
                taus = validation_taus(experiment, experiment.estimates(predictor, size, seed))
                print(predictor, size, seed, *(f"{tau:.4f}" for tau in taus), flush=True)
                # Read anew: another process may have added rows meanwhile.
                table = ResultTable.read(arguments.output, labels)
                table.with_run(Run(predictor, size, seed), taus, provenance).write(arguments.output, PREDICTORS)


def validation_taus(experiment: Experiment, estimates: np.ndarray) -> list[float]:
    """Kendall τ on the validation cells, by dataset; NaN for one that was left out."""
    labels = experiment.labels
    rows = labels.validation
    return [
        float("nan") if np.isnan(column).any() else float(kendalltau(column, labels.final[rows, dataset]).statistic)
        for dataset, column in enumerate(estimates[labels.cell[rows]].T)
    ]
