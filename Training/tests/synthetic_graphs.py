"""Small random graphs in the form that training reads, for tests."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from nnformer_training.features.feature_cache import ColumnInfo, KernelShares, Labels
from nnformer_training.features.sharing import Lists, NodeRelations
from nnformer_training.labels.platforms import PLATFORMS
from nnformer_training.model.reference import DenseRelations
from nnformer_training.training.training_set import TrainingSet, sorted_by_graph


@dataclass(frozen=True)
class SyntheticGraphs:
    """Graphs with their nodes numbered through; `feature_rows` numbers rows of `feature_table` and `cost_table`."""

    feature_table: npt.NDArray[np.float32]
    cost_table: npt.NDArray[np.float32]
    feature_rows: npt.NDArray[np.int64]
    graph_offsets: npt.NDArray[np.int64]
    relations: NodeRelations
    graph_features: npt.NDArray[np.float32]
    neighbours: list[list[list[list[int]]]]

    @property
    def graph_count(self) -> int:
        return len(self.graph_offsets) - 1

    def features(self, graph: int) -> torch.Tensor:
        """Node features of one graph, float64."""
        return torch.from_numpy(self.feature_table[self._rows(graph)]).double()

    def costs(self, graph: int) -> torch.Tensor:
        return torch.from_numpy(self.cost_table[self._rows(graph)]).double()

    def _rows(self, graph: int) -> npt.NDArray[np.int64]:
        return self.feature_rows[self.graph_offsets[graph] : self.graph_offsets[graph + 1]]

    def dense_relations(self, graph: int) -> DenseRelations:
        node_count = int(self.graph_offsets[graph + 1] - self.graph_offsets[graph])
        return DenseRelations.from_lists(node_count, self.neighbours[graph])


def neighbour_lists(node_count: int, edges: list[tuple[int, int]]) -> list[list[list[int]]]:
    """Successors, predecessors, co-children, co-parents of every node, ascending."""
    following: list[set[int]] = [set() for _ in range(node_count)]
    preceding: list[set[int]] = [set() for _ in range(node_count)]
    for source, target in edges:
        following[source].add(target)
        preceding[target].add(source)
    co_children = [
        {sibling for parent in preceding[node] for sibling in following[parent]} - {node} for node in range(node_count)
    ]
    co_parents = [
        {sibling for child in following[node] for sibling in preceding[child]} - {node} for node in range(node_count)
    ]
    return [[sorted(members) for members in relation] for relation in (following, preceding, co_children, co_parents)]


def synthetic_graphs(
    seed: int, graph_count: int = 6, feature_count: int = 5, distinct_features: int = 3, largest: int = 14
) -> SyntheticGraphs:
    """Random directed acyclic graphs, isolated nodes included; few distinct features make many equal rows.

    Every second graph repeats its predecessor with its nodes in another order, so that rows are shared.
    """
    generator = np.random.default_rng(seed)
    table = generator.standard_normal((distinct_features, feature_count)).astype(np.float32)
    rows: list[npt.NDArray[np.int64]] = []
    neighbours: list[list[list[list[int]]]] = []
    edges: list[tuple[int, int]] = []
    for graph in range(graph_count):
        if graph % 2 == 0:
            node_count = int(generator.integers(1, largest + 1))
            density = generator.uniform(0.1, 0.5)
            edges = [
                (i, j) for i in range(node_count) for j in range(i + 1, node_count) if generator.random() < density
            ]
            rows.append(generator.integers(0, distinct_features, node_count))
        else:
            order = generator.permutation(len(rows[-1]))
            shuffled = np.empty_like(rows[-1])
            shuffled[order] = rows[-1]
            rows.append(shuffled)
            edges = [(int(order[i]), int(order[j])) for i, j in edges]
        neighbours.append(neighbour_lists(len(rows[-1]), edges))
    graph_offsets = np.concatenate([[0], np.cumsum([len(members) for members in rows])]).astype(np.int64)
    relations = node_relations(neighbours, graph_offsets)
    graph_features = generator.standard_normal((graph_count, 4)).astype(np.float32)
    costs = generator.uniform(0.1, 2.0, (distinct_features, 2)).astype(np.float32)
    return SyntheticGraphs(table, costs, np.concatenate(rows), graph_offsets, relations, graph_features, neighbours)


def node_relations(neighbours: list[list[list[list[int]]]], graph_offsets: npt.NDArray[np.int64]) -> NodeRelations:
    """From every graph's four relations, each a list of neighbours per node."""
    return NodeRelations(
        *(_concatenate([lists[relation] for lists in neighbours], graph_offsets) for relation in range(4))
    )


