"""Accuracies of NAS-Bench-201 cells, and the nested training subsets of the literature."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from nnformer_training.features.sharing import Int64

from .label_scale import LabelScale

Float64 = npt.NDArray[np.float64]

SPACE = "nasbench201"
DATASETS = ("cifar10", "cifar100", "imagenet16")
QUANTITY = "test accuracy after 200 epochs, mean over seeds"
SOURCE = "NAS-Bench-201 (Dong & Yang, ICLR 2020)"
LICENCE = "MIT"
#: 0.5, 1, 3, 5 and 10 % of the space: the first cells by train_rank.
SUBSETS = (78, 156, 469, 781, 1563)
#: Of the 12-epoch accuracies as further targets, beside 1 of each dataset's own; chosen on the validation cells.
EARLY_WEIGHT = 0.3


@dataclass(frozen=True)
class Nasbench201Labels:
    """architectures: of the whole space, in its own order. final, early: [labelled, 3], percent. cell: [labelled], the
    number of the cell; train_rank: [labelled], −1 for validation cells."""

    architectures: tuple[str, ...]
    cell: Int64
    final: Float64
    early: Float64
    train_rank: Int64
    sha256: str

    @classmethod
    def read(cls, directory: Path) -> Nasbench201Labels:
        space = pd.read_csv(directory / "nasbench201_architectures.csv").sort_values("index")
        path = directory / "nasbench201_accuracy.csv"
        labels = pd.read_csv(path)
        numbers = {architecture: number for number, architecture in enumerate(space.arch)}
        return cls(
            tuple(space.arch),
            labels.arch.map(numbers).to_numpy(np.int64),
            labels[[f"{dataset}_test_200" for dataset in DATASETS]].to_numpy(np.float64),
            labels[[f"{dataset}_val_12" for dataset in DATASETS]].to_numpy(np.float64),
            labels.train_rank.to_numpy(np.int64),
            hashlib.sha256(path.read_bytes()).hexdigest(),
        )

    def training(self, size: int) -> Int64:
        """Rows of the nested training subset of that size."""
        return np.flatnonzero((self.train_rank >= 0) & (self.train_rank < size))

    @property
    def validation(self) -> Int64:
        return np.flatnonzero(self.train_rank < 0)


@dataclass(frozen=True)
class Targets:
    """values: [rows, targets], standardised; weights: [targets]; scales: of the datasets, which come first."""

    values: Float64
    weights: Float64
    scales: tuple[LabelScale, ...]

    @classmethod
    def of(cls, labels: Nasbench201Labels, rows: Int64, datasets: tuple[int, ...], with_early: bool) -> Targets:
        final, early = labels.final[rows][:, datasets], labels.early[rows]
        percent = np.concatenate([final, early], axis=1) if with_early else final
        scales = [LabelScale.fit(column) for column in percent.T]
        values = np.stack([scale.from_percent(column) for scale, column in zip(scales, percent.T)], axis=1)
        weights = np.array([1.0] * len(datasets) + [EARLY_WEIGHT] * (len(scales) - len(datasets)))
        return cls(values, weights, tuple(scales[: len(datasets)]))
