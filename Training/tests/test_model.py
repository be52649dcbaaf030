"""The sparse model over shared rows equals the dense reference, in values and in gradients."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from synthetic_graphs import SyntheticGraphs, neighbour_lists, node_relations, synthetic_graphs

from nnformer_training.features.sharing import share
from nnformer_training.model import reference
from nnformer_training.model.configuration import ModelConfiguration
from nnformer_training.model.nnformer import NNFormer, Normaliser
from nnformer_training.model.packing import Packer

PLATFORM_COUNT = 3


def build(graphs: SyntheticGraphs, head: str, layers: int = 2, is_normalised: bool = True) -> NNFormer:
    torch.manual_seed(7)
    configuration = ModelConfiguration(
        feature_count=graphs.feature_table.shape[1],
        graph_feature_count=graphs.graph_features.shape[1],
        platform_count=PLATFORM_COUNT,
        layers=layers,
        width=16,
        feedforward_ratio=2,
        head=head,
        head_width=12,
    )
    node = Normaliser.fit(torch.from_numpy(graphs.feature_table)) if is_normalised else None
    graph = Normaliser.fit(torch.from_numpy(graphs.graph_features)) if is_normalised else None
    model = NNFormer(configuration, node, graph, initial_layer_scale=1.0)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.1 * torch.randn_like(parameter))
    return model


def packer(graphs: SyntheticGraphs, layers: int = 2, is_merging: bool = True) -> Packer:
    shared = share(graphs.feature_rows, graphs.graph_offsets, graphs.relations, layers, is_merging)
    return Packer(shared, graphs.feature_table, graphs.cost_table, graphs.graph_features)


def reference_estimates(tensors: dict[str, torch.Tensor], graphs: SyntheticGraphs, chosen: np.ndarray) -> torch.Tensor:
    return torch.stack(
        [
            reference.predict(
                tensors,
                graphs.features(int(graph)),
                graphs.costs(int(graph)),
                torch.from_numpy(graphs.graph_features[graph]).double(),
                graphs.dense_relations(int(graph)),
            )
            for graph in chosen
        ]
    )


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    head=st.sampled_from(["additive", "pooled"]),
    layers=st.integers(1, 3),
    is_merging=st.booleans(),
)
def test_packed_model_equals_dense_reference(seed: int, head: str, layers: int, is_merging: bool) -> None:
    graphs = synthetic_graphs(seed)
    model = build(graphs, head, layers)
    chosen = np.random.default_rng(seed).integers(0, graphs.graph_count, 5)
    estimates = model(packer(graphs, layers, is_merging).pack(chosen))
    expected = reference_estimates(model.exported_tensors(), graphs, chosen)
    torch.testing.assert_close(estimates.double(), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("head", ["additive", "pooled"])
def test_gradients_equal_those_of_the_dense_reference(head: str) -> None:
    graphs = synthetic_graphs(11, graph_count=8)
    model = build(graphs, head, is_normalised=False).double()
    chosen = np.array([0, 1, 3, 3, 6])
    packed = packer(graphs).pack(chosen)
    packed = type(packed)(
        packed.features.double(),
        packed.stages,
        type(packed.pooling)(**{**vars(packed.pooling), "values": packed.pooling.values.double()}),
        packed.costs.double(),
        packed.graph_features.double(),
    )
    names = list(model.configuration.tensor_shapes())
    parameters = dict(model.named_parameters())
    sparse = torch.autograd.grad(model(packed).log().sum(), [parameters[name] for name in names])
    leaves = {name: parameters[name].detach().clone().requires_grad_() for name in names}
    dense = torch.autograd.grad(reference_estimates(leaves, graphs, chosen).log().sum(), list(leaves.values()))
    for name, actual, expected in zip(names, sparse, dense, strict=True):
        torch.testing.assert_close(
            actual, expected, rtol=1e-9, atol=1e-11, msg=lambda text, name=name: f"{name}: {text}"
        )


def test_sharing_merges_the_rows_of_isomorphic_graphs() -> None:
    graphs = synthetic_graphs(5, graph_count=2)
    shared = share(graphs.feature_rows, graphs.graph_offsets, graphs.relations, layers=2)
    node_count = int(graphs.graph_offsets[1])
    assert graphs.graph_offsets[2] == 2 * node_count
    assert shared.stages[-1].row_count <= node_count
    first, second = (shared.graphs.take(np.array([graph])).indices for graph in (0, 1))
    np.testing.assert_array_equal(first, second)
    assert shared.multiplicities.sum() == 2 * node_count


def test_sharing_counts_a_sibling_that_has_the_row_of_the_asker() -> None:
    # One parent with two equal children: each child sees itself and its twin, which are the same row.
    graph_offsets = np.array([0, 3])
    relations = node_relations([neighbour_lists(3, [(0, 1), (0, 2)])], graph_offsets)
    shared = share(np.array([0, 1, 1]), graph_offsets, relations, layers=1)
    attention = shared.stages[0]
    assert attention.row_count == 2
    twin = int(np.flatnonzero(attention.own == 1)[0])
    co_children = attention.groups.take(np.array([twin * 4 + 2])).indices
    np.testing.assert_array_equal(co_children, [1 * 4 + 2, 1 * 4 + 2])


def relations_of(adjacency: torch.Tensor) -> reference.DenseRelations:
    """A, Aᵀ, AᵀA > 0 and AAᵀ > 0 off the diagonal, for graphs without hubs."""
    a = (adjacency > 0).to(torch.float64)
    off_diagonal = 1.0 - torch.eye(a.shape[0], dtype=a.dtype)
    return reference.DenseRelations(a, a.T, ((a.T @ a) > 0) * off_diagonal, ((a @ a.T) > 0) * off_diagonal)


def test_reference_masks_from_adjacency_equal_those_from_lists() -> None:
    generator = np.random.default_rng(3)
    for _ in range(20):
        node_count = int(generator.integers(1, 12))
        edges = [(i, j) for i in range(node_count) for j in range(i + 1, node_count) if generator.random() < 0.4]
        adjacency = torch.zeros(node_count, node_count)
        for i, j in edges:
            adjacency[i, j] = 1
        from_adjacency = relations_of(adjacency)
        from_lists = reference.DenseRelations.from_lists(node_count, neighbour_lists(node_count, edges))
        for left, right in zip(from_adjacency.in_head_order(), from_lists.in_head_order(), strict=True):
            torch.testing.assert_close(left, right)


def test_parameters_have_the_names_and_shapes_of_the_weights_file() -> None:
    graphs = synthetic_graphs(1)
    for head in ("additive", "pooled"):
        model = build(graphs, head)
        shapes = {name: tuple(tensor.shape) for name, tensor in model.named_parameters()}
        assert shapes == model.configuration.tensor_shapes()


def test_normaliser_turns_a_constant_column_into_zero() -> None:
    rows = torch.tensor([[1.0, 5.0], [3.0, 5.0]])
    normaliser = Normaliser.fit(rows)
    normalised = (rows - normaliser.mean) * normaliser.reciprocal
    torch.testing.assert_close(normalised, torch.tensor([[-1.0, 0.0], [1.0, 0.0]]))


@pytest.mark.parametrize("head", ["additive", "pooled"])
def test_exported_tensors_go_into_a_model_with_other_normalisers(head: str) -> None:
    graphs = synthetic_graphs(3)
    original = build(graphs, head, is_normalised=False)
    successor = build(graphs, head)
    chosen = np.arange(graphs.graph_count)
    successor.load_exported(original.exported_tensors())
    batch = packer(graphs).pack(chosen)
    torch.testing.assert_close(successor(batch), original(batch), rtol=1e-4, atol=1e-5)
