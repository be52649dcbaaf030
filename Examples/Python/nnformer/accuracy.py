"""Accuracy that cells will reach."""

from __future__ import annotations

import ctypes
from ctypes import c_double, c_size_t
from dataclasses import dataclass

from . import structures
from .cells import CellList
from .conversions import PathLike, decoded, encoded, encoded_path
from .handle import Handle
from .library import Library


@dataclass(frozen=True)
class AccuracyDataset:
    """Accuracies that cells of a search space were trained on."""

    space: str
    id: str
    quantity: str
    source: str
    licence: str
    training_cells: int
    validation_cells: int
    kendall_tau: float
    """Rank correlation with the labels of validation cells; NaN where it was not measured."""


class AccuracyPredictor(Handle):
    """Accuracy weights and the datasets they know: those inside the library, or of a safetensors file."""

    _destroy_function = "nnformer_accuracy_predictor_destroy"

    def __init__(self, weights: PathLike | None = None, *, library: Library | None = None) -> None:
        super().__init__(library)
        if weights is None:
            self._library.call("nnformer_accuracy_predictor_create", ctypes.byref(self._pointer))
        else:
            self._library.call("nnformer_accuracy_predictor_open", ctypes.byref(self._pointer), encoded_path(weights))
        count = self._library.nnformer_accuracy_predictor_dataset_count(self._pointer)
        self.datasets: tuple[AccuracyDataset, ...] = tuple(self._dataset(index) for index in range(count))

    def predict(self, cells: CellList, dataset: str) -> list[float]:
        """Accuracy of every cell in percent. ``NotFoundError`` names the datasets that there are."""
        index = c_size_t()
        self._library.call(
            "nnformer_accuracy_predictor_find_dataset",
            self._live,
            encoded(cells.space),
            encoded(dataset),
            ctypes.byref(index),
        )
        accuracy_percent = (c_double * len(cells))()
        self._library.call(
            "nnformer_accuracy_predict", self._live, cells._live, index.value, accuracy_percent, len(accuracy_percent)
        )
        return list(accuracy_percent)

    def _dataset(self, index: int) -> AccuracyDataset:
        dataset = structures.AccuracyDataset()
        self._library.call("nnformer_accuracy_predictor_get_dataset", self._live, index, ctypes.byref(dataset))
        return AccuracyDataset(
            decoded(dataset.space),
            decoded(dataset.id),
            decoded(dataset.quantity),
            decoded(dataset.source),
            decoded(dataset.licence),
            dataset.training_cells,
            dataset.validation_cells,
            dataset.kendall_tau,
        )
