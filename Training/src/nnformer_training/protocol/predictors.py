"""Everything that the protocol compares, behind one interface: a fold in, estimates of its test labels out."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from nnformer_training.allocator import keep_freed_memory
from nnformer_training.locations import CONFIGURATIONS
from nnformer_training.model.nnformer import NNFormer
from nnformer_training.protocol.folds import Fold
from nnformer_training.results.provenance import current_commit
from nnformer_training.training.configuration import TrainingConfiguration
from nnformer_training.training.trained_model import TrainedModel
from nnformer_training.training.trainer import Trainer
from nnformer_training.training.training_set import TrainingSet, with_configured_data
from nnformer_training.validation.baselines import (
    BOOSTING_ITERATIONS,
    boosting_on_logarithms,
    cost_line,
    flops_and_bytes,
)
from nnformer_training.validation.baselines import Predictor as LabelPredictor
from nnformer_training.validation.evaluate import estimate_where

Float64 = npt.NDArray[np.float64]


@dataclasses.dataclass(frozen=True)
class Task:
    """graph_totals: [graphs, 5]; directory: where a predictor that is trained for long keeps its checkpoints;
    step_share: how many steps it makes, of those that its configuration says."""

    training_set: TrainingSet
    graph_totals: Float64
    fold: Fold
    seed: int
    directory: Path
    step_share: float = 1.0


Settings = dict[str, Any]


@dataclasses.dataclass(frozen=True)
class Predictor:
    """estimate: milliseconds for every test label of the task's fold, in their order; settings: by seed and share of
    steps, what the estimates depend on beside data and code, as JSON has it."""

    estimate: Callable[[Task], Float64]
    settings: Callable[[int, float], Settings]


def _by_platform(predictor: LabelPredictor, inputs: Float64, task: Task) -> Float64:
    """One model a platform, on inputs [graphs, …]."""
    labels, fold = task.training_set.labels, task.fold
    platforms = task.training_set.column_platforms[labels.column]
    estimates = np.full(len(labels.graph), np.nan)
    for platform in np.unique(platforms):
        training, test = fold.is_training & (platforms == platform), fold.is_test & (platforms == platform)
        if test.any():
            estimates[test] = predictor(
                inputs[labels.graph[training]], labels.milliseconds[training], inputs[labels.graph[test]]
            )
    return estimates[fold.is_test]


def _line(task: Task) -> Float64:
    return _by_platform(cost_line, flops_and_bytes(task.graph_totals), task)


def _boosting(task: Task) -> Float64:
    nodes = np.diff(task.training_set.graph_offsets)
    totals = np.column_stack([np.log1p(np.column_stack([task.graph_totals, nodes])), task.training_set.graph_features])
    return _by_platform(boosting_on_logarithms(task.seed), totals, task)


def _graphsage(features: str) -> Predictor:
    """On the features that a configuration's ``data.features`` may name."""

    def estimate(task: Task) -> Float64:
        from nnformer_training.protocol import graphsage

        chosen = task.training_set.with_features(features)
        return graphsage.estimate(chosen, task.fold, task.seed, task.step_share)

    def settings(seed: int, step_share: float) -> Settings:
        from nnformer_training.protocol import graphsage

        return {"features": features, "seed": seed, **graphsage.settings(step_share)}

    return Predictor(estimate, settings)


def train_on(
    training_set: TrainingSet, is_training: npt.NDArray[np.bool_], configuration: TrainingConfiguration, directory: Path
) -> NNFormer:
    """Trains on the chosen labels, and with no other in the trainer's sight, not even to validate."""
    labels = training_set.labels
    split = dataclasses.replace(labels, is_validation=np.zeros(len(labels.graph), bool), is_clean=is_training)
    Trainer(dataclasses.replace(training_set, labels=split), configuration, directory, current_commit()).run()
    return TrainedModel.load(directory).model


def read_configuration(
    name: str, seed: int, overrides: Mapping[str, Mapping[str, Any]] | None = None
) -> TrainingConfiguration:
    """``Training/configs/<name>.toml`` but for the overrides and the seed."""
    return TrainingConfiguration.read(CONFIGURATIONS / f"{name}.toml", {**(overrides or {}), "run": {"seed": seed}})


def trained(configuration_name: str, overrides: Mapping[str, Mapping[str, Any]] | None = None) -> Predictor:
    """NN-Former trained as ``Training/configs/<name>.toml`` says, but for the task's seed and the overrides."""

    def configured(seed: int, step_share: float) -> TrainingConfiguration:
        return read_configuration(configuration_name, seed, overrides).with_steps(step_share)

    def estimate(task: Task) -> Float64:
        keep_freed_memory()
        configuration = configured(task.seed, task.step_share)
        torch.set_num_threads(configuration.run.threads)
        training_set = with_configured_data(task.training_set, configuration)
        is_training = task.fold.is_training & training_set.labels.is_clean
        model = train_on(training_set, is_training, configuration, task.directory)
        return estimate_where(model, training_set, task.fold.is_test)

    return Predictor(estimate, lambda seed, step_share: configured(seed, step_share).beside_defaults())


PREDICTORS: dict[str, Predictor] = {
    "line": Predictor(_line, lambda seed, step_share: {}),
    "boosting": Predictor(_boosting, lambda seed, step_share: {"seed": seed, "iterations": BOOSTING_ITERATIONS}),
    "graphsage": _graphsage("reference"),
    "graphsage_physical": _graphsage("all"),
    "paper": trained("protocol_paper"),
    "nnformer": trained("protocol"),
}
"""By name: a line on FLOPs and bytes, boosting on graph totals, GraphSAGE and the paper's configuration on the features
that NNLQP and the paper describe a node by, GraphSAGE on this library's features, this library's network."""

COMPARED = tuple(name for name in PREDICTORS if name != "graphsage_physical")
"""Those of the protocol's tables. How much is due to the features alone is asked of the tuning fold."""
