"""Baseline features: which sequences of operations lie on the paths through a cell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from .cell_encoding import CellEncoding

Float64 = npt.NDArray[np.float64]

#: For trees on these many columns; chosen on the validation cells.
FEATURES_PER_SPLIT = 0.3


def path_counts(encoding: CellEncoding) -> Float64:
    """[cells, columns]: how often a cell holds each kind of node, each stretch of consecutive nodes on its paths
    before the output, each whole path, and each length; columns in order of first appearance."""
    counts = [_counts(kinds, readers) for kinds, readers in _cells(encoding)]
    columns = {key: column for column, key in enumerate(dict.fromkeys(key for one in counts for key in one))}
    table = np.zeros((len(counts), len(columns)))
    for row, one in enumerate(counts):
        for key, count in one.items():
            table[row, columns[key]] = count
    return table


def _cells(encoding: CellEncoding) -> list[tuple[list[int], list[list[int]]]]:
    """By cell, its nodes' distinct feature rows, and for each node those that read it."""
    successors = encoding.relations.successors
    start = encoding.first_node
    cells = []
    for size in encoding.node_counts.tolist():
        nodes = range(start, start + size)
        readers = [
            (successors.indices[successors.offsets[node] : successors.offsets[node + 1]] - start).tolist()
            for node in nodes
        ]
        cells.append((encoding.feature_rows[start : start + size].tolist(), readers))
        start += size
    return cells


def _counts(kinds: Sequence[int], readers: Sequence[Sequence[int]]) -> Counter[tuple]:
    counts: Counter[tuple] = Counter(("node", kind) for kind in kinds)
    output = len(kinds) - 1
    # Sources come before their readers: paths to the output, from the last node backwards.
    paths: list[list[tuple[int, ...]]] = [[] for _ in kinds]
    paths[output] = [(kinds[output],)]
    for node in range(output - 1, -1, -1):
        paths[node] = [(kinds[node], *rest) for reader in readers[node] for rest in paths[reader]]
    for path in paths[0]:
        counts["path", path] += 1
        counts["length", len(path)] += 1
        for first in range(len(path)):
            counts.update(("stretch", path[first:last]) for last in range(first + 2, len(path)))
    return counts
