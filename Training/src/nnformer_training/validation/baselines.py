"""`baselines`: what simple predictors reach on the same split, one model per label column.

* `cost_line`: latency = a · FLOPs + b · bytes moved + c with a, b, c ≥ 0, least squares on the relative error.
* `boosting_totals`: gradient-boosted trees on the logarithm of latency from totals of the graph (FLOPs, MACs,
  parameters, bytes read, bytes written, nodes), all as logarithms.
* `boosting_architecture`: the same trees on the one-hot description of the architecture, which knows the search space
  but nothing of other devices.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import LinearRegression
from tqdm import tqdm

from nnformer_training.features.feature_cache import FeatureCache, Labels
from nnformer_training.features.graph_library import TOTALS
from nnformer_training.locations import CACHE, WORK_RESULTS
from nnformer_training.results.metrics import ColumnMetrics, column_metrics
from nnformer_training.results.provenance import current_commit, today
from nnformer_training.results.result_files import Results, column_results
from nnformer_training.training.training_set import TrainingSet, labels_where

Float64 = npt.NDArray[np.float64]
Predictor = Callable[[Float64, Float64, Float64], Float64]
"""(training inputs, training milliseconds, validation inputs) to validation estimates in milliseconds."""

BOOSTING_ITERATIONS = 500


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--cache", type=Path, default=CACHE, help="folder of build-dataset")
    parser.add_argument("--output", type=Path, default=WORK_RESULTS, help="folder of the result files")
    parser.add_argument("--seed", type=int, default=1)


def run(arguments: argparse.Namespace) -> None:
    cache = FeatureCache.open(arguments.cache)
    provenance = {
        "command": "python -m nnformer_training baselines",
        "commit": current_commit(),
        "seed": arguments.seed,
        "data_sha256": TrainingSet.from_cache(cache).sha256,
        "date": today(),
    }
    boosting = boosting_on_logarithms(arguments.seed)
    totals = np.log1p(np.column_stack([cache.graph_totals, np.diff(cache.graph_offsets)]))
    for name, predictor, inputs in (
        ("cost_line", cost_line, lambda graphs: flops_and_bytes(cache.graph_totals[graphs])),
        ("boosting_totals", boosting, lambda graphs: totals[graphs]),
        ("boosting_architecture", boosting, lambda graphs: descriptions(cache, graphs)),
    ):
        metrics = [
            measure(labels_where(cache.labels, cache.labels.column == column), inputs, predictor)
            for column in tqdm(range(len(cache.columns)), desc=name, unit="column", disable=None)
        ]
        counts = np.bincount(cache.labels.column[cache.labels.is_training], minlength=len(cache.columns))
        results = Results(name, provenance, column_results(cache.columns, counts.tolist(), metrics))
        print(results.write(arguments.output))


def measure(labels: Labels, inputs: Callable[[npt.NDArray[np.int64]], Float64], predictor: Predictor) -> ColumnMetrics:
    """One column: fits on its training labels, measures on its validation labels. NaN where either is missing, or where
    networks have no inputs, such as a description."""
    training, validation = labels.is_training, labels.is_validation
    if not training.any() or not validation.any():
        return column_metrics(np.empty(0), np.empty(0))
    training_inputs = inputs(labels.graph[training])
    if training_inputs.shape[1] == 0:
        return column_metrics(np.empty(0), np.empty(0))
    estimates = predictor(training_inputs, labels.milliseconds[training], inputs(labels.graph[validation]))
    return column_metrics(estimates, labels.milliseconds[validation])


def flops_and_bytes(totals: Float64) -> Float64:
    """[graphs, 5] in the order of `TOTALS` to [graphs, 3]: GFLOPs, gigabytes moved, 1."""
    flops = totals[:, TOTALS.index("flops")]
    moved = totals[:, TOTALS.index("bytes_read")] + totals[:, TOTALS.index("bytes_written")]
    return np.column_stack([flops * 1e-9, moved * 1e-9, np.ones(len(totals))])


def cost_line(inputs: Float64, milliseconds: Float64, new_inputs: Float64) -> Float64:
    """Non-negative least squares on the relative error: every estimate is positive where any label is."""
    line = LinearRegression(fit_intercept=False, positive=True)
    line.fit(inputs, milliseconds, sample_weight=1.0 / milliseconds**2)
    return line.predict(new_inputs)


def boosting_on_logarithms(seed: int) -> Predictor:
    def predict(inputs: Float64, milliseconds: Float64, new_inputs: Float64) -> Float64:
        trees = HistGradientBoostingRegressor(max_iter=BOOSTING_ITERATIONS, early_stopping=False, random_state=seed)
        trees.fit(inputs, np.log(milliseconds))
        return np.exp(trees.predict(new_inputs))

    return predict


def descriptions(cache: FeatureCache, graphs: npt.NDArray[np.int64]) -> Float64:
    """One-hot descriptions of graphs that all belong to one label set."""
    (label_set,) = np.unique(cache.label_set_of_graph[graphs])
    first_architecture = sum(len(one.arrays["is_validation"]) for one in cache.label_sets[:label_set])
    rows = cache.graph_architecture[graphs] - first_architecture
    return np.asarray(cache.label_sets[label_set].arrays["descriptions"][rows], np.float64)
