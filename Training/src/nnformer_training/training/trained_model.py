"""The averaged weights of a training run, and what they were trained with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nnformer_training.model.configuration import ModelConfiguration
from nnformer_training.model.nnformer import NNFormer

from .checkpoint import load_checkpoint
from .configuration import TrainingConfiguration
from .schedule import WeightAverage
from .trainer import CHECKPOINT_NAME, Position
from .training_set import TrainingSet
from .weights_file import WeightsFile


@dataclass(frozen=True)
class TrainedModel:
    """model: with averaged weights, its normaliser apart. platform_ids: in the order of the model's outputs."""

    model: NNFormer
    platform_ids: tuple[str, ...]
    training: TrainingConfiguration
    data_sha256: str
    commit: str
    position: Position
    started_from: dict[str, Any]
    """`description` of the run whose weights this one began with; empty for random weights."""

    def description(self) -> dict[str, Any]:
        """For a run that starts from this one."""
        return {
            "commit": self.commit,
            "training_minutes": round(self.position.elapsed_seconds / 60.0, 1),
            "configuration": self.training.as_mapping(),
            "started_from": self.started_from,
        }

    def require_data(self, training_set: TrainingSet) -> None:
        """ValueError where the model was trained on other data: its split may have been another."""
        if self.data_sha256 != training_set.sha256 or self.platform_ids != training_set.platform_ids:
            raise ValueError(
                f"the model was trained on other data (sha256 {self.data_sha256[:12]}…) than this cache holds"
                f" ({training_set.sha256[:12]}…); train again, or build that cache"
            )

    @classmethod
    def from_weights(cls, path: Path) -> TrainedModel:
        """From an exported file: the same estimates but for rounding, its normaliser being folded into the weights."""
        weights = WeightsFile.read(path)
        training = weights.document["training"]
        return cls(
            weights.model(),
            tuple(platform["id"] for platform in weights.document["platforms"]),
            TrainingConfiguration.from_mapping(training["configuration"]),
            training["data_sha256"],
            training["commit"],
            Position(training["steps"], training["epochs"], 0, 60.0 * training["training_minutes"]),
            training.get("started_from", {}),
        )

    @classmethod
    def load(cls, run_directory: Path) -> TrainedModel:
        """FileNotFoundError where the run has no checkpoint."""
        path = run_directory / CHECKPOINT_NAME
        state = load_checkpoint(path)
        if state is None:
            raise FileNotFoundError(f"{path}: no checkpoint; run train first")
        model = NNFormer(ModelConfiguration(**state["model_configuration"]))
        model.load_state_dict(state["model"])
        average = WeightAverage(model.parameters(), decay=0.0)
        average.tensors = state["average"]
        average.copy_to(model.parameters())
        provenance: dict[str, Any] = state["provenance"]
        return cls(
            model.eval(),
            tuple(state["platform_ids"]),
            TrainingConfiguration.from_mapping(provenance["configuration"]),
            provenance["data_sha256"],
            provenance["commit"],
            Position(**state["position"]),
            provenance.get("started_from", {}),
        )
