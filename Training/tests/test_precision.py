"""Rounding inputs and weights of the layers' products, and nothing else."""

from __future__ import annotations

import numpy as np
import torch
from synthetic_graphs import synthetic_training_set

from nnformer_training.evaluation.precision import Precision, estimates_in, exactly, integers_of_bits
from nnformer_training.model.configuration import ModelConfiguration
from nnformer_training.model.nnformer import NNFormer
from nnformer_training.validation.evaluate import estimate_where


def test_rows_are_rounded_to_the_nearest_of_as_many_steps() -> None:
    x = torch.tensor([[-1.0, 0.3, 0.004], [2.0, 0.0, 1.99], [0.0, 0.0, 0.0]])
    rounded = integers_of_bits(8)(x)
    steps = x.abs().amax(1, keepdim=True) / 127
    assert torch.all((rounded - x).abs() <= 0.5001 * steps)
    assert torch.all((rounded[:2] / steps[:2] - torch.round(rounded[:2] / steps[:2])).abs() < 1e-4)


def test_fewer_bits_move_estimates_further() -> None:
    training_set = synthetic_training_set(5)
    torch.manual_seed(1)
    model = NNFormer(
        ModelConfiguration(
            feature_count=training_set.feature_table.shape[1],
            graph_feature_count=training_set.graph_features.shape[1],
            platform_count=2, layers=2, width=16, feedforward_ratio=2, head="additive", head_width=16,
        ),
        initial_layer_scale=1.0,
    )  # fmt: skip
    is_wanted = np.ones(len(training_set.labels.graph), bool)
    whole = estimate_where(model, training_set, is_wanted)

    def largest_difference(precision: Precision) -> float:
        return float(np.abs(estimates_in(precision, model, training_set, is_wanted) / whole - 1).max())

    assert largest_difference(Precision("exact", exactly, exactly)) == 0.0
    differences = [
        largest_difference(Precision(str(bits), integers_of_bits(bits), integers_of_bits(bits))) for bits in (12, 8, 4)
    ]
    assert 0.0 < differences[0] < differences[1] < differences[2]
    assert np.array_equal(estimate_where(model, training_set, is_wanted), whole)
