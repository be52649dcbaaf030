"""Kernels as targets of the additive head."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from nnformer_training.features.sharing import Lists
from nnformer_training.training.kernel_targets import KernelTargets


def test_groups_share_what_the_base_leaves_of_a_latency() -> None:
    """Of 2 ms, 0.4 belong to no node: a group of three quarters of the kernels' time is to take 1.2."""
    targets = KernelTargets(
        entry_rows=np.array([0, 1, 1]),
        entry_groups=np.array([0, 0, 1]),
        group_platforms=np.array([0, 0]),
        group_milliseconds=np.array([1.5, 0.5], np.float32),
        group_shares=np.array([0.75, 0.25], np.float32),
        entries_by_graph=Lists(np.array([0, 3]), np.array([0, 1, 2])),
        groups_by_graph=Lists(np.array([0, 2]), np.array([0, 1])),
    )

    def loss(contributions: list[list[float]], base: float) -> float:
        rows, bases = torch.tensor(contributions), torch.tensor([base])
        return float(targets.loss(np.array([0]), rows, bases, lambda numbers: numbers, torch.ones(1), delta=1e-3))

    assert loss([[0.8], [0.4]], base=0.4) == pytest.approx(0.0, abs=1e-4)
    without_base = 0.75 * np.log(1.5 / 1.2) + 0.25 * np.log(0.5 / 0.4)
    assert loss([[0.8], [0.4]], base=0.0) == pytest.approx(without_base, rel=0.01)
