"""The GraphSAGE baseline: what it makes of graphs depends on nothing but the graphs, and it learns from training
labels only."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from synthetic_graphs import synthetic_training_set
from torch_geometric.data import Batch, Data

from nnformer_training.model.nnformer import Normaliser
from nnformer_training.protocol.folds import Fold
from nnformer_training.protocol.graphsage import GraphSage, estimate

SEED = 3
FEATURES, TOTALS, PLATFORMS = 5, 4, 2


def graph(generator: np.random.Generator, node_count: int) -> Data:
    """A chain with shortcuts."""
    edges = [(node, node + 1) for node in range(node_count - 1)] + [(node, node + 3) for node in range(node_count - 3)]
    return Data(
        x=torch.from_numpy(generator.standard_normal((node_count, FEATURES)).astype(np.float32)),
        edge_index=torch.tensor(edges, dtype=torch.int64).reshape(-1, 2).T.contiguous(),
        totals=torch.from_numpy(generator.standard_normal((1, TOTALS)).astype(np.float32)),
    )


@pytest.fixture(scope="module")
def graphs() -> list[Data]:
    generator = np.random.default_rng(SEED)
    return [graph(generator, node_count) for node_count in (1, 4, 9, 17)]


@pytest.fixture(scope="module")
def model(graphs: list[Data]) -> GraphSage:
    torch.manual_seed(SEED)
    nodes, totals = (torch.cat([getattr(one, name) for one in graphs]) for name in ("x", "totals"))
    return GraphSage(Normaliser.fit(nodes), Normaliser.fit(totals), PLATFORMS).eval()


def estimates(model: GraphSage, *graphs: Data) -> np.ndarray:
    with torch.no_grad():
        return model(Batch.from_data_list(graphs)).numpy()


def test_a_batch_is_its_graphs_one_by_one(model: GraphSage, graphs: list[Data]) -> None:
    one_by_one = np.concatenate([estimates(model, one) for one in graphs])
    assert one_by_one.shape == (len(graphs), PLATFORMS)
    np.testing.assert_allclose(estimates(model, *graphs), one_by_one, rtol=1e-5, atol=1e-6)


def test_the_order_of_nodes_changes_nothing_and_an_edge_does(model: GraphSage, graphs: list[Data]) -> None:
    for one in graphs[1:]:
        order = torch.from_numpy(np.random.default_rng(SEED).permutation(len(one.x)))
        place = torch.argsort(order)
        shuffled = Data(x=one.x[order], edge_index=place[one.edge_index], totals=one.totals)
        np.testing.assert_allclose(estimates(model, shuffled), estimates(model, one), rtol=1e-5, atol=1e-6)
        cut = Data(x=one.x, edge_index=one.edge_index[:, 1:], totals=one.totals)
        assert not np.allclose(estimates(model, cut), estimates(model, one), rtol=1e-4)


def test_it_learns_its_training_labels_and_sees_no_others() -> None:
    """In a twentieth of the steps of a real run."""
    training_set = synthetic_training_set(SEED)
    labels = training_set.labels
    # Some graphs train with one of their labels alone.
    is_training = labels.is_training & ((labels.column == 0) | (labels.graph % 4 < 2))
    fold = Fold("synthetic", is_training, is_test=np.ones(len(labels.graph), bool))
    found = estimate(training_set, fold, seed=1, step_share=0.05)
    errors = np.abs(np.log(found / labels.milliseconds))[fold.is_training]
    assert errors.mean() < 0.2 * np.log(labels.milliseconds[fold.is_training]).std()
    spoilt = replace(labels, milliseconds=np.where(fold.is_training, labels.milliseconds, 1e9))
    again = estimate(replace(training_set, labels=spoilt), fold, seed=1, step_share=0.05)
    np.testing.assert_array_equal(again, found)


def test_graphs_of_a_training_set_that_differ_in_the_order_of_nodes_have_one_estimate() -> None:
    """Every second of the synthetic graphs is its predecessor in another order; only totals told them apart."""
    training_set = synthetic_training_set(SEED)
    labels = training_set.labels
    totals = training_set.graph_features[np.arange(training_set.graph_count) // 2 * 2]
    fold = Fold("synthetic", is_training=labels.is_training, is_test=np.ones(len(labels.graph), bool))
    found = estimate(replace(training_set, graph_features=totals), fold, seed=1, step_share=0.002)
    # Labels lie by graph, those of a graph by column.
    by_network = found.reshape(-1, 2, PLATFORMS)
    np.testing.assert_allclose(by_network[:, 0], by_network[:, 1], rtol=1e-4)
    assert np.ptp(np.log(by_network[:, 0]), axis=0).min() > 0.01
