"""NN-Former for cells: the latency model's layers over cells and their tokens, a linear head on the class token."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor, nn

from nnformer_training.model.configuration import NORM_EPSILON
from nnformer_training.model.nnformer import Layer
from nnformer_training.model.packing import PackedBatch
from nnformer_training.model.sparse import multiply

INITIAL_LAYER_SCALE = 0.1


@dataclass(frozen=True)
class AccuracyConfiguration:
    """Sizes of one network; `Documentation/Accuracy.md`."""

    feature_count: int
    target_count: int
    layers: int = 4
    width: int = 64
    feedforward_ratio: int = 2


class AccuracyNetwork(nn.Module):
    """Packed cells (`CellPacker`) to standardised accuracies (`LabelScale`)."""

    def __init__(self, configuration: AccuracyConfiguration) -> None:
        super().__init__()
        c = configuration
        self.configuration = c
        self.embed = nn.Linear(c.feature_count, c.width)
        self.layers = nn.ModuleList(Layer(c.width, c.feedforward_ratio, INITIAL_LAYER_SCALE) for _ in range(c.layers))
        self.final_norm = nn.LayerNorm(c.width, eps=NORM_EPSILON)
        self.head = nn.Linear(c.width, c.target_count)

    def forward(self, batch: PackedBatch) -> Tensor:
        """[cells, targets]. Only rows that a class token needs are there: the last stage's are the class tokens."""
        x = self.embed(batch.features)
        for index, layer in enumerate(self.layers):
            x = layer(x, batch.stages[2 * index], batch.stages[2 * index + 1])
        return multiply(batch.pooling, self.head(self.final_norm(x)))
