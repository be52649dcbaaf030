"""`accuracy-page`: write Documentation/AccuracyResults.md from the result files."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import pandas as pd

from nnformer_training.locations import DOCUMENTATION

from .nasbench201 import DATASETS, SUBSETS
from .result_table import STEM
from .run import RESULTS

SEEDS_IN_WORDS = {1: "one seed", 2: "two seeds", 3: "three seeds"}
PAGE = DOCUMENTATION / "AccuracyResults.md"
PREDICTORS = {
    "boosting": "gradient boosting on one-hot edges",
    "boosting_paths": "gradient boosting on operations along the paths of the simplified cell",
    "gcn": "GCN, 4 layers of width 128",
    "paper": "the paper's sizes (12 layers of width 160), this dataset's labels alone, 100 to 300 steps",
    "single": "NN-Former, 4 layers of width 64, this dataset's labels alone",
    "joint": "the same, one network for all datasets, 12-epoch accuracies as further targets",
    "ensemble": "mean of three of those: in the library",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder of the result files")
    parser.add_argument("--output", type=Path, default=PAGE)


def run(arguments: argparse.Namespace) -> None:
    arguments.output.write_text(page(arguments.results))


def page(results: Path) -> str:
    table = pd.read_csv(results / f"{STEM}.csv")
    provenance = json.loads((results / f"{STEM}.json").read_text())
    usual_seeds = most_common_seed_count(table)
    parts = [
        "# Accuracy results",
        "Written by `python -m nnformer_training accuracy-page` from `Training/results`, which "
        "`accuracy-run` and `accuracy-nasbench101` write ([Training](../Training/README.md)).",
        "## NAS-Bench-201",
        f"Kendall τ on the {provenance['validation_cells']} validation cells of "
        f"`nasbench201_accuracy.csv`, by number of training "
        "cells (nested, by `train_rank`). Mean ± standard deviation over seeds, whose number "
        f"follows in brackets where it is not {usual_seeds}; "
        "— was not run. Labels: test accuracy after 200 epochs, mean over seeds of the benchmark. All choices "
        "(sizes, steps, scale of the labels, tokens) were made on the same validation cells.",
        *(
            part
            for dataset in DATASETS
            for part in (f"### {dataset}", dataset_table(table[table.dataset == dataset], usual_seeds))
        ),
        "## NAS-Bench-101, five-vertex cells",
        five_vertex_table(pd.read_csv(results / "accuracy_nasbench101_5v.csv")),
    ]
    return "\n\n".join(parts) + "\n"


def most_common_seed_count(table: pd.DataFrame) -> int:
    return int(table.groupby(["predictor", "training_cells", "dataset"]).seed.nunique().mode().iloc[0])


def dataset_table(table: pd.DataFrame, usual_seeds: int) -> str:
    lines = ["| predictor | " + " | ".join(map(str, SUBSETS)) + " |", "|---|" + "---:|" * len(SUBSETS)]
    for predictor, description in PREDICTORS.items():
        # A predictor that is trained for one dataset alone is followed by its name.
        own = table[table.predictor.isin([predictor, *(f"{predictor}_{dataset}" for dataset in DATASETS)])]
        if len(own):
            cells = [spread(own[own.training_cells == size].kendall_tau, usual_seeds) for size in SUBSETS]
            lines.append(f"| {description} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def spread(taus: pd.Series, usual_seeds: int) -> str:
    """Mean ± standard deviation over seeds; in brackets how many, unless as many as usual."""
    if taus.empty:
        return "—"
    text = f"{taus.mean():.4f}" if len(taus) == 1 else f"{taus.mean():.4f} ± {taus.std():.4f}"
    return text if len(taus) == usual_seeds else f"{text} ({len(taus)})"


def five_vertex_table(table: pd.DataFrame) -> str:
    names = {
        "nnformer": "NN-Former, 4 layers of width 64",
        "boosting": "gradient boosting on counts of operations and of edges",
    }
    seeds = table[table.predictor.isin(names)].seed.nunique()
    lines = [
        "Kendall τ of estimates with single measurements of test accuracy after four epochs (EC-NAS, "
        "`nasbench101_5v_4epoch.csv`), five folds by cell hash; mean ± standard deviation over "
        f"{SEEDS_IN_WORDS.get(seeds, f'{seeds} seeds')}, each the mean of the folds. "
        "*repeat* is τ between two trainings of the same cells: the labels' own noise. A predictor "
        "may exceed it, since it "
        "averages the noise of its training labels.",
        "",
        "| | τ |",
        "|---|---:|",
    ]
    for predictor, name in names.items():
        lines.append(f"| {name} | {spread(table[table.predictor == predictor].kendall_tau, seeds)} |")
    repeat = table[table.predictor == "repeat"].iloc[0]
    lines.append(
        f"| *repeat* (cells trained most often; {repeat.parts} pairs, {repeat.least:.3f} to {repeat.greatest:.3f}) "
        f"| {repeat.kendall_tau:.4f} |"
    )
    return "\n".join(lines)
