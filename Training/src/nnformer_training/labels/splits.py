"""The frozen split into training and validation networks, by graph hash.

A network is in validation when the SHA-256 of its hash, read as a fraction of the range, lies below 10 %. A threshold,
not a rank within a file, so the same network falls on the same side in every label set, and a network that no file
holds has a side too. The hash is that of the network without dead code at batch 1: isomorphic cells and variants with
dead edges are one network and fall on one side. (``feature_cache.Labels`` sees to the few graphs that still meet.)

``Training/splits/<label set>.csv`` lists the networks of a label set and whether each validates. Once a file exists it
is only read, and decides alone for the networks it lists, in whichever label set they appear: they keep their side
should the rule ever change. A build that no longer finds its networks fails instead of quietly splitting anew.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

VALIDATION_SHARE = 0.10
#: Characters of a hash that identify a network, of the 32 the library returns.
HASH_DIGITS = 16
#: Share of a file's networks that may be missing (an edition with fewer rows) before the file counts as stale.
MISSING_TOLERANCE = 0.5

_HEADER = "graph_hash,is_validation"
_LINE = re.compile(rf"([0-9a-f]{{{HASH_DIGITS}}}),([01])")

Sides = Mapping[str, bool]
"""By hash: whether the network validates."""


class StaleSplit(RuntimeError):
    """A frozen split lists networks that the label set no longer has: the definition of the hash has changed."""


def is_validation_by_rule(graph_hash: str) -> bool:
    """The rule itself: a function of the first 16 hex digits of the hash, independent of any file."""
    digest = hashlib.sha256(_shortened(graph_hash).encode()).digest()
    return int.from_bytes(digest[:8], "big") < VALIDATION_SHARE * 2**64


class Split:
    """Which networks validate. Of networks that a frozen file lists, the file says; the rule decides for all others.

    ``ValueError`` where two files say different things of a network.
    """

    def __init__(self, frozen: Mapping[str, Sides]) -> None:
        self._frozen = dict(frozen)
        self._known: dict[str, bool] = {}
        for label_set, sides in self._frozen.items():
            for graph_hash, is_validation in sides.items():
                if self._known.setdefault(graph_hash, is_validation) != is_validation:
                    raise ValueError(f"{graph_hash} of the split of {label_set} is on the other side in another one")

    @classmethod
    def open(cls, directory: Path) -> Split:
        """Read every file of ``directory``; an empty or missing directory is a split by the rule alone."""
        return cls({path.stem: read_sides(path) for path in sorted(directory.glob("*.csv"))})

    def is_validation(self, graph_hash: str) -> bool:
        known = self._known.get(_shortened(graph_hash))
        return is_validation_by_rule(graph_hash) if known is None else known

    def freeze(self, label_set: str, graph_hashes: Iterable[str], directory: Path) -> Path:
        """Write the file of a label set unless it exists, and check it if it does. Returns its path.

        Raises ``StaleSplit`` when more than half of the listed networks are not among ``graph_hashes``.
        """
        path = directory / f"{label_set}.csv"
        present = {_shortened(graph_hash) for graph_hash in graph_hashes}
        listed = self._frozen.get(label_set)
        if listed is None:
            directory.mkdir(parents=True, exist_ok=True)
            sides = {graph_hash: self.is_validation(graph_hash) for graph_hash in present}
            _write_sides(path, sides)
            self._frozen[label_set] = sides
            self._known |= sides
        elif len(listed.keys() - present) > MISSING_TOLERANCE * len(listed):
            raise StaleSplit(
                f"{len(listed.keys() - present)} of the {len(listed)} networks in {path} are not in the label set: "
                "the graph hash has changed its definition. Delete the file to split anew; results before and after "
                "cannot be compared."
            )
        return path


def read_sides(path: Path) -> Sides:
    """What a frozen file lists; ``ValueError`` for a file of another form."""
    header, *lines = path.read_text().splitlines()
    if header != _HEADER:
        raise ValueError(f"{path}: the first line is {header!r}, not {_HEADER!r}")
    sides = {}
    for line in lines:
        match = _LINE.fullmatch(line)
        if match is None:
            raise ValueError(f"{path}: {line!r} is not a hash of {HASH_DIGITS} hex digits and 0 or 1")
        sides[match[1]] = match[2] == "1"
    return sides


def _shortened(graph_hash: str) -> str:
    return graph_hash[:HASH_DIGITS]


def _write_sides(path: Path, sides: Sides) -> None:
    # Renamed into place: a half-written split must never be read as a whole one.
    temporary = path.with_suffix(".partial")
    lines = [f"{graph_hash},{int(sides[graph_hash])}" for graph_hash in sorted(sides)]
    temporary.write_text("\n".join([_HEADER, *lines]) + "\n")
    os.replace(temporary, path)
