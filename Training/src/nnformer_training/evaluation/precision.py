"""``evaluate-precision``: write Documentation/Precision.md, what estimates lose where the encoder multiplies numbers of
fewer bits.

The products of attention and feed-forward are taken in float32 from rounded inputs and weights, which is what the
instructions of that precision compute but for the order of sums. Compared with float32 throughout: how far estimates
move, and the mean absolute percentage error of each label column on validation.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.overrides import TorchFunctionMode

from nnformer_training.allocator import keep_freed_memory
from nnformer_training.export.weights import SHIPPED_WEIGHTS
from nnformer_training.locations import CACHE, DOCUMENTATION
from nnformer_training.model.nnformer import NNFormer
from nnformer_training.results.metrics import metrics_by_column
from nnformer_training.training.trained_model import TrainedModel
from nnformer_training.training.training_set import TrainingSet, labels_where, open_training_set
from nnformer_training.validation.evaluate import estimate_where

PAGE = DOCUMENTATION / "Precision.md"
Rounding = Callable[[Tensor], Tensor]


def integers_of_bits(bits: int) -> Rounding:
    """Symmetric, a step for each row: its largest size over the largest integer."""
    most = 2 ** (bits - 1) - 1

    def round_rows(x: Tensor) -> Tensor:
        step = x.abs().amax(-1, keepdim=True).clamp_min(torch.finfo(x.dtype).tiny) / most
        return torch.round(x / step) * step

    return round_rows


def integers_of_the_library(x: Tensor) -> Tensor:
    """16 bits, their norm below 2^15.5 (Documentation/Model.md, "Arithmetic")."""
    step = torch.maximum(x.norm(dim=-1, keepdim=True) / 46340.0, x.abs().amax(-1, keepdim=True) / 32767.0)
    return torch.round(x / step.clamp_min(torch.finfo(x.dtype).tiny)) * step


def exactly(x: Tensor) -> Tensor:
    return x


@dataclass(frozen=True)
class Precision:
    name: str
    round_inputs: Rounding
    round_weights: Rounding


PRECISIONS = (
    Precision("16-bit integers, as the library's", integers_of_the_library, integers_of_the_library),
    Precision("bfloat16", lambda x: x.bfloat16().float(), lambda x: x.bfloat16().float()),
    Precision("8-bit integers", integers_of_bits(8), integers_of_bits(8)),
    Precision("float16, weights only", exactly, lambda x: x.half().float()),
    Precision("8-bit integers, weights only", exactly, integers_of_bits(8)),
)


class _RoundedProducts(TorchFunctionMode):
    """While it is entered, linear layers multiply rounded inputs and weights."""

    def __init__(self, precision: Precision) -> None:
        super().__init__()
        self._precision = precision

    def __torch_function__(self, function: Any, types: Any, arguments: Any = (), keywords: Any = None) -> Any:
        if function is functional.linear:
            x, weight, *bias = arguments
            arguments = (self._precision.round_inputs(x), self._precision.round_weights(weight), *bias)
        return function(*arguments, **(keywords or {}))


class _RoundedLayer(nn.Module):
    def __init__(self, layer: nn.Module, precision: Precision) -> None:
        super().__init__()
        self._layer = layer
        self._precision = precision

    def forward(self, *arguments: Any) -> Tensor:
        with _RoundedProducts(self._precision):
            return self._layer(*arguments)


def estimates_in(
    precision: Precision, model: NNFormer, training_set: TrainingSet, is_wanted: npt.NDArray[np.bool_]
) -> npt.NDArray[np.float64]:
    """As `estimate_where`, the layers' products in that precision."""
    layers = model.layers
    model.layers = nn.ModuleList(_RoundedLayer(layer, precision) for layer in layers)
    try:
        return estimate_where(model, training_set, is_wanted)
    finally:
        model.layers = layers


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--weights", type=Path, default=SHIPPED_WEIGHTS)
    parser.add_argument("--cache", type=Path, default=CACHE, help="folder of build-dataset")
    parser.add_argument("--labels", type=int, default=300, help="of each label column, at most so many labels")
    parser.add_argument("--output", type=Path, default=PAGE, help="page to write")


def run(arguments: argparse.Namespace) -> None:
    keep_freed_memory()
    torch.set_num_threads(1)
    trained = TrainedModel.from_weights(arguments.weights)
    training_set = open_training_set(arguments.cache, trained.training)
    trained.require_data(training_set)
    labels = training_set.labels
    is_wanted = _are_first_of_their_column(labels.column, labels.is_validation, arguments.labels)
    wanted = labels_where(labels, is_wanted)

    def mape_percent(estimates: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """By column, NaN for one without labels."""
        columns = metrics_by_column(estimates, wanted, len(training_set.columns))
        return np.array([metrics.mape_percent for metrics in columns])

    exact = estimate_where(trained.model, training_set, is_wanted)
    errors = mape_percent(exact)
    rows = []
    for precision in PRECISIONS:
        rounded = estimates_in(precision, trained.model, training_set, is_wanted)
        differences = 100.0 * np.abs(rounded / exact - 1.0)
        losses = mape_percent(rounded) - errors
        rows.append(
            f"| {precision.name} | {differences.mean():.2g} | {differences.max():.2g} "
            f"| {np.nanmean(losses):.2g} | {np.nanmax(losses):.2g} |"
        )
        print(rows[-1])
    arguments.output.write_text(_PAGE.format(commit=trained.commit, labels=f"{len(exact):,}", rows="\n".join(rows)))


_PAGE = """# Fewer bits: what an estimate loses

Written by `python -m nnformer_training evaluate-precision`: the shipped weights, trained at commit `{commit}`, on
{labels} validation labels of all columns. Inputs and weights of the products of attention and feed-forward are rounded,
the rest is float32. Differences are of estimates from those in float32; the loss is in points of a column's mean
absolute percentage error, in the mean over columns and of the column that loses most.

| products of | difference, mean, % | largest, % | MAPE lost, points, mean | most |
|---|---:|---:|---:|---:|
{rows}

[Model.md](Model.md) allows an implementation 0.01 % from double precision, so that a network's estimate is one number
wherever it is made: that decides what is the default, before speed does. 8-bit integers are there for who asks for them
(`NNFORMER_PRECISION_FAST`). Fewer bits of the weights alone save memory, not arithmetic.
"""


def _are_first_of_their_column(
    columns: npt.NDArray[np.integer], is_candidate: npt.NDArray[np.bool_], count: int
) -> npt.NDArray[np.bool_]:
    """The first so many candidates of each column."""
    chosen = np.zeros(len(columns), bool)
    for column in np.unique(columns[is_candidate]):
        chosen[np.flatnonzero(is_candidate & (columns == column))[:count]] = True
    return chosen
