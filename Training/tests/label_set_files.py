"""Where the tests find the label sets; tests that need one are skipped where it is missing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

DIRECTORY = Path(os.environ.get("NNFORMER_LABEL_SETS", Path(__file__).resolve().parents[3] / "shared" / "data"))


def label_set_file(name: str) -> Path:
    """The path of a label set's file; skips the calling test when there is none."""
    path = DIRECTORY / name
    if not path.exists():
        pytest.skip(f"no label set {path}; set NNFORMER_LABEL_SETS to the folder of the label sets")
    return path
