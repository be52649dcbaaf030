"""The golden graphs are what their page promises, and the same in every run."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from canonical_edges import canonical_graph, relation_sizes

from nnformer_training.export.weights import SHIPPED_WEIGHTS
from nnformer_training.features.graph_library import GraphData
from nnformer_training.fixtures.golden import GOLDEN_DIRECTORY, GRAPH_SEED, _write_lines, dense_relations
from nnformer_training.fixtures.golden_graphs import HUB_CHILDREN, golden_graphs


def test_golden_graphs_are_many_valid_small_and_reproducible() -> None:
    graphs = list(golden_graphs(GRAPH_SEED))
    again = list(golden_graphs(GRAPH_SEED))
    assert len(graphs) >= 50
    assert len({graph.name for graph in graphs}) == len(graphs)
    total = 0
    for graph, twin in zip(graphs, again, strict=True):
        data = graph.model.SerializeToString(deterministic=True)
        assert data == twin.model.SerializeToString(deterministic=True)
        total += len(data)
        onnx.shape_inference.infer_shapes(graph.model, strict_mode=True)
    assert total < 1_400_000
    hub = next(graph for graph in graphs if graph.name == "hub")
    assert sum(node.op_type == "Sigmoid" for node in hub.model.graph.node) == HUB_CHILDREN > 64


def test_committed_graphs_are_the_generated_ones() -> None:
    for graph in golden_graphs(GRAPH_SEED):
        committed = onnx.load(GOLDEN_DIRECTORY / "graphs" / f"{graph.name}.onnx", load_external_data=False)
        assert committed == graph.model, graph.name


def test_lists_of_the_library_become_masks() -> None:
    empty = (np.zeros(4, np.uint32), np.zeros(0, np.uint32))
    successors = (np.array([0, 2, 2, 2], np.uint32), np.array([1, 2], np.uint32))
    relations = (successors, empty, empty, empty)
    data = GraphData(np.zeros((3, 2), np.float32), np.zeros(1, np.float32), relations, np.zeros(5), "")
    masks = dense_relations(data.relations)
    assert masks.successors.tolist() == [[0, 1, 1], [0, 0, 0], [0, 0, 0]]
    assert torch.count_nonzero(masks.co_parents) == 0


def test_files_are_json_with_a_line_an_entry(tmp_path: Path) -> None:
    document = {"seed": 1, "estimates": [{"name": "a", "milliseconds": [1.5]}, {"name": "b", "milliseconds": [2.0]}]}
    _write_lines(tmp_path / "x.json", document)
    text = (tmp_path / "x.json").read_text()
    assert json.loads(text) == document
    assert len(text.splitlines()) == 5


@pytest.mark.parametrize("name", ["shipped", "random_additive", "random_pooled"])
def test_committed_vectors_cover_every_graph(name: str) -> None:
    directory = GOLDEN_DIRECTORY
    graphs = [entry["name"] for entry in json.loads((directory / "graphs.json").read_text())["graphs"]]
    estimates = json.loads((directory / f"{name}.json").read_text())["estimates"]
    assert [entry["name"] for entry in estimates] == graphs
    assert all(value > 0 for entry in estimates for value in entry["milliseconds"])
    assert all((directory / "graphs" / f"{graph}.onnx").exists() for graph in graphs)


def test_committed_relations_are_those_of_the_files() -> None:
    """Sizes that the library found, beside those of Model.md's definitions, which it has no part in."""
    for entry in json.loads((GOLDEN_DIRECTORY / "graphs.json").read_text())["graphs"]:
        file = GOLDEN_DIRECTORY / "graphs" / f"{entry['name']}.onnx"
        graph = canonical_graph(onnx.load(file, load_external_data=False))
        assert (entry["nodes"], entry["relation_sizes"]) == (len(graph), relation_sizes(graph)), entry["name"]


def test_committed_estimates_are_of_the_embedded_weights() -> None:
    document = json.loads((GOLDEN_DIRECTORY / "shipped.json").read_text())
    assert document["weights_sha256"] == hashlib.sha256(SHIPPED_WEIGHTS.read_bytes()).hexdigest()
