"""`train`: train a model, or go on with an interrupted run."""

from __future__ import annotations

import argparse
from pathlib import Path

import torch

from nnformer_training.allocator import keep_freed_memory
from nnformer_training.locations import CACHE, CONFIGURATIONS, RUNS
from nnformer_training.results.provenance import current_commit

from .configuration import TrainingConfiguration
from .trained_model import TrainedModel
from .trainer import Trainer
from .training_set import open_training_set

DEFAULT_CONFIGURATION = CONFIGURATIONS / "shipped.toml"
DEFAULT_RUN_DIRECTORY = RUNS / "shipped"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", type=Path, default=DEFAULT_CONFIGURATION, help="TOML file")
    parser.add_argument("--cache", type=Path, default=CACHE, help="folder of build-dataset")
    parser.add_argument(
        "--run", dest="run_directory", type=Path, default=DEFAULT_RUN_DIRECTORY,
        help="folder of checkpoints and log; a run found there is continued",
    )  # fmt: skip
    parser.add_argument("--minutes", type=float, help="replaces optimisation.time_budget_minutes")
    parser.add_argument("--start-from", type=Path, help="weights file, or folder of a finished run, to begin with")
    parser.add_argument("--seed", type=int, help="replaces run.seed")


def run(arguments: argparse.Namespace) -> None:
    overrides: dict[str, dict[str, object]] = {}
    if arguments.minutes is not None:
        overrides["optimisation"] = {"time_budget_minutes": arguments.minutes, "steps": 0}
    if arguments.seed is not None:
        overrides["run"] = {"seed": arguments.seed}
    configuration = TrainingConfiguration.read(arguments.config, overrides)
    keep_freed_memory()
    torch.set_num_threads(configuration.run.threads)
    training_set = open_training_set(arguments.cache, configuration)
    trainer = Trainer(training_set, configuration, arguments.run_directory, current_commit())
    if arguments.start_from:
        is_run = arguments.start_from.is_dir()
        first = (TrainedModel.load if is_run else TrainedModel.from_weights)(arguments.start_from)
        trainer.start_from(first.model, first.platform_ids, first.description())
    for label_set, error in trainer.run().items():
        print(f"{label_set}: median validation error {error:.2f} %")
