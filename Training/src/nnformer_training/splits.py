"""The frozen split into training and validation networks, by graph hash.

A network is in validation when the SHA-256 of its hash, read as a fraction of the range, lies below 10 %. A threshold,
not a rank within a file, so the same network falls on the same side in every label set, and a network that no file
holds has a side too. The hash is that of the network without dead code at batch 1: isomorphic cells and variants with
dead edges are one network and fall on one side. (``feature_cache.Labels`` sees to the few graphs that still meet.)

``Training/splits/<label set>.csv`` lists the validation networks of a label set. Once a file exists it is only read:
it keeps the split should the hash function ever change its rule, and a build that no longer finds its networks fails
instead of quietly splitting anew.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

VALIDATION_SHARE = 0.10
#: Characters of a hash that identify a network, of the 32 the library returns.
HASH_DIGITS = 16
#: Share of a file's networks that may be missing (an edition with fewer rows) before the file counts as stale.
MISSING_TOLERANCE = 0.5

_HEADER = "graph_hash"


class StaleSplit(RuntimeError):
    """A frozen split lists networks that the label set no longer has: the definition of the hash has changed."""


def is_validation_by_rule(graph_hash: str) -> bool:
    """The rule itself: a function of the first 16 hex digits of the hash, independent of any file."""
    digest = hashlib.sha256(_shortened(graph_hash).encode()).digest()
    return int.from_bytes(digest[:8], "big") < VALIDATION_SHARE * 2**64


class Split:
    """Which networks validate. Networks in a frozen file are in validation; the rule decides for all others."""

    def __init__(self, frozen: dict[str, frozenset[str]]) -> None:
        self._frozen = dict(frozen)
        self._validation = frozenset().union(*self._frozen.values())

    @classmethod
    def open(cls, directory: Path) -> Split:
        """Read every file of ``directory``; an empty or missing directory is a split by the rule alone."""
        return cls({path.stem: read_hashes(path) for path in sorted(directory.glob("*.csv"))})

    def is_validation(self, graph_hash: str) -> bool:
        return _shortened(graph_hash) in self._validation or is_validation_by_rule(graph_hash)

    def freeze(self, label_set: str, graph_hashes: Iterable[str], directory: Path) -> Path:
        """Write the file of a label set unless it exists, and check it if it does. Returns its path.

        Raises ``StaleSplit`` when more than half of the listed networks are not among ``graph_hashes``.
        """
        path = directory / f"{label_set}.csv"
        present = {_shortened(graph_hash) for graph_hash in graph_hashes}
        listed = self._frozen.get(label_set)
        if listed is None:
            directory.mkdir(parents=True, exist_ok=True)
            listed = frozenset(graph_hash for graph_hash in present if self.is_validation(graph_hash))
            _write_hashes(path, listed)
            self._frozen[label_set] = listed
            self._validation |= listed
        elif len(listed - present) > MISSING_TOLERANCE * len(listed):
            raise StaleSplit(
                f"{len(listed - present)} of the {len(listed)} validation networks in {path} are not in the label set: "
                "the graph hash has changed its definition. Delete the file to split anew; results before and after "
                "cannot be compared."
            )
        return path


def read_hashes(path: Path) -> frozenset[str]:
    """The hashes a frozen file lists; ``ValueError`` for a file of another form."""
    header, *lines = path.read_text().splitlines()
    if header != _HEADER:
        raise ValueError(f"{path}: the first line is {header!r}, not {_HEADER!r}")
    for line in lines:
        if len(line) != HASH_DIGITS or not set(line) <= set("0123456789abcdef"):
            raise ValueError(f"{path}: {line!r} is not a hash of {HASH_DIGITS} hex digits")
    return frozenset(lines)


def _shortened(graph_hash: str) -> str:
    return graph_hash[:HASH_DIGITS]


def _write_hashes(path: Path, hashes: Iterable[str]) -> None:
    # Renamed into place: a half-written split must never be read as a whole one.
    temporary = path.with_suffix(".partial")
    temporary.write_text("\n".join([_HEADER, *sorted(hashes)]) + "\n")
    os.replace(temporary, path)
