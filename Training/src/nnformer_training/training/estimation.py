"""Estimates of a model for labels."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch

from nnformer_training.features.sharing import Int64
from nnformer_training.model.nnformer import NNFormer
from nnformer_training.model.packing import Packer

from .sampling import LabelIndex


def estimate_labels(
    model: NNFormer,
    packer: Packer,
    index: LabelIndex,
    column_platforms: Int64,
    device: torch.device,
    batch_graphs: int = 256,
) -> npt.NDArray[np.float64]:
    """The model's estimate for every label of the index, in milliseconds."""
    estimates = np.full(len(index.labels.graph), np.nan)
    graphs = index.labelled_graphs()
    with torch.no_grad():
        for start in range(0, len(graphs), batch_graphs):
            chosen = graphs[start : start + batch_graphs]
            labels, positions = index.of(chosen)
            predicted = model(packer.pack(chosen).to(device)).cpu().numpy()
            estimates[labels] = predicted[positions, column_platforms[index.labels.column[labels]]]
    return estimates
