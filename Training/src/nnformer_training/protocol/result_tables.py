"""The result files of ``protocol`` as one table."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

#: In git, for a full run takes hours.
PROTOCOL_DIRECTORY = Path(__file__).resolve().parents[3] / "results" / "protocol"


def read_results(directory: Path) -> pd.DataFrame:
    """A row a test label: predictor, protocol, fold, seed and the columns of the result files, with its error."""
    frames = []
    for path in sorted(directory.glob("*.csv")):
        predictor, protocol, fold, seed = path.stem.split(".")
        frame = pd.read_csv(path)
        frames.append(frame.assign(predictor=predictor, protocol=protocol, fold=fold, seed=int(seed)))
    if not frames:
        raise FileNotFoundError(f"{directory} holds no results: run protocol")
    results = pd.concat(frames)
    results["error_percent"] = 100.0 * (results["estimate_ms"] / results["label_ms"] - 1.0).abs()
    results["is_within"] = 100.0 * (results["error_percent"] <= 10.0)
    return results


def spread(values: np.ndarray) -> str:
    """The mean, and with several values the standard deviation between them."""
    if len(values) == 0:
        return ""
    return f"{values.mean():.2f}" if len(values) < 2 else f"{values.mean():.2f} ± {values.std(ddof=1):.2f}"
