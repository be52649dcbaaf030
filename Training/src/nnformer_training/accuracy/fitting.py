"""Training one accuracy network."""

from __future__ import annotations

import copy
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from nnformer_training.features.sharing import Int64
from nnformer_training.training.schedule import WeightAverage, learning_rate_factor

from .cell_encoding import CellPacker
from .network import AccuracyNetwork

Float64 = npt.NDArray[np.float64]

CELLS_PER_FORWARD = 512


@dataclass(frozen=True)
class FittingConfiguration:
    """pairwise_weight: of the L1 loss on differences between the cells of a batch, beside the squared error. The
    paper's third term, consistency between isomorphic forms of a cell, is always 0: they have one encoding."""

    steps: int = 900
    batch_cells: int = 128
    learning_rate: float = 3e-3
    weight_decay: float = 1e-2
    warm_up_fraction: float = 0.05
    gradient_norm: float = 1.0
    average_decay: float = 0.995
    pairwise_weight: float = 0.2


def fit(
    network: AccuracyNetwork,
    packer: CellPacker,
    cells: Int64,
    targets: Float64,
    target_weights: Float64,
    configuration: FittingConfiguration,
    seed: int,
) -> AccuracyNetwork:
    """Trains on `cells` with `targets` [cells, targets]; returns the average of the weights.

    target_weights: [targets].
    """
    c = configuration
    generator = np.random.default_rng(seed)
    labels = torch.from_numpy(targets.astype(np.float32))
    weights = torch.from_numpy((target_weights / target_weights.sum()).astype(np.float32))
    decayed = [parameter for parameter in network.parameters() if parameter.ndim > 1]
    plain = [parameter for parameter in network.parameters() if parameter.ndim <= 1]
    groups = [{"params": decayed, "weight_decay": c.weight_decay}, {"params": plain, "weight_decay": 0.0}]
    optimiser = torch.optim.AdamW(groups, lr=c.learning_rate, betas=(0.9, 0.99), fused=True)
    average = WeightAverage(network.parameters(), c.average_decay)
    order = np.empty(0, np.int64)
    for step in range(c.steps):
        while len(order) < min(c.batch_cells, len(cells)):
            order = np.concatenate([order, generator.permutation(len(cells))])
        chosen, order = order[: c.batch_cells], order[c.batch_cells :]
        for group in optimiser.param_groups:
            group["lr"] = c.learning_rate * learning_rate_factor((step + 1) / c.steps, c.warm_up_fraction)
        wanted = labels[torch.from_numpy(chosen)]
        estimates = network(packer.packer.pack(cells[chosen]))
        loss = supervised_loss(estimates, wanted, weights, c.pairwise_weight, generator)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), c.gradient_norm)
        optimiser.step()
        average.update(network.parameters(), step)
    averaged = copy.deepcopy(network)
    average.copy_to(averaged.parameters())
    return averaged


def supervised_loss(
    estimates: Tensor, wanted: Tensor, weights: Tensor, pairwise_weight: float, generator: np.random.Generator
) -> Tensor:
    """The paper's: squared error plus L1 on differences, here between each cell and a random other of the batch.
    estimates, wanted: [cells, targets]; weights: [targets], of sum 1."""
    errors = estimates - wanted
    partners = torch.from_numpy(generator.permutation(len(errors)))
    per_target = (errors**2).mean(dim=0) + pairwise_weight * (errors - errors[partners]).abs().mean(dim=0)
    return (per_target * weights).sum()


def estimate(network: AccuracyNetwork, packer: CellPacker, cells: Int64) -> Float64:
    """[cells, targets]; cells that the network cannot tell apart are computed once."""
    distinct, positions = np.unique(packer.representatives[cells], return_inverse=True)
    parts = np.array_split(distinct, max(1, len(distinct) // CELLS_PER_FORWARD))
    with torch.no_grad():
        estimates = torch.cat([network(packer.packer.pack(part)) for part in parts])
    return estimates.double().numpy()[positions.reshape(-1)]
