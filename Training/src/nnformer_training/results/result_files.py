"""Results on disk: one predictor's metrics per label column, as JSON with their provenance and as CSV for tables."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from nnformer_training.features.feature_cache import ColumnInfo

from .metrics import ColumnMetrics


@dataclass(frozen=True)
class ColumnResult:
    """One label column: how many networks trained, and the metrics over those of the validation split."""

    column: ColumnInfo
    training_networks: int
    metrics: ColumnMetrics


@dataclass(frozen=True)
class Results:
    """One predictor's results. provenance: command, commit, seed, data_sha256, date and what else is to be said."""

    predictor: str
    provenance: dict[str, Any]
    columns: tuple[ColumnResult, ...]

    def write(self, directory: Path) -> Path:
        """`<predictor>.json` and `<predictor>.csv`; NaN becomes null. Returns the path of the former."""
        directory.mkdir(parents=True, exist_ok=True)
        rows = [_row(result) for result in self.columns]
        document = {"predictor": self.predictor, "provenance": self.provenance, "columns": rows}
        path = directory / f"{self.predictor}.json"
        path.write_text(json.dumps(document, indent=1, allow_nan=False) + "\n")
        with path.with_suffix(".csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]) if rows else [])
            writer.writeheader()
            writer.writerows(rows)
        return path

    @classmethod
    def read(cls, path: Path) -> Results:
        document = json.loads(path.read_text())
        return cls(document["predictor"], document["provenance"], tuple(map(_result, document["columns"])))


_METRICS = ("mape_percent", "within_10_percent", "spearman")


def _row(result: ColumnResult) -> dict[str, Any]:
    row = asdict(result.column)
    row["training_networks"] = result.training_networks
    row["validation_networks"] = result.metrics.networks
    for name in _METRICS:
        value = getattr(result.metrics, name)
        row[name] = None if math.isnan(value) else round(value, 4)
    return row


def _result(row: dict[str, Any]) -> ColumnResult:
    numbers = {name: float("nan") if row[name] is None else float(row[name]) for name in _METRICS}
    column = ColumnInfo(**{name: row[name] for name in ColumnInfo.__dataclass_fields__})
    return ColumnResult(column, row["training_networks"], ColumnMetrics(row["validation_networks"], **numbers))


def column_results(
    columns: Sequence[ColumnInfo], training_networks: Sequence[int], metrics: Sequence[ColumnMetrics]
) -> tuple[ColumnResult, ...]:
    return tuple(
        ColumnResult(column, int(count), measured)
        for column, count, measured in zip(columns, training_networks, metrics, strict=True)
    )
