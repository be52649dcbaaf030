"""The weights file of Documentation/Model.md: safetensors with one JSON document as metadata."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import save
from torch import Tensor

from nnformer_training.labels.platforms import Platform
from nnformer_training.model.configuration import HEAD_COUNT, ModelConfiguration
from nnformer_training.model.nnformer import NNFormer
from nnformer_training.results.result_files import ColumnResult

from .training_domain import TrainingDomain

FORMAT_VERSION = 2
METADATA_KEY = "nnformer"
#: What a weights file says of the run that made it.
TRAINING_KEYS = (
    "commit", "seed", "data_sha256", "date", "training_minutes", "epochs", "steps", "configuration",
    "started_from",
)  # fmt: skip
DOMAIN_PREFIX = "training_domain."
"""Of the tensors that say what the model was trained on; a file may lack them."""


@dataclass(frozen=True)
class WeightsFile:
    """document: the JSON metadata; tensors: float32, named and shaped as Model.md says."""

    document: dict[str, Any]
    tensors: dict[str, Tensor]

    @property
    def configuration(self) -> ModelConfiguration:
        d = self.document
        return ModelConfiguration(
            feature_count=d["feature_count"],
            graph_feature_count=d["graph_feature_count"],
            platform_count=len(d["platforms"]),
            layers=d["layers"],
            width=d["width"],
            feedforward_ratio=d["feedforward_ratio"],
            head=d["head"],
            head_width=d["head_width"],
        )

    @classmethod
    def read(cls, path: Path) -> WeightsFile:
        """ValueError where the tensors are not those that the metadata announces."""
        with safe_open(path, framework="pt") as file:
            document = json.loads(file.metadata()[METADATA_KEY])
            weights = cls(document, {name: file.get_tensor(name) for name in sorted(file.keys())})
        shapes = {
            name: tuple(tensor.shape) for name, tensor in weights.tensors.items() if not name.startswith(DOMAIN_PREFIX)
        }
        if shapes != weights.configuration.tensor_shapes():
            raise ValueError(f"{path}: the tensors are not those of the model that the metadata describes")
        return weights

    def with_training_domain(self, domain: TrainingDomain) -> WeightsFile:
        """The same model with what its intervals and in-domain scores rest on, in the place of what it had of that."""
        kept = {name: tensor for name, tensor in self.tensors.items() if not name.startswith(DOMAIN_PREFIX)}
        added = {name: torch.from_numpy(array) for name, array in domain.tensors().items()}
        return WeightsFile({**self.document, "training_domain": domain.document()}, {**kept, **added})

    def model(self) -> NNFormer:
        """The model, which takes raw features."""
        model = NNFormer(self.configuration)
        model.load_exported(self.tensors)
        return model.eval()

    def to_bytes(self) -> bytes:
        contiguous = {name: tensor.to(torch.float32).contiguous() for name, tensor in self.tensors.items()}
        return save(contiguous, {METADATA_KEY: json.dumps(self.document, allow_nan=False)})


def weights_document(
    configuration: ModelConfiguration,
    feature_schema: int,
    training: Mapping[str, Any],
    platforms: Sequence[Platform],
    results: Sequence[ColumnResult],
) -> dict[str, Any]:
    """training: `TRAINING_KEYS`, as far as there was a run. results: listed under the platforms they were measured
    on."""
    return {
        "format_version": FORMAT_VERSION,
        "feature_schema": feature_schema,
        "feature_count": configuration.feature_count,
        "graph_feature_count": configuration.graph_feature_count,
        "layers": configuration.layers,
        "width": configuration.width,
        "heads": HEAD_COUNT,
        "feedforward_ratio": configuration.feedforward_ratio,
        "activation": "relu",
        "head": configuration.head,
        "head_width": configuration.head_width,
        "training": {key: training[key] for key in TRAINING_KEYS if key in training},
        "platforms": [_platform_entry(platform, results) for platform in platforms],
    }


def _platform_entry(platform: Platform, results: Sequence[ColumnResult]) -> dict[str, Any]:
    return {
        "id": platform.id,
        "device": platform.device,
        "runtime": platform.runtime,
        "precision": platform.precision,
        "quantity": platform.quantity.value,
        "source": platform.source,
        "licence": platform.licence,
        "labels": [_label_entry(result) for result in results if result.column.platform_id == platform.id],
    }


def _label_entry(result: ColumnResult) -> dict[str, Any]:
    measured = result.metrics
    return {
        "file": result.column.file,
        "column": result.column.column,
        "family": result.column.family,
        "batch": result.column.batch,
        "training_networks": result.training_networks,
        "validation_networks": measured.networks,
        "mape_percent": _or_null(measured.mape_percent),
        "within_10_percent": _or_null(measured.within_10_percent),
        "spearman": _or_null(measured.spearman),
    }


def _or_null(value: float) -> float | None:
    return None if math.isnan(value) else round(value, 4)
