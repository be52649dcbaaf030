"""`results`: write Documentation/Results.md from the result files of `evaluate` and `baselines`."""

from __future__ import annotations

import argparse
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from nnformer_training.locations import DOCUMENTATION, WORK_RESULTS
from nnformer_training.results.metrics import median_mape_by_group
from nnformer_training.results.provenance import earlier_runs
from nnformer_training.results.result_files import ColumnResult, Results

from .evaluate import PREDICTOR

PAGE = DOCUMENTATION / "Results.md"

BASELINES = {
    "cost_line": "line on FLOPs and bytes",
    "boosting_totals": "boosting on totals",
    "boosting_architecture": "boosting on one-hot architecture",
}
"""Result files that are compared with, and their titles; a file that is missing leaves its column out."""

REPEATABILITY = "repeatability"
"""Result file of `repeatability`, and its title: not a predictor, but the floor under all of them."""

AIMED_MEDIAN_PERCENT = {
    "nasbench201": 2.2,
    "nnlq_nasbench201": 1.5,
    "fbnet": 1.7,
    "once_for_all": 3.5,
    "mnasnet": 2.7,
}
"""Median error aimed at per label set, in percent, fixed before training."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--results", type=Path, default=WORK_RESULTS, help="folder of the result files")
    parser.add_argument("--output", type=Path, default=PAGE, help="page to write")


def run(arguments: argparse.Namespace) -> None:
    model = Results.read(arguments.results / f"{PREDICTOR}.json")
    titles = {**BASELINES, REPEATABILITY: REPEATABILITY}
    paths = {title: arguments.results / f"{name}.json" for name, title in titles.items()}
    baselines = {title: Results.read(path) for title, path in paths.items() if path.exists()}
    arguments.output.write_text(results_page(model, baselines))
    print(arguments.output)


def results_page(model: Results, baselines: dict[str, Results]) -> str:
    """Markdown. ValueError where a baseline was measured on other data than the model."""
    for title, baseline in baselines.items():
        if baseline.provenance["data_sha256"] != model.provenance["data_sha256"]:
            raise ValueError(f"{title}: measured on other data than the model; run baselines and repeatability again")
    provenance = model.provenance
    lines = [
        "# Results",
        "",
        "Errors of the weights inside the library on networks that training did not see: a tenth of each label set,",
        "chosen by graph hash (`Training/splits`), the same for every predictor. MAPE is the mean of",
        "|estimate − label| / label. Labels of the validation networks are kept as published, outliers included.",
        "",
        "| | |",
        "|---|---|",
        f"| model | {provenance['parameters']:,} parameters, {provenance['training_minutes']} minutes of training,"
        f" {provenance['epochs']} epochs{_earlier_minutes(provenance)} |",
        f"| seed | {provenance['seed']} |",
        f"| commit of training | `{provenance['commit']}` |",
        f"| data sha256 | `{provenance['data_sha256']}` |",
        f"| measured | {provenance['date']}, `{provenance['command']}`, `python -m nnformer_training baselines`,"
        " `python -m nnformer_training repeatability` |",
        "",
        "## Medians over the columns of a label set, MAPE in percent",
        "",
    ]
    lines += _table(
        ["label set", "columns", "NNFormer", "aimed at", *baselines],
        _median_rows(model, baselines),
    )
    lines += [
        "",
        "Aimed at was fixed before training.",
        "The line is least squares on the relative error with non-negative coefficients; boosting is",
        "`HistGradientBoostingRegressor`, 500 trees on log latency, one model a column. NNFormer is one model for all",
        "columns. Boosting on the one-hot architecture knows nothing outside its search space. Repeatability is not a",
        "predictor: it is how far one measurement lies from the mean of measurements of the same graph (isomorphic"
        " cells",
        "that were measured as separate networks), and so about the least error that can be expected of any. Cells with"
        " such",
        "a twin in training are not among the validation networks. Where no graph was measured often enough, the"
        " column",
        "is empty.",
        "",
        "## Every column",
        "",
    ]
    titles = ["label set", "column", "platform", "batch", "trained", "held out", "MAPE %", "within 10 %", "Spearman"]
    lines += _table([*titles, *(f"{title}, MAPE %" for title in baselines)], _column_rows(model, baselines))
    return "\n".join(lines) + "\n"


def _earlier_minutes(provenance: Mapping[str, Any]) -> str:
    minutes = [str(run["training_minutes"]) for run in earlier_runs(provenance)]
    return f", after earlier runs of {', '.join(reversed(minutes))} minutes" if minutes else ""


def _medians(results: Results) -> dict[str, float]:
    groups = [result.column.label_set for result in results.columns]
    return median_mape_by_group([result.metrics for result in results.columns], groups)


def _median_rows(model: Results, baselines: dict[str, Results]) -> list[list[str]]:
    others = [_medians(baseline) for baseline in baselines.values()]
    rows = []
    for label_set, median in _medians(model).items():
        count = sum(result.column.label_set == label_set for result in model.columns)
        aim = AIMED_MEDIAN_PERCENT.get(label_set, math.nan)
        figures = [median, aim, *(other.get(label_set, math.nan) for other in others)]
        rows.append([label_set, str(count), *(_number(figure, 2) for figure in figures)])
    return rows


def _column_rows(model: Results, baselines: dict[str, Results]) -> list[list[str]]:
    others = [{_key(result): result for result in baseline.columns} for baseline in baselines.values()]
    rows = []
    for result in model.columns:
        measured, column = result.metrics, result.column
        row = [column.label_set, column.column, f"`{column.platform_id}`", str(column.batch)]
        row += [f"{result.training_networks:,}", f"{measured.networks:,}"]
        row += [_number(measured.mape_percent, 2), _number(measured.within_10_percent, 1)]
        row.append(_number(measured.spearman, 4))
        for other in others:
            compared = other.get(_key(result))
            row.append(_number(compared.metrics.mape_percent if compared else math.nan, 2))
        rows.append(row)
    return rows


def _key(result: ColumnResult) -> tuple[str, str, str]:
    return result.column.label_set, result.column.column, result.column.family


def _number(value: float, digits: int) -> str:
    return "" if math.isnan(value) else f"{value:.{digits}f}"


def _table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    lines = ["| " + " | ".join(titles) + " |", "|" + "---|" * len(titles)]
    return lines + ["| " + " | ".join(row) + " |" for row in rows]
