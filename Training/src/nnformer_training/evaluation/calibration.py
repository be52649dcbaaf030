"""``evaluate-calibration``: calibrate devices that a model has never seen, as the library does, and measure the result.

The model is a run that left the devices' columns out (configs/unseen_devices.toml). Each draw picks networks at random;
the first 5, 10, 20 and 50 of them are samples, and every other labelled network of the column tests. The library itself
fits; a fitted platform is read from the file that it saves, whose form is public, and applied to the estimates of all
networks at once.
"""

from __future__ import annotations

import argparse
import dataclasses
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nnformer
import numpy as np
import numpy.typing as npt
import pandas as pd
import torch
from safetensors.numpy import load_file
from scipy.stats import spearmanr
from tqdm import tqdm

from nnformer_training.features.feature_cache import FeatureCache
from nnformer_training.labels.label_sets import LABEL_SETS, LabelTable
from nnformer_training.labels.platforms import PLATFORMS_BY_ID
from nnformer_training.locations import CACHE, DOCUMENTATION, LABELS, RESULTS, RUNS
from nnformer_training.training.representation import represent
from nnformer_training.training.trained_model import TrainedModel
from nnformer_training.training.training_set import TrainingSet
from nnformer_training.training.weights_file import WeightsFile, weights_document

Float64 = npt.NDArray[np.float64]
RUN_DIRECTORY = RUNS / "unseen_devices"
SAMPLE_COUNTS = (5, 10, 20, 50)
#: Networks that suggested samples are picked from.
CANDIDATES = 100
METHODS = ("nnformer", "suggested", "rescaled", "flops")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--run", dest="run_directory", type=Path, default=RUN_DIRECTORY, help="folder of train")
    parser.add_argument("--cache", type=Path, default=CACHE, help="folder of build-dataset")
    parser.add_argument("--labels", type=Path, default=LABELS, help="folder of the label sets")
    parser.add_argument("--draws", type=int, default=20)
    parser.add_argument("--results", type=Path, default=RESULTS / "calibration.csv")
    parser.add_argument("--output", type=Path, default=DOCUMENTATION / "CalibrationResults.md")


@dataclass(frozen=True)
class Column:
    """A left-out column: networks [n] by row of the label set's file, their latencies, what the known platforms are
    estimated to take, and the logarithms that a calibrated platform is a function of, [n, P + G]."""

    label_set: str
    platform_id: str
    name: str
    rows: npt.NDArray[np.int64]
    label_ms: Float64
    predictors: Float64
    flops: Float64
    platform_count: int


@dataclass(frozen=True)
class Outcome:
    spearman: float
    mape_percent: float
    covered_percent: float


def run(arguments: argparse.Namespace) -> None:
    torch.set_num_threads(1)
    trained = TrainedModel.load(arguments.run_directory)
    data = trained.training.data
    if not data.left_out_columns:
        raise SystemExit(f"{arguments.run_directory} left no columns out: train Training/configs/unseen_devices.toml")
    cache = FeatureCache.open(arguments.cache, data.label_sets or None)
    records: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        predictor = nnformer.Predictor(_write_weights(trained, cache, Path(folder)))
        for column in _columns(trained, cache):
            table = LABEL_SETS[column.label_set].read(arguments.labels)
            calibrator = Calibrator(predictor, column, table, Path(folder) / "fitted.nnfp")
            for draw in tqdm(range(arguments.draws), desc=f"{column.label_set} {column.name}", disable=None):
                for method, count, outcome in _draw(calibrator, draw):
                    records.append(
                        {
                            "label_set": column.label_set,
                            "platform": column.platform_id,
                            "column": column.name,
                            "method": method,
                            "samples": count,
                            "draw": draw,
                            **dataclasses.asdict(outcome),
                        }
                    )
    results = pd.DataFrame.from_records(records)
    arguments.results.parent.mkdir(parents=True, exist_ok=True)
    results.to_csv(arguments.results, index=False, float_format="%.4f")
    arguments.output.write_text(page(results, trained, arguments.draws))
    print(arguments.output)


