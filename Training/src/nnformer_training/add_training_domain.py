"""``add-training-domain``: give a weights file its intervals and in-domain scores, as ``export`` does with a run's.

The model stays as it is, bit for bit; the data set must be the one that it was trained on.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch

from .dataset import DEFAULT_CACHE_DIRECTORY
from .feature_cache import FeatureCache
from .label_sets import LABEL_SETS
from .training_domain import fit_training_domain
from .training_set import TrainingSet
from .weights_file import WeightsFile


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("weights", type=Path, help="safetensors file, replaced")
    parser.add_argument("--cache", type=Path, default=DEFAULT_CACHE_DIRECTORY, help="folder of build-dataset")
    parser.add_argument(
        "--label-set", action="append", choices=LABEL_SETS, help="what it was trained on (default: all of the cache)"
    )
    parser.add_argument("--threads", type=int, default=2)


def run(arguments: argparse.Namespace) -> None:
    torch.set_num_threads(arguments.threads)
    weights = WeightsFile.read(arguments.weights)
    cache = FeatureCache.open(arguments.cache, arguments.label_set)
    training_set = TrainingSet.from_cache(cache)
    platform_ids = tuple(platform["id"] for platform in weights.document["platforms"])
    if platform_ids != training_set.platform_ids:
        raise SystemExit(
            f"{arguments.weights} was trained on other platforms than the label sets have: choose with --label-set"
        )
    labels = training_set.labels
    domain, _ = fit_training_domain(
        weights.model(), training_set, labels.is_training, labels.is_validation
    )
    arguments.weights.write_bytes(weights.with_training_domain(domain).to_bytes())
    print(f"{arguments.weights}: {len(domain.groups)} groups, {len(domain.references)} references")
