"""``add-training-domain``: give a weights file its intervals and in-domain scores, as ``export`` does with a run's.

The model stays as it is, bit for bit; the data set must be the one that it was trained on.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch

from nnformer_training.locations import CACHE
from nnformer_training.training.trained_model import TrainedModel
from nnformer_training.training.training_domain import fit_training_domain
from nnformer_training.training.training_set import open_training_set
from nnformer_training.training.weights_file import WeightsFile


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("weights", type=Path, help="safetensors file, replaced")
    parser.add_argument("--cache", type=Path, default=CACHE, help="folder of build-dataset")
    parser.add_argument("--threads", type=int, default=2)


def run(arguments: argparse.Namespace) -> None:
    torch.set_num_threads(arguments.threads)
    trained = TrainedModel.from_weights(arguments.weights)
    training_set = open_training_set(arguments.cache, trained.training)
    trained.require_data(training_set)
    labels = training_set.labels
    domain, _ = fit_training_domain(trained.model, training_set, labels.is_training, labels.is_validation)
    weights = WeightsFile.read(arguments.weights).with_training_domain(domain)
    arguments.weights.write_bytes(weights.to_bytes())
    print(f"{arguments.weights}: {len(domain.groups)} groups, {len(domain.references)} references")
