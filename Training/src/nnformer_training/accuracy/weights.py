"""The accuracy weights file of Documentation/Accuracy.md: safetensors, one model a search space."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import nnformer
import torch
from safetensors import safe_open
from safetensors.torch import save
from torch import Tensor

from nnformer_training.model.configuration import HEAD_COUNT

from .label_scale import LabelScale
from .network import AccuracyNetwork

FORMAT_VERSION = 1
METADATA_KEY = "nnformer_accuracy"


@dataclass(frozen=True)
class DatasetEntry:
    """One output of a model; kendall_tau on the validation cells."""

    id: str
    quantity: str
    source: str
    licence: str
    training_cells: int
    validation_cells: int
    kendall_tau: float
    scale: LabelScale


@dataclass(frozen=True)
class TrainingEntry:
    """Of one member: the commit that trained it, its seed, and when."""

    commit: str
    seed: int
    date: str


@dataclass(frozen=True)
class SpaceModel:
    """networks: the members, of one configuration; their first outputs are the datasets'. trainings: of the members."""

    space: str
    networks: Sequence[AccuracyNetwork]
    datasets: Sequence[DatasetEntry]
    trainings: Sequence[TrainingEntry]


def accuracy_weights(models: Sequence[SpaceModel]) -> bytes:
    library = nnformer.Library.default()
    document = {
        "format_version": FORMAT_VERSION,
        "cell_schema": library.nnformer_cell_schema_version(),
        "feature_count": library.nnformer_cell_feature_count(),
        "heads": HEAD_COUNT,
        "models": [_model_entry(model) for model in models],
    }
    tensors = {
        f"{model.space}.{number}.{name}": _exported(name, parameter.detach(), len(model.datasets))
        for model in models
        for number, network in enumerate(model.networks)
        for name, parameter in network.named_parameters()
    }
    return save(tensors, {METADATA_KEY: json.dumps(document, allow_nan=False)})


def _exported(name: str, tensor: Tensor, dataset_count: int) -> Tensor:
    """Outputs beyond the datasets' were further targets, of use in training alone."""
    kept = tensor[:dataset_count] if name.startswith("head.") else tensor
    return kept.to(torch.float32).contiguous().clone()


def _model_entry(model: SpaceModel) -> dict[str, Any]:
    c = model.networks[0].configuration
    return {
        "space": model.space, "members": len(model.networks),
        "layers": c.layers, "width": c.width, "feedforward_ratio": c.feedforward_ratio, "activation": "relu",
        "training": [asdict(one) for one in model.trainings],
        "datasets": [
            {
                "id": one.id, "quantity": one.quantity, "source": one.source, "licence": one.licence,
                "training_cells": one.training_cells, "validation_cells": one.validation_cells,
                "kendall_tau": round(one.kendall_tau, 4),
                "ceiling_percent": one.scale.ceiling_percent, "mean": one.scale.mean, "deviation": one.scale.deviation,
            }
            for one in model.datasets
        ],
    }  # fmt: skip


@dataclass(frozen=True)
class ReadModel:
    """What a file holds of one space: its entry of the metadata, and its members' tensors."""

    entry: dict[str, Any]
    tensors: tuple[dict[str, Tensor], ...]


def read_accuracy_weights(path: Path) -> dict[str, ReadModel]:
    """Models by space."""
    with safe_open(path, framework="pt") as file:
        document = json.loads(file.metadata()[METADATA_KEY])
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    models = {}
    for entry in document["models"]:
        prefixes = [f"{entry['space']}.{number}." for number in range(entry["members"])]
        members = tuple(
            {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}
            for prefix in prefixes
        )
        models[entry["space"]] = ReadModel(entry, members)
    return models
