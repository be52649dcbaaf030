"""What a model makes of whole graphs: estimates on every platform, and the point that the training domain sees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from nnformer_training.features.sharing import Int64, share
from nnformer_training.model.nnformer import NNFormer
from nnformer_training.model.packing import Packer
from nnformer_training.model.sparse import multiply

from .training_set import TrainingSet

OPERATOR_PREFIX = "operator:"


@dataclass(frozen=True)
class Representation:
    """Rows belong to the graphs that were asked for. estimates_ms: [graphs, P]; inputs: [graphs, d + V], the mean of
    the nodes' embeddings and the square root of the share that each operator of the vocabulary has of the nodes."""

    estimates_ms: npt.NDArray[np.float64]
    inputs: npt.NDArray[np.float64]


def represent(model: NNFormer, training_set: TrainingSet, graphs: Int64, batch_graphs: int = 256) -> Representation:
    """The graphs of the training set with the given numbers, in that order."""
    shared = share(
        training_set.feature_rows, training_set.graph_offsets, training_set.relations, model.configuration.layers
    )
    packer = Packer(shared, training_set.feature_table, training_set.cost_table, training_set.graph_features)
    sums: list[npt.NDArray[np.float64]] = []
    estimates: list[npt.NDArray[np.float64]] = []

    with torch.no_grad():
        for start in range(0, len(graphs), batch_graphs):
            batch = packer.pack(graphs[start : start + batch_graphs])
            embeddings = model.embeddings(batch)
            sums.append(multiply(batch.pooling, embeddings).double().numpy())
            estimates.append(model.head_of(embeddings, batch)[0].double().numpy())
    node_counts = np.diff(training_set.graph_offsets)[graphs]
    means = np.concatenate(sums) / node_counts[:, None]
    operators = np.sqrt(operator_shares(training_set, graphs))
    return Representation(np.concatenate(estimates), np.column_stack([means, operators]))


def operator_names(feature_names: Sequence[str]) -> list[str]:
    """The vocabulary, in the order of its features; ``unknown`` stands for all others."""
    return [name.removeprefix(OPERATOR_PREFIX) for name in feature_names if name.startswith(OPERATOR_PREFIX)]


def operator_shares(training_set: TrainingSet, graphs: Int64) -> npt.NDArray[np.float64]:
    """What part of each graph's nodes has each operator of the vocabulary: [graphs, V]."""
    columns = [number for number, name in enumerate(training_set.feature_names) if name.startswith(OPERATOR_PREFIX)]
    operator_of_row = training_set.feature_table[:, columns].argmax(axis=1)
    shares = np.empty((len(graphs), len(columns)))
    for position, graph in enumerate(graphs):
        first, end = training_set.graph_offsets[graph : graph + 2]
        operators = operator_of_row[training_set.feature_rows[first:end]]
        shares[position] = np.bincount(operators, minlength=len(columns)) / max(end - first, 1)
    return shares
