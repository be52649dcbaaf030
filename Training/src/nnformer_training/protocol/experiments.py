"""Variations of the protocol's configuration, one change each, for choosing by the tuning fold; and their page."""

from __future__ import annotations

import argparse
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from nnformer_training.labels.label_sets import MEASURED
from nnformer_training.locations import CONFIGURATIONS, DOCUMENTATION
from nnformer_training.protocol.folds import TUNING, TUNING_FAMILIES
from nnformer_training.protocol.predictors import Predictor, trained
from nnformer_training.protocol.result_tables import PROTOCOL_DIRECTORY, outdated_protocols, read_results, spread

EXPERIMENTS_FILE = CONFIGURATIONS / "experiments.toml"
PAGE = DOCUMENTATION / "Experiments.md"


@dataclass(frozen=True)
class Experiment:
    """``what`` it tries; ``overrides`` of protocol.toml by section."""

    what: str
    overrides: Mapping[str, Mapping[str, Any]]

    @property
    def predictor(self) -> Predictor:
        return trained("protocol", self.overrides)


def read_experiments(path: Path = EXPERIMENTS_FILE) -> dict[str, Experiment]:
    """By name, in the order of the file."""
    experiments = {}
    for name, table in tomllib.loads(path.read_text()).items():
        overrides = {section: values for section, values in table.items() if isinstance(values, Mapping)}
        experiments[name] = Experiment(table["what"], overrides)
    return experiments


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--results", type=Path, default=PROTOCOL_DIRECTORY)
    parser.add_argument("--output", type=Path, default=PAGE, help="page to write")


def run(arguments: argparse.Namespace) -> None:
    results = read_results(arguments.results / MEASURED.name)
    results = results[results["protocol"] == TUNING]
    outdated = [name for name, own in results.groupby("predictor") if outdated_protocols(own)]
    arguments.output.write_text(experiments_page(results[~results["predictor"].isin(outdated)]))
    print(arguments.output)


def experiments_page(results: pd.DataFrame) -> str:
    """Markdown, from results on the tuning fold."""
    lines = [
        "# What was tried",
        "",
        "Every row is trained and measured on the tuning fold of the networks measured here: it tests on",
        f"{', '.join(TUNING_FAMILIES)}, which training never sees, and on a tenth of every other family, and shares no"
        " test",
        "network with the in-domain folds of [Protocol](Protocol.md). MAPE in percent, the mean over families; a figure"
        " is the",
        "mean over seeds, ± the standard deviation between them. What is shipped was chosen by this page.",
        "",
        "Commands: `python -m nnformer_training protocol --protocol tuning --experiment all`, the same without"
        " `--experiment` for",
        "the predictors that are compared with, then `python -m nnformer_training experiments`."
        " `Training/configs/experiments.toml`",
        "has the variations.",
        "",
    ]
    platforms = list(dict.fromkeys(results["platform"]))
    titles = ["what", "seeds"]
    titles += [
        f"`{platform.split('-')[1]}`, {place}" for platform in platforms for place in ("families seen", "unseen")
    ]
    lines += ["| " + " | ".join([*titles, "mean"]) + " |", "|---|---:" + "|---:" * (len(titles) - 1) + "|"]
    experiments = read_experiments()
    for name in [*experiments, *(name for name in dict.fromkeys(results["predictor"]) if name not in experiments)]:
        chosen = results[results["predictor"] == name]
        if chosen.empty:
            continue
        what = experiments[name].what if name in experiments else f"predictor `{name}` of the protocol"
        by_family = chosen.groupby(["platform", "family", "seed"])["error_percent"].mean().unstack("seed")
        is_unseen = by_family.index.get_level_values("family").isin(TUNING_FAMILIES)
        cells, columns = [], []
        for platform in platforms:
            of_platform = by_family.index.get_level_values("platform") == platform
            for is_wanted in (of_platform & ~is_unseen, of_platform & is_unseen):
                columns.append(by_family[is_wanted].mean(axis=0))
                cells.append(spread(columns[-1].to_numpy()))
        cells.append(f"**{spread((sum(columns) / len(columns)).to_numpy())}**")
        lines.append("| " + " | ".join([what, str(by_family.shape[1]), *cells]) + " |")
    missing = [experiment.what for name, experiment in experiments.items() if name not in set(results["predictor"])]
    if missing:
        lines += ["", "Not measured on the labels as they are now:", "", *(f"- {what}" for what in missing)]
    return "\n".join(lines) + "\n"
