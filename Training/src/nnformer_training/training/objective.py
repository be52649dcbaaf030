"""The loss: Huber on log(estimate / label), and what each label weighs."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from nnformer_training.features.feature_cache import Labels


def label_weights(
    labels: Labels, column_factors: npt.NDArray[np.float64], column_balance: float
) -> npt.NDArray[np.float32]:
    """One weight a label, its column's factor times n^−column_balance for a column of n labels, scaled to mean 1.
    column_factors: [columns]."""
    counts = np.bincount(labels.column, minlength=len(column_factors))
    weights = column_factors[labels.column] * counts[labels.column].astype(np.float64) ** -column_balance
    return (weights / weights.mean()).astype(np.float32) if len(weights) else weights.astype(np.float32)


def loss(estimates: Tensor, milliseconds: Tensor, weights: Tensor, expected_weight: float, delta: float) -> Tensor:
    """Σ w · huber(ln(estimate / label)) / expected_weight, over parallel vectors of labels.

    Near zero |ln(estimate / label)| is the relative error, so this approximates the mean absolute percentage error
    with less pull from outliers. The divisor is what a batch weighs on average, not this batch's weight, so that a
    label counts the same in whatever company it is drawn.
    """
    logarithms = torch.log(estimates / milliseconds)
    losses = functional.huber_loss(logarithms, torch.zeros_like(logarithms), reduction="none", delta=delta)
    return (weights * losses).sum() / (expected_weight * delta)
