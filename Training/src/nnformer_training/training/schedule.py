"""Learning rate, kernel weight and weight averaging as functions of progress."""

from __future__ import annotations

import math
from collections.abc import Iterable

import torch
from torch import Tensor


def learning_rate_factor(progress: float, warm_up_fraction: float) -> float:
    """Linear from 0 to 1 over the warm-up, then half a cosine from 1 to 0; progress is clamped to [0, 1]."""
    progress = min(max(progress, 0.0), 1.0)
    if progress < warm_up_fraction:
        return progress / warm_up_fraction
    return 0.5 * (1.0 + math.cos(math.pi * (progress - warm_up_fraction) / max(1.0 - warm_up_fraction, 1e-12)))


def kernel_weight_factor(progress: float, kernel_fraction: float) -> float:
    """Linear from 1 to 0 over that fraction of the run, then 0; always 1 where the fraction is 0."""
    return max(0.0, 1.0 - progress / kernel_fraction) if kernel_fraction > 0 else 1.0


class WeightAverage:
    """Exponential moving average of parameters; young averages forget faster: decay ≤ (1 + t) / (10 + t)."""

    def __init__(self, parameters: Iterable[Tensor], decay: float) -> None:
        self.tensors = [parameter.detach().clone() for parameter in parameters]
        self._decay = decay

    def update(self, parameters: Iterable[Tensor], step: int) -> None:
        decay = min(self._decay, (1.0 + step) / (10.0 + step))
        with torch.no_grad():
            torch._foreach_lerp_(self.tensors, [parameter.detach() for parameter in parameters], 1.0 - decay)

    def copy_to(self, parameters: Iterable[Tensor]) -> None:
        with torch.no_grad():
            for parameter, average in zip(parameters, self.tensors, strict=True):
                parameter.copy_(average)
