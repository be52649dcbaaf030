"""The scale that accuracies are learnt on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Float64 = npt.NDArray[np.float64]

CEILING_MARGIN_PERCENT = 0.5


@dataclass(frozen=True)
class LabelScale:
    """z = (−log(ceiling − percent) − mean) / deviation: spreads the good cells, whose accuracies lie close together,
    and draws the bad ones in. Rises with percent, so that ranks stay."""

    ceiling_percent: float
    mean: float
    deviation: float

    @classmethod
    def fit(cls, percent: Float64) -> LabelScale:
        ceiling = 100.0 + CEILING_MARGIN_PERCENT
        logarithms = -np.log(ceiling - percent)
        return cls(ceiling, float(logarithms.mean()), float(logarithms.std()))

    def from_percent(self, percent: Float64) -> Float64:
        return (-np.log(self.ceiling_percent - percent) - self.mean) / self.deviation

    def to_percent(self, z: Float64) -> Float64:
        return np.clip(self.ceiling_percent - np.exp(-(z * self.deviation + self.mean)), 0.0, 100.0)
