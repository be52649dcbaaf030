"""What moves the parameters: AdamW for all, or Muon for the matrices inside the layers and AdamW for the rest."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from .configuration import OptimisationSection


class Optimiser:
    """One step for all parameters of a model, each kind with its own rule.

    Muon (Jordan et al., 2024) moves a matrix by its momentum made orthogonal, so that every direction of the matrix is
    learned at one pace; its rates are scaled to AdamW's updates (Liu et al., 2025). Weight decay is on matrices only:
    biases, norms and scales are few and have natural values.
    """

    def __init__(self, model: nn.Module, section: OptimisationSection) -> None:
        hidden, matrices, vectors = [], [], []
        for name, parameter in model.named_parameters():
            if parameter.ndim == 1:
                vectors.append(parameter)
            elif section.muon_rate_factor > 0 and name.startswith("layers."):
                hidden.append(parameter)
            else:
                matrices.append(parameter)
        adamw = torch.optim.AdamW(
            [
                {"params": matrices, "weight_decay": section.weight_decay},
                {"params": vectors, "weight_decay": 0.0},
            ],
            lr=0.0,
            betas=section.adam_betas,
            fused=True,
        )
        self._rules: list[tuple[torch.optim.Optimizer, float]] = [(adamw, 1.0)]
        if hidden:
            muon = torch.optim.Muon(hidden, lr=0.0, weight_decay=section.weight_decay, adjust_lr_fn="match_rms_adamw")
            self._rules.append((muon, section.muon_rate_factor))

    def zero_grad(self) -> None:
        for rule, _ in self._rules:
            rule.zero_grad(set_to_none=True)

    def step(self, learning_rate: float) -> None:
        for rule, factor in self._rules:
            for group in rule.param_groups:
                group["lr"] = factor * learning_rate
            rule.step()

    def state_dict(self) -> list[dict[str, Any]]:
        return [rule.state_dict() for rule, _ in self._rules]

    def load_state_dict(self, state: list[dict[str, Any]]) -> None:
        for (rule, _), saved in zip(self._rules, state, strict=True):
            rule.load_state_dict(saved)
