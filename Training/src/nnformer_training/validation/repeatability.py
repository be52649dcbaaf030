"""`repeatability`: how well the labels agree with themselves, the floor under every predictor's error.

Isomorphic cells were measured as separate networks, but they are one graph: what their labels differ by is noise of the
measurement. No predictor that sees the graph alone can be expected to do better on new measurements.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import numpy.typing as npt

from nnformer_training.features.feature_cache import FeatureCache
from nnformer_training.locations import CACHE, WORK_RESULTS
from nnformer_training.results.metrics import ColumnMetrics, column_metrics
from nnformer_training.results.provenance import current_commit, today
from nnformer_training.results.result_files import Results, column_results
from nnformer_training.training.training_set import TrainingSet

LEAST_NETWORKS = 100
"""Fewer repeated networks than this say too little about a column."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--cache", type=Path, default=CACHE, help="folder of build-dataset")
    parser.add_argument("--output", type=Path, default=WORK_RESULTS, help="folder of the result files")


def run(arguments: argparse.Namespace) -> None:
    cache = FeatureCache.open(arguments.cache)
    hashes = np.concatenate([one.arrays["graph_hash"] for one in cache.label_sets])
    labels = cache.labels
    metrics = [
        repeat_error(hashes[labels.graph[rows]], labels.milliseconds[rows])
        for rows in (labels.column == column for column in range(len(cache.columns)))
    ]
    provenance = {
        "command": "python -m nnformer_training repeatability",
        "commit": current_commit(),
        "data_sha256": TrainingSet.from_cache(cache).sha256,
        "date": today(),
    }
    results = Results("repeatability", provenance, column_results(cache.columns, [0] * len(metrics), metrics))
    print(results.write(arguments.output))


def repeat_error(hashes: npt.NDArray[np.bytes_], milliseconds: npt.NDArray[np.float64]) -> ColumnMetrics:
    """Metrics of the true latency as a predictor of one measurement, over graphs measured at least twice.

    The true latency is not known, only the mean of k measurements, which one of them lies nearer to by √((k − 1)/k) on
    average: deviations are scaled back by that. NaN metrics for fewer than `LEAST_NETWORKS` networks.
    """
    _, group, sizes = np.unique(hashes, return_inverse=True, return_counts=True)
    means = (np.bincount(group, weights=milliseconds) / sizes)[group]
    repeats = sizes[group]
    is_repeated = repeats > 1
    if is_repeated.sum() < LEAST_NETWORKS:
        return column_metrics(np.empty(0), np.empty(0))
    k, measured = repeats[is_repeated], milliseconds[is_repeated]
    estimates = measured + (means[is_repeated] - measured) * np.sqrt(k / (k - 1))
    return column_metrics(estimates, measured)
