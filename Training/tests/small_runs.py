"""Models trained for seconds on synthetic graphs."""

from __future__ import annotations

from pathlib import Path

from synthetic_graphs import synthetic_training_set

from nnformer_training.training.configuration import TrainingConfiguration
from nnformer_training.training.trained_model import TrainedModel
from nnformer_training.training.trainer import Trainer

SEED = 3


def train(directory: Path, head: str, steps: int = 12) -> TrainedModel:
    configuration = TrainingConfiguration.from_mapping(
        {
            "model": {"width": 8, "head_width": 8, "head": head},
            "optimisation": {"batch_graphs": 8, "steps": steps, "learning_rate": 1e-2},
        }
    )
    Trainer(synthetic_training_set(SEED), configuration, directory, commit="test").run()
    return TrainedModel.load(directory)