class Calibrator:
    """Fits a column's platform to samples of it, through the library."""

    def __init__(self, predictor: nnformer.Predictor, column: Column, table: LabelTable, path: Path) -> None:
        self.column = column
        self._predictor = predictor
        self._table = table
        self._path = path
        self._graphs: dict[int, nnformer.Graph] = {}
        (self._label_column,) = (one for one in table.columns if one.name == column.name)

    def graph(self, position: int) -> nnformer.Graph:
        """Made once for all draws."""
        if position not in self._graphs:
            self._graphs[position] = self._made(position)
        return self._graphs[position]

    def _made(self, position: int) -> nnformer.Graph:
        row = int(self.column.rows[position])
        model = self._table.label_set.write(self._table.architectures[row], self._label_column.form)
        batch_size = self._table.batch(row, self._label_column)
        return nnformer.Graph.parse(model.SerializeToString(), batch_size=batch_size)

    def suggested(self, candidates: Sequence[int], count: int) -> list[int]:
        with nnformer.Calibration(self._predictor) as calibration:
            chosen = calibration.suggest([self.graph(position) for position in candidates], count)
        return [candidates[position] for position in chosen]

    def outcome(self, samples: Sequence[int]) -> Outcome:
        with nnformer.Calibration(self._predictor) as calibration:
            for position in samples:
                calibration.add_sample(self.graph(position), float(self.column.label_ms[position]))
            with calibration.fit("unseen") as platform:
                platform.save(self._path)
        fitted = load_file(self._path)
        estimates = np.exp(
            float(fitted["intercept"][0]) + self.column.predictors @ fitted["coefficients"].astype(float)
        )
        return _outcome(self.column, samples, estimates, float(fitted["interval"][0]))


def _draw(calibrator: Calibrator, draw: int) -> Iterator[tuple[str, int, Outcome]]:
    column = calibrator.column
    order = np.random.default_rng(draw).permutation(len(column.rows))[:CANDIDATES].tolist()
    for count in SAMPLE_COUNTS:
        samples = order[:count]
        yield "nnformer", count, calibrator.outcome(samples)
        yield "rescaled", count, _outcome(column, samples, _rescaled(column, samples))
        yield "flops", count, _outcome(column, samples, _flops_line(column, samples))
        if count == 10:
            yield "suggested", count, calibrator.outcome(calibrator.suggested(order, count))


def _rescaled(column: Column, samples: Sequence[int]) -> Float64:
    """The known platform that varies most like the samples, times the median of the ratios."""
    known = column.predictors[:, : column.platform_count]
    ratios = np.log(column.label_ms[samples])[:, None] - known[samples]
    best = int(np.argmin(ratios.std(axis=0)))
    return np.exp(known[:, best] + np.median(ratios[:, best]))


def _flops_line(column: Column, samples: Sequence[int]) -> Float64:
    inputs = np.column_stack([np.ones(len(column.flops)), np.log(column.flops)])
    line, *_ = np.linalg.lstsq(inputs[samples], np.log(column.label_ms[samples]), rcond=None)
    return np.exp(inputs @ line)


def _outcome(column: Column, samples: Sequence[int], estimates: Float64, half_width: float = np.nan) -> Outcome:
    is_test = np.ones(len(column.rows), bool)
    is_test[list(samples)] = False
    labels, estimates = column.label_ms[is_test], estimates[is_test]
    covered = np.abs(np.log(labels / estimates)) <= half_width
    return Outcome(
        float(spearmanr(labels, estimates).statistic),
        100.0 * float(np.mean(np.abs(estimates - labels) / labels)),
        100.0 * float(covered.mean()) if np.isfinite(half_width) else float("nan"),
    )


def _write_weights(trained: TrainedModel, cache: FeatureCache, folder: Path) -> Path:
    training = {
        "commit": trained.commit,
        "seed": trained.training.run.seed,
        "data_sha256": trained.data_sha256,
        "date": "",
    }
    platforms = [PLATFORMS_BY_ID[platform_id] for platform_id in trained.platform_ids]
    schema = cache.label_sets[0].meta["feature_schema"]
    document = weights_document(trained.model.configuration, schema, training, platforms, [])
    path = folder / "weights.safetensors"
    path.write_bytes(WeightsFile(document, trained.model.exported_tensors()).to_bytes())
    return path


