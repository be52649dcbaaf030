"""``protocol``: measure predictors on folds of the protocol, one result file a predictor, fold and seed.

What has a file is not measured again, so a long run can be stopped and goes on; a file of labels or settings that have
changed since is measured anew. The data are the networks measured here, or with ``--label-set nnlq`` those that
``build-dataset --nnlq FOLDER`` read.
"""

from __future__ import annotations

import argparse
import itertools
import shutil
import time
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

import numpy as np
from tqdm import tqdm

from nnformer_training.features.feature_cache import FeatureCache
from nnformer_training.labels.label_sets import MEASURED, PROFILED
from nnformer_training.locations import CACHE, RUNS
from nnformer_training.protocol.experiments import read_experiments
from nnformer_training.protocol.folds import (
    IN_DOMAIN,
    LEAVE_ONE_OUT,
    SEEDS,
    STEP_SHARE,
    TEN_ONLY,
    TUNING,
    Fold,
    in_domain,
    label_families,
    leave_one_out,
    tuning,
)
from nnformer_training.protocol.predictors import COMPARED, PREDICTORS, Task
from nnformer_training.protocol.result_tables import PROTOCOL_DIRECTORY, is_current, write_result
from nnformer_training.results.provenance import current_commit
from nnformer_training.training.training_set import TrainingSet
from nnformer_training.zoo import NNLQ_FAMILIES


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--predictor", action="append", choices=PREDICTORS, help=f"default: {', '.join(COMPARED)}; may be repeated"
    )
    parser.add_argument(
        "--experiment", action="append", metavar="NAME",
        help="instead of the predictors, one of Training/configs/experiments.toml, or all; may be repeated",
    )  # fmt: skip
    parser.add_argument(
        "--protocol", action="append", choices=(IN_DOMAIN, LEAVE_ONE_OUT, TEN_ONLY, TUNING),
        help=f"default: {IN_DOMAIN} and {LEAVE_ONE_OUT}; {TEN_ONLY} trains on NNLQ's other nine families alone, "
        f"{TUNING} is for choosing between configurations",
    )  # fmt: skip
    parser.add_argument("--family", action="append", help="leave out this one (default: each of NNLQ's ten)")
    parser.add_argument("--seed", type=int, action="append", help=f"default: {SEEDS}")
    parser.add_argument("--label-set", default=MEASURED.name, help="name of the data in the cache")
    parser.add_argument("--cache", type=Path, default=CACHE, help="folder of build-dataset")
    parser.add_argument("--output", type=Path, default=PROTOCOL_DIRECTORY)
    parser.add_argument("--runs", type=Path, default=RUNS / "protocol", help="checkpoints")


def run(arguments: argparse.Namespace) -> None:
    with_further = [arguments.label_set, *([PROFILED.name] if arguments.label_set == MEASURED.name else [])]
    cache = FeatureCache.open(arguments.cache, with_further)
    training_set = TrainingSet.from_cache(cache)
    predictors = {name: PREDICTORS[name] for name in arguments.predictor or COMPARED}
    if arguments.experiment:
        known = read_experiments()
        names = known if "all" in arguments.experiment else arguments.experiment
        _refuse_unknown("experiment", names, known)
        predictors = {name: known[name].predictor for name in names}
    _refuse_unknown("family", arguments.family or (), set(label_families(training_set).tolist()))
    protocols = arguments.protocol or (IN_DOMAIN, LEAVE_ONE_OUT)
    tasks = itertools.product(arguments.seed or SEEDS, protocols, predictors)
    for seed, protocol, predictor in tqdm(list(tasks), unit="task", disable=None):
        share = STEP_SHARE[protocol]
        settings = predictors[predictor].settings(seed, share)
        for fold in _folds(training_set, protocol, seed, arguments.family):
            stem = f"{predictor}.{protocol}.{fold.name}.{seed}"
            path = arguments.output / arguments.label_set / f"{stem}.csv"
            directory = arguments.runs / arguments.label_set / stem
            if is_current(path, settings, _labels(training_set, fold)):
                continue
            if path.exists():
                shutil.rmtree(directory, ignore_errors=True)
            provenance = {"settings": settings, "commit": current_commit()}
            started = time.monotonic()
            task = Task(training_set, cache.graph_totals, fold, seed, directory, share)
            estimates = predictors[predictor].estimate(task)
            write_result(path, provenance, _rows(training_set, fold, estimates))
            labels = training_set.labels.milliseconds[fold.is_test]
            error = 100.0 * np.mean(np.abs(estimates - labels) / labels)
            tqdm.write(f"{stem}: {error:.2f} % in {time.monotonic() - started:.0f} s")


def _refuse_unknown(what: str, names: Iterable[str], known: Collection[str]) -> None:
    unknown = sorted(set(names) - set(known))
    if unknown:
        raise SystemExit(f"no {what} is called {', '.join(unknown)}; there are {', '.join(sorted(known))}")


def _folds(training_set: TrainingSet, protocol: str, seed: int, families: list[str] | None) -> list[Fold]:
    if protocol == IN_DOMAIN:
        return [in_domain(training_set, seed)]
    if protocol == TUNING:
        return [tuning(training_set)]
    present = set(label_families(training_set).tolist())
    ten = [family for family in NNLQ_FAMILIES if family in present] or sorted(present)
    only = ten if protocol == TEN_ONLY else ()
    return [leave_one_out(training_set, family, only) for family in families or ten]


def _labels(training_set: TrainingSet, fold: Fold) -> list[str]:
    """The test labels as result files have them."""
    return [f"{latency:.5g}" for latency in training_set.labels.milliseconds[fold.is_test]]


def _rows(training_set: TrainingSet, fold: Fold, estimates: np.ndarray) -> Iterator[tuple[object, ...]]:
    """By test label, what `result_tables.TITLES` names."""
    labels, families = training_set.labels, label_families(training_set)
    platforms = np.array(training_set.platform_ids)[training_set.column_platforms[labels.column]]
    for row, latency, estimate in zip(
        np.flatnonzero(fold.is_test), _labels(training_set, fold), estimates, strict=True
    ):
        network = training_set.networks[labels.graph[row]]
        yield network, families[row], platforms[row], latency, f"{estimate:.5g}"