def _concatenate(lists: list[list[list[int]]], graph_offsets: npt.NDArray[np.int64]) -> Lists:
    """One relation of every graph, its nodes numbered through."""
    flat = [[int(start) + j for j in row] for start, graph in zip(graph_offsets, lists) for row in graph]
    offsets = np.concatenate([[0], np.cumsum([len(row) for row in flat])]).astype(np.int64)
    return Lists(offsets, np.array([j for row in flat for j in row], dtype=np.int64))


def _every_node_a_kernel(
    graphs: SyntheticGraphs, cost: npt.NDArray[np.float64], is_training_graph: npt.NDArray[np.bool_]
) -> KernelShares:
    """Each node's own share of its graph's latency, in the first column; those of validation graphs are false."""
    counts = np.diff(graphs.graph_offsets)
    times = [np.split(cost[graphs.feature_rows], graphs.graph_offsets[1:-1])[graph] for graph in range(40)]
    shares = [time if is_training else time[::-1] ** 3 for time, is_training in zip(times, is_training_graph)]
    offsets = np.concatenate([[0], np.cumsum(counts)])
    return KernelShares(
        graph=np.arange(40),
        column=np.zeros(40, np.int64),
        node_offsets=offsets,
        node_groups=np.concatenate([np.arange(count) for count in counts]).astype(np.int32),
        group_offsets=offsets,
        group_shares=np.concatenate([share / share.sum() for share in shares]).astype(np.float32),
    )


def synthetic_training_set(seed: int) -> TrainingSet:
    """40 graphs of 20 networks and two label sets; latencies are sums over nodes, so that a model can learn them."""
    graphs = synthetic_graphs(seed, graph_count=40, distinct_features=4, largest=8)
    generator = np.random.default_rng(seed)
    cost = generator.uniform(0.5, 2.0, len(graphs.feature_table))
    totals = np.add.reduceat(cost[graphs.feature_rows], graphs.graph_offsets[:-1])
    graph = np.tile(np.arange(40), 2)
    column = np.repeat([0, 1], 40)
    is_validation = graph // 2 % 5 == 0
    columns = tuple(
        ColumnInfo(f"set{number}", f"set{number}.csv", "latency", platform.id, "synthetic", 1, "executed")
        for number, platform in enumerate(PLATFORMS[:2])
    )
    labels = Labels(graph, column, np.where(column == 0, 1.0, 3.0) * totals[graph], is_validation, np.ones(80, bool))
    return TrainingSet(
        feature_names=tuple(f"feature_{number}" for number in range(graphs.feature_table.shape[1])),
        feature_table=graphs.feature_table,
        cost_table=graphs.cost_table,
        feature_rows=graphs.feature_rows,
        graph_offsets=graphs.graph_offsets,
        relations=graphs.relations,
        graph_features=graphs.graph_features,
        networks=np.arange(40) // 2,
        labels=sorted_by_graph(labels),
        kernels=_every_node_a_kernel(graphs, cost, is_training_graph=np.arange(40) // 2 % 5 != 0),
        columns=columns,
        column_platforms=np.array([0, 1]),
        platform_ids=tuple(platform.id for platform in PLATFORMS[:2]),
        sha256=f"synthetic {seed}",
    )
