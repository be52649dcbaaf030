"""What made an estimate; kept beside it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from nnformer_training.results.provenance import current_commit, today


@dataclass(frozen=True)
class Provenance:
    """commit: of the code; date: when; labels_sha256: of the file of labels that it learnt from."""

    commit: str
    date: str
    labels_sha256: str

    @classmethod
    def now(cls, labels_sha256: str) -> Provenance:
        return cls(current_commit(), today(), labels_sha256)

    @classmethod
    def read(cls, path: Path) -> Provenance | None:
        """None where there is no such file."""
        return cls(**json.loads(path.read_text())) if path.exists() else None

    def write(self, path: Path) -> None:
        path.write_text(json.dumps(asdict(self), indent=1) + "\n")
