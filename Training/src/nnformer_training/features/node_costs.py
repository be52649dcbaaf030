"""What a node costs, read back from its features: the additive head scales by it (Documentation/Model.md)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

_FLOPS = "log2_flops"
_BYTES = ("log2_activation_bytes_read", "log2_constant_bytes_read", "log2_bytes_written")
GIGA, MEGA = 1e-9, 1e-6


def node_costs(features: npt.NDArray[np.float32], feature_names: Sequence[str]) -> npt.NDArray[np.float64]:
    """features: [rows, f]. Returns [rows, 2]: GFLOPs, and megabytes read and written."""

    def amount(name: str) -> npt.NDArray[np.float64]:
        return np.exp2(features[:, feature_names.index(name)].astype(np.float64)) - 1.0

    return np.stack([GIGA * amount(_FLOPS), MEGA * sum(map(amount, _BYTES))], axis=1)
