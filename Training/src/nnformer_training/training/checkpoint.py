"""Checkpoints that a crash cannot tear: written beside their place, synced, renamed over it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import torch


def save_checkpoint(path: Path, state: dict[str, Any]) -> None:
    partial = path.with_name(path.name + ".partial")
    with partial.open("wb") as file:
        torch.save(state, file)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


def load_checkpoint(path: Path) -> dict[str, Any] | None:
    """The state that was saved, or None where there is no checkpoint. Loads tensors and plain values only."""
    if not path.exists():
        return None
    return torch.load(path, map_location="cpu", weights_only=True)
