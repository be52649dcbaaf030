"""Baseline: graph convolutions (Kipf & Welling, ICLR 2017) over encoded cells, as in BRP-NAS (NeurIPS 2020)."""

from __future__ import annotations

import itertools

import numpy as np
import numpy.typing as npt
import torch
from scipy.sparse import csr_array
from torch import Tensor, nn
from torch_geometric.nn import DenseGCNConv

from nnformer_training.features.sharing import Int64
from nnformer_training.training.schedule import learning_rate_factor

from .cell_encoding import CellEncoding

Float64 = npt.NDArray[np.float64]

WIDTH, LAYERS = 128, 4
STEPS, BATCH_CELLS, LEARNING_RATE = 600, 128, 3e-3


class GraphConvolutions(nn.Module):
    def __init__(self, feature_count: int, target_count: int) -> None:
        super().__init__()
        widths = [feature_count, *[WIDTH] * LAYERS]
        self.layers = nn.ModuleList(DenseGCNConv(a, b) for a, b in itertools.pairwise(widths))
        self.head = nn.Linear(WIDTH, target_count)

    def forward(self, x: Tensor, adjacency: Tensor, mask: Tensor) -> Tensor:
        """x: [cells, n, f]; adjacency: [cells, n, n]; mask: [cells, n], 1 for nodes. Returns [cells, targets]."""
        for layer in self.layers:
            x = torch.relu(layer(x, adjacency, mask))
        return self.head((x * mask[..., None]).sum(dim=1) / mask.sum(dim=1, keepdim=True))


def gcn_estimates(encoding: CellEncoding, cells: Int64, targets: Float64, seed: int) -> Float64:
    """Learns [cells, targets], estimates every cell."""
    torch.manual_seed(seed)
    generator = np.random.default_rng(seed)
    x, adjacency, mask = dense_cells(encoding)
    labels = torch.from_numpy(targets.astype(np.float32))
    network = GraphConvolutions(x.shape[2], targets.shape[1])
    optimiser = torch.optim.AdamW(network.parameters(), lr=LEARNING_RATE, weight_decay=1e-3, fused=True)
    for step in range(STEPS):
        chosen = generator.permutation(len(cells))[:BATCH_CELLS]
        for group in optimiser.param_groups:
            group["lr"] = LEARNING_RATE * learning_rate_factor((step + 1) / STEPS, 0.05)
        inputs = torch.from_numpy(cells[chosen])
        loss = ((network(x[inputs], adjacency[inputs], mask[inputs]) - labels[torch.from_numpy(chosen)]) ** 2).mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    with torch.no_grad():
        return (
            torch.cat([network(*part) for part in zip(*(t.split(1024) for t in (x, adjacency, mask)))]).double().numpy()
        )


def dense_cells(encoding: CellEncoding) -> tuple[Tensor, Tensor, Tensor]:
    """Nodes without tokens, padded: features, undirected adjacency, mask."""
    count, first, sizes = encoding.cell_count, encoding.first_node, encoding.node_counts
    starts = first + np.concatenate([[0], np.cumsum(sizes)[:-1]])
    features = encoding.feature_table[encoding.feature_rows]
    widest = int(sizes.max())
    positions = starts[:, None] + np.arange(widest)
    mask = np.arange(widest) < sizes[:, None]
    positions = np.where(mask, positions, 0)
    sources, readers = encoding.edges
    ones = np.ones(len(sources), np.float32)
    edges = csr_array((ones, (sources, readers)), shape=(len(features), len(features)))
    edges = edges + edges.T
    cell_of_node = np.repeat(np.arange(count), sizes)
    adjacency = np.zeros((count, widest, widest), np.float32)
    pairs = edges.tocoo()
    cell = cell_of_node[pairs.row - first]
    adjacency[cell, pairs.row - starts[cell], pairs.col - starts[cell]] = 1
    x = np.where(mask[..., None], features[positions], 0).astype(np.float32)
    return torch.from_numpy(x), torch.from_numpy(adjacency), torch.from_numpy(mask.astype(np.float32))
