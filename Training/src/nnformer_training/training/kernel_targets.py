"""What the parts of networks took, as further targets of the additive head: its contributions are to be right one by
one, and not in their sum alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from nnformer_training.features.feature_cache import KernelShares, Labels
from nnformer_training.features.sharing import Int64, Lists, joined


@dataclass(frozen=True)
class KernelTargets:
    """Groups of nodes by graph. Entries say which node's row belongs to which group; both are numbered through.

    entry_rows, entry_groups: [entries]; group_platforms, group_milliseconds, group_shares: [groups], a share being that
    of the label which the group is part of; entries_by_graph, groups_by_graph: which of them a graph has.
    """

    entry_rows: Int64
    entry_groups: Int64
    group_platforms: Int64
    group_milliseconds: npt.NDArray[np.float32]
    group_shares: npt.NDArray[np.float32]
    entries_by_graph: Lists
    groups_by_graph: Lists

    @classmethod
    def build(
        cls,
        kernels: KernelShares,
        labels: Labels,
        column_platforms: Int64,
        node_rows: npt.NDArray[np.integer],
        graph_offsets: Int64,
    ) -> KernelTargets:
        """Of the graphs and columns that ``labels`` has, so that what tests stays out of sight. node_rows: [nodes], the
        row of each node after the last layer."""
        # Of a million labels, few have kernels.
        chosen = np.isin(labels.graph, kernels.graph)
        keys = zip(labels.graph[chosen].tolist(), labels.column[chosen].tolist())
        latency = dict(zip(keys, labels.milliseconds[chosen].tolist()))
        rows, groups, entry_graphs = [], [], []
        platforms, milliseconds, shares, group_graphs = [], [], [], []
        group_count = 0
        for number, (graph, column) in enumerate(zip(kernels.graph.tolist(), kernels.column.tolist())):
            if (graph, column) not in latency:
                continue
            own_groups = kernels.node_groups[kernels.node_offsets[number] : kernels.node_offsets[number + 1]]
            own_shares = kernels.group_shares[kernels.group_offsets[number] : kernels.group_offsets[number + 1]]
            own_rows = node_rows[graph_offsets[graph] : graph_offsets[graph + 1]]
            is_timed = own_groups >= 0
            rows.append(own_rows[is_timed])
            groups.append(own_groups[is_timed] + group_count)
            entry_graphs.append(np.full(np.count_nonzero(is_timed), graph))
            platforms.append(np.full(len(own_shares), column_platforms[column]))
            milliseconds.append(own_shares * latency[graph, column])
            shares.append(own_shares)
            group_graphs.append(np.full(len(own_shares), graph))
            group_count += len(own_shares)
        graph_count = len(graph_offsets) - 1
        return cls(
            joined(rows, np.int64), joined(groups, np.int64), joined(platforms, np.int64),
            joined(milliseconds, np.float32), joined(shares, np.float32),
            _by_graph(joined(entry_graphs, np.int64), graph_count),
            _by_graph(joined(group_graphs, np.int64), graph_count),
        )  # fmt: skip

    @property
    def group_count(self) -> int:
        return len(self.group_shares)

    def loss(
        self,
        graphs: Int64,
        contributions: Tensor,
        base: Tensor,
        local_rows: Callable[[Int64], Int64],
        weights: Tensor,
        delta: float,
    ) -> Tensor:
        """Σ share · huber(ln(estimate / time)) / delta over the groups of the graphs, each group weighted by its
        platform's weight [P].

        contributions: [rows, P] in milliseconds; ``local_rows`` turns numbers of rows into positions among them.
        base: [P], milliseconds that the head adds to every graph: what groups share is the rest of the latency, or else
        the sum of right contributions would be too much.
        """
        groups = self.groups_by_graph.take(graphs).indices
        if len(groups) == 0:
            return contributions.new_zeros(())
        entries = self.entries_by_graph.take(graphs).indices
        positions = np.empty(self.group_count, np.int64)
        positions[groups] = np.arange(len(groups))
        platforms = self.group_platforms[groups]
        entry_positions = positions[self.entry_groups[entries]]
        rows = torch.from_numpy(local_rows(self.entry_rows[entries]))
        columns = torch.from_numpy(platforms[entry_positions])
        times = contributions.new_zeros(len(groups)).index_add(
            0, torch.from_numpy(entry_positions), contributions[rows, columns]
        )
        shares, group_platforms = torch.from_numpy(self.group_shares[groups]), torch.from_numpy(platforms)
        whole = torch.from_numpy(self.group_milliseconds[groups])
        wanted = torch.maximum(whole - shares * base.detach()[group_platforms], 0.5 * whole)
        # A kernel of no measurable time says nothing about a logarithm: its share weighs it with nothing.
        ratios = torch.log(times.clamp_min(1e-9) / wanted.clamp_min(1e-9))
        losses = functional.huber_loss(ratios, torch.zeros_like(ratios), reduction="none", delta=delta)
        return (weights[group_platforms] * shares * losses).sum() / delta


def _by_graph(graphs: Int64, graph_count: int) -> Lists:
    order = np.argsort(graphs, kind="stable")
    offsets = np.searchsorted(graphs[order], np.arange(graph_count + 1, dtype=np.int64))
    return Lists(offsets, order)
