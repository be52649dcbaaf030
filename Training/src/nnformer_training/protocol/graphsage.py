"""A graph network of the kind that NNLQP uses (Liu et al., ICPP 2022), as a baseline: GraphSAGE layers over the edges
of the graph, summed nodes joined with the graph's totals, one output a platform.

Hamilton et al., NeurIPS 2017, through torch-geometric. `predictors` says which features nodes have.
"""

from __future__ import annotations

import copy
import itertools

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch_geometric.data import Batch, Data
from torch_geometric.nn import SAGEConv, global_add_pool

from nnformer_training.model.nnformer import Normaliser
from nnformer_training.protocol.folds import Fold
from nnformer_training.training.schedule import WeightAverage, learning_rate_factor
from nnformer_training.training.training_set import TrainingSet

WIDTH = 128
LAYERS = 3
STEPS = 5000
BATCH_GRAPHS = 32
LEARNING_RATE = 1e-3
WARM_UP_FRACTION = 0.05
AVERAGE_DECAY = 0.995
UNTESTED_WEIGHT = 0.2
"""See `ObjectiveSection`."""


class GraphSage(nn.Module):
    """Graphs to logarithms of milliseconds."""

    def __init__(self, node: Normaliser, graph: Normaliser, platform_count: int) -> None:
        super().__init__()
        self.node, self.graph = node, graph
        widths = [len(node.mean), *([WIDTH] * LAYERS)]
        self.convolutions = nn.ModuleList(
            SAGEConv(inputs, outputs, normalize=True) for inputs, outputs in itertools.pairwise(widths)
        )
        self.hidden = nn.Linear(WIDTH + len(graph.mean), WIDTH)
        self.output = nn.Linear(WIDTH, platform_count)

    def forward(self, batch: Batch) -> Tensor:
        """Returns [graphs, P]."""
        x = (batch.x - self.node.mean) * self.node.reciprocal
        for convolution in self.convolutions:
            x = torch.relu(convolution(x, batch.edge_index))
        pooled = global_add_pool(x, batch.batch, size=batch.num_graphs)
        totals = (batch.totals - self.graph.mean) * self.graph.reciprocal
        return self.output(torch.relu(self.hidden(torch.cat([pooled, totals], dim=1))))


def settings(step_share: float) -> dict[str, float]:
    """What an estimate depends on beside data, features, seed and code."""
    return {
        "width": WIDTH,
        "layers": LAYERS,
        "steps": round(step_share * STEPS),
        "batch_graphs": BATCH_GRAPHS,
        "learning_rate": LEARNING_RATE,
        "warm_up_fraction": WARM_UP_FRACTION,
        "average_decay": AVERAGE_DECAY,
        "untested_weight": UNTESTED_WEIGHT,
    }


def estimate(training_set: TrainingSet, fold: Fold, seed: int, step_share: float) -> npt.NDArray[np.float64]:
    """Trains on the fold, for that share of `STEPS`, and returns the estimate for every test label, in milliseconds."""
    torch.manual_seed(seed)
    labels, platforms = training_set.labels, training_set.column_platforms
    graphs = {int(graph): _data(training_set, int(graph)) for graph in np.unique(labels.graph)}
    targets, weights = _targets(training_set, fold.is_training)
    trained = np.unique(labels.graph[fold.is_training])
    model = GraphSage(
        Normaliser.fit(torch.cat([graphs[int(graph)].x for graph in trained])),
        Normaliser.fit(torch.cat([graphs[int(graph)].totals for graph in trained])),
        len(training_set.platform_ids),
    )
    with torch.no_grad():
        model.output.bias.copy_(torch.nanmean(targets[trained], dim=0))
    averaged, average = copy.deepcopy(model), WeightAverage(model.parameters(), AVERAGE_DECAY)
    optimiser = torch.optim.AdamW(model.parameters(), lr=LEARNING_RATE)
    generator = np.random.default_rng(seed)
    batches_per_epoch = -(-len(trained) // BATCH_GRAPHS)
    steps = round(step_share * STEPS)
    for step in range(steps):
        if step % batches_per_epoch == 0:
            order = generator.permutation(trained)
        start = step % batches_per_epoch * BATCH_GRAPHS
        chosen = order[start : start + BATCH_GRAPHS]
        difference = model(Batch.from_data_list([graphs[int(graph)] for graph in chosen])) - targets[chosen]
        loss = torch.nansum(weights[chosen] * difference.abs()) / weights[chosen].sum()
        optimiser.zero_grad()
        loss.backward()
        for group in optimiser.param_groups:
            group["lr"] = LEARNING_RATE * learning_rate_factor(step / steps, WARM_UP_FRACTION)
        optimiser.step()
        average.update(model.parameters(), step + 1)
    average.copy_to(averaged.parameters())
    return _estimates(averaged, graphs, labels.graph[fold.is_test], platforms[labels.column[fold.is_test]])


def _estimates(
    model: GraphSage, graphs: dict[int, Data], wanted: npt.NDArray[np.int64], platforms: npt.NDArray[np.int64]
) -> npt.NDArray[np.float64]:
    numbers, positions = np.unique(wanted, return_inverse=True)
    rows = []
    with torch.no_grad():
        for start in range(0, len(numbers), 256):
            batch = Batch.from_data_list([graphs[int(graph)] for graph in numbers[start : start + 256]])
            rows.append(model(batch).double().exp().numpy())
    return np.concatenate(rows)[positions, platforms]


def _targets(training_set: TrainingSet, is_training: npt.NDArray[np.bool_]) -> tuple[Tensor, Tensor]:
    """Logarithms of milliseconds, NaN where there is no training label, and weights, 0 there; both [graphs, P]."""
    labels = training_set.labels
    shape = training_set.graph_count, len(training_set.platform_ids)
    targets, weights = np.full(shape, np.nan, np.float32), np.zeros(shape, np.float32)
    graph, column = labels.graph[is_training], labels.column[is_training]
    factors = training_set.column_factors(UNTESTED_WEIGHT)
    targets[graph, training_set.column_platforms[column]] = np.log(labels.milliseconds[is_training])
    weights[graph, training_set.column_platforms[column]] = factors[column]
    return torch.from_numpy(targets), torch.from_numpy(weights)


def _data(training_set: TrainingSet, graph: int) -> Data:
    first, last = training_set.graph_offsets[graph : graph + 2]
    rows = training_set.feature_rows[first:last]
    offsets, indices = training_set.relations.successors.offsets, training_set.relations.successors.indices
    start, stop = offsets[first], offsets[last]
    parents = np.repeat(np.arange(last - first), np.diff(offsets[first : last + 1]))
    edges = np.stack([parents, indices[start:stop] - first])
    return Data(
        x=torch.from_numpy(training_set.feature_table[rows]),
        edge_index=torch.from_numpy(edges.astype(np.int64)),
        totals=torch.from_numpy(training_set.graph_features[graph : graph + 1]),
    )
