"""Which graphs a step visits, as a function of seed and epoch alone: a run resumes without a stored generator."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nnformer_training.features.feature_cache import Labels
from nnformer_training.features.sharing import Int64, Lists


@dataclass(frozen=True)
class LabelIndex:
    """Labels by graph. `labels` must be sorted by graph."""

    labels: Labels
    by_graph: Lists

    @classmethod
    def build(cls, labels: Labels, graph_count: int) -> LabelIndex:
        offsets = np.searchsorted(labels.graph, np.arange(graph_count + 1, dtype=np.int64))
        return cls(labels, Lists(offsets, np.arange(len(labels.graph), dtype=np.int64)))

    def labelled_graphs(self) -> Int64:
        return np.flatnonzero(np.diff(self.by_graph.offsets))

    def of(self, graphs: Int64) -> tuple[Int64, Int64]:
        """Every label of the given graphs: its number, and the position of its graph among those given."""
        taken = self.by_graph.take(graphs)
        return taken.indices, np.repeat(np.arange(len(graphs), dtype=np.int64), np.diff(taken.offsets))


class EpochSampler:
    """Orders the visits of an epoch: each network once, at one of its graphs drawn at random, or at all of them."""

    def __init__(self, graphs: Int64, networks: Int64, seed: int, every_batch_size: bool) -> None:
        """graphs: those with training labels; networks: [graphs], the network of each."""
        order = np.argsort(networks, kind="stable")
        self._graphs = graphs[order]
        _, starts, self._counts = np.unique(networks[order], return_index=True, return_counts=True)
        self._starts = starts.astype(np.int64)
        self._seed = seed
        self._every_batch_size = every_batch_size

    def epoch(self, epoch: int) -> Int64:
        """The graphs of one epoch in the order of their visits."""
        generator = np.random.default_rng([self._seed, epoch])
        if self._every_batch_size:
            return generator.permutation(self._graphs)
        drawn = (generator.random(len(self._starts)) * self._counts).astype(np.int64)
        return generator.permutation(self._graphs[self._starts + drawn])

    def mean_per_visit(self, per_graph: npt.NDArray[np.floating]) -> float:
        """The mean over visits of a quantity that is given per graph of the whole set."""
        values = per_graph[self._graphs].astype(np.float64)
        if self._every_batch_size:
            return float(values.mean())
        return float((np.add.reduceat(values, self._starts) / self._counts).mean())