def _columns(trained: TrainedModel, cache: FeatureCache) -> Iterator[Column]:
    """Every network with a clean label, whichever side of the split it is on: the model has seen no label of the
    column."""
    everything = TrainingSet.from_cache(cache)
    labels = everything.labels
    row_starts = np.cumsum([0, *(len(one.arrays["is_validation"]) for one in cache.label_sets)])
    chosen = [
        number
        for number, info in enumerate(everything.columns)
        if info.column in trained.training.data.left_out_columns
    ]
    graphs = np.unique(labels.graph[np.isin(labels.column, chosen)])
    estimates_ms = represent(trained.model, everything, graphs).estimates_ms
    for number in chosen:
        info = everything.columns[number]
        is_wanted = (labels.column == number) & labels.is_clean
        own = labels.graph[is_wanted]
        estimates = estimates_ms[np.searchsorted(graphs, own)]
        sizes = everything.graph_features[own].astype(np.float64) * np.log(2.0)
        label_set = [one.name for one in cache.label_sets].index(info.label_set)
        yield Column(
            info.label_set,
            info.platform_id,
            info.column,
            cache.graph_architecture[own] - row_starts[label_set],
            labels.milliseconds[is_wanted],
            np.column_stack([np.log(estimates), sizes]),
            cache.graph_totals[own, 0],
            estimates.shape[1],
        )


def page(results: pd.DataFrame, trained: TrainedModel, draws: int) -> str:
    """Documentation/CalibrationResults.md. A device with several columns counts once, with their mean."""
    lines = [
        "# Calibration: results",
        "",
        "Written by `python -m nnformer_training evaluate-calibration`, which also writes"
        " `Training/results/calibration.csv` (every label column, every draw). The model, of commit"
        f" `{trained.commit}`, seed {trained.training.run.seed}, was trained by `train --config"
        " Training/configs/unseen_devices.toml` without these devices, at any batch size."
        f" {draws} draws of samples at random, a column's other networks test; a device has the mean of its columns"
        " (batch sizes); mean over draws, ± their standard deviation. *Rescaled* is the known platform that fits the"
        " samples best times a factor, *FLOPs* a line through logarithms.",
    ]
    for label_set, own in results.groupby("label_set", sort=False):
        devices = list(dict.fromkeys(own["platform"]))
        columns = [f"{device} ({own.loc[own['platform'] == device, 'column'].nunique()})" for device in devices]
        lines += ["", f"## {label_set}", "", "In brackets the number of label columns."]
        for title, metric, form in (
            ("Spearman", "spearman", "{:.3f} ± {:.3f}"),
            ("MAPE in percent", "mape_percent", "{:.1f} ± {:.1f}"),
        ):
            lines += ["", f"### {title}", "", "| samples | " + " | ".join(columns) + " | mean |"]
            lines += ["|---|" + "---:|" * (len(columns) + 1)]
            for method in METHODS:
                by_draw = _by_device(own[own["method"] == method], metric)
                for count in by_draw.index.unique("samples"):
                    draws_of_device = by_draw.loc[count][devices]
                    means, deviations = draws_of_device.mean(), draws_of_device.std(ddof=0)
                    cells = [form.format(means[device], deviations[device]) for device in devices]
                    mean = form.split(" ")[0].format(means.mean())
                    lines.append(f"| {_NAMES[method]}, {count} | " + " | ".join(cells) + f" | **{mean}** |")
        lines += ["", "### Networks within the 90 % interval, in percent", ""]
        lines += ["| samples | " + " | ".join(columns) + " |", "|---|" + "---:|" * len(columns)]
        covered = _by_device(own[own["method"] == "nnformer"], "covered_percent").groupby("samples").mean()
        for count, row in covered.iterrows():
            lines.append(f"| {count} | " + " | ".join(f"{row[device]:.0f}" for device in devices) + " |")
    return "\n".join(lines) + "\n"


def _by_device(results: pd.DataFrame, metric: str) -> pd.DataFrame:
    """A row for a number of samples and a draw, a column for a device: the mean of its label columns."""
    return results.groupby(["samples", "draw", "platform"])[metric].mean().unstack("platform")


_NAMES = {"nnformer": "nnformer", "suggested": "nnformer, samples suggested", "rescaled": "rescaled", "flops": "FLOPs"}
