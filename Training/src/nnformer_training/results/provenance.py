"""What a result says of where it comes from."""

from __future__ import annotations

import datetime
import subprocess
from collections.abc import Iterator, Mapping
from typing import Any

from nnformer_training.locations import TRAINING


def today() -> str:
    return datetime.datetime.now(datetime.UTC).date().isoformat()


def current_commit() -> str:
    """The commit of the working tree, with a + where tracked files differ from it; empty outside a repository."""
    described = subprocess.run(
        ["git", "describe", "--always", "--abbrev=12", "--dirty=+"],
        cwd=TRAINING, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return described.stdout.strip() if described.returncode == 0 else ""


def earlier_runs(provenance: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The runs whose weights a run and its predecessors began with, the last first."""
    run = provenance.get("started_from")
    while run:
        yield run
        run = run.get("started_from")
