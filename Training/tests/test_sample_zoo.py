"""Which networks are drawn to be measured."""

from __future__ import annotations

import csv
import random
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import onnx
import pytest
from fake_library import FakeLibrary

from nnformer_training import cli
from nnformer_training.collection.sample_zoo import (
    LEAST_MEASURED_MACS,
    MOST_MEASURED_MACS,
    MOST_PARAMETERS,
    ZOO_FILE,
    sample_networks,
)
from nnformer_training.features.graph_library import TOTALS, GraphData
from nnformer_training.labels.label_sets import MEASURED_DIRECTORY
from nnformer_training.measure.networks import ZooNetwork
from nnformer_training.zoo import FAMILIES
from nnformer_training.zoo.family import Family


@dataclass(frozen=True)
class Recipe:
    nodes: int


def write(recipe: Recipe) -> onnx.ModelProto:
    """As many nodes as the recipe says."""
    names = ["x", *(f"y{number}" for number in range(recipe.nodes))]
    nodes = [onnx.helper.make_node("Relu", [source], [result]) for source, result in pairwise(names)]
    value = onnx.helper.make_tensor_value_info
    ends = [[value(name, onnx.TensorProto.FLOAT, (1, 1))] for name in (names[0], names[-1])]
    return onnx.helper.make_model(onnx.helper.make_graph(nodes, "chain", *ends))


@pytest.fixture
def family(monkeypatch: pytest.MonkeyPatch) -> Family[Recipe]:
    """Ten recipes, of one to ten nodes, at one batch size."""
    one = Family("chain", Recipe, lambda generator: Recipe(generator.randint(1, 10)), write, batches=(1,))
    monkeypatch.setitem(FAMILIES, one.name, one)
    return one


class PricedLibrary(FakeLibrary):
    """Multiply-accumulates and parameters by the number of nodes."""

    def __init__(self, macs: dict[int, float], parameters: dict[int, float] | None = None) -> None:
        self._macs, self._parameters = macs, parameters or {}

    def graph_data(self, model: bytes, batch: int) -> GraphData:
        data = super().graph_data(model, batch)
        node_count = len(data.features)
        totals = np.zeros(len(TOTALS))
        totals[TOTALS.index("macs")] = self._macs.get(node_count, 0.0)
        totals[TOTALS.index("parameters")] = self._parameters.get(node_count, 0.0)
        return GraphData(data.features, data.graph_features, data.relations, totals, data.graph_hash)


def node_counts(networks: list[ZooNetwork]) -> list[int]:
    return [len(network.write().graph.node) for network in networks]


def test_networks_cost_what_is_wanted_and_none_comes_twice(family: Family[Recipe]) -> None:
    within = {2: LEAST_MEASURED_MACS, 3: MOST_MEASURED_MACS, 5: 1e8, 8: 1e8}
    beyond = {1: LEAST_MEASURED_MACS - 1, 4: MOST_MEASURED_MACS + 1, 6: 1e8}
    library = PricedLibrary(within | beyond, parameters={5: MOST_PARAMETERS, 6: MOST_PARAMETERS + 1})
    networks = list(sample_networks(family, len(within), library))
    assert sorted(node_counts(networks)) == sorted(within)
    assert [(network.name, network.seed) for network in networks] == [(f"chain_{n:04}", n) for n in range(4)]
    with pytest.raises(RuntimeError, match="chain: no new network"):
        list(sample_networks(family, len(within) + 1, library))


def test_a_longer_list_begins_with_a_shorter_one(family: Family[Recipe]) -> None:
    library = PricedLibrary(dict.fromkeys(range(1, 11), 1e8))
    assert list(sample_networks(family, 7, library))[:3] == list(sample_networks(family, 3, library))
    # Number i does not depend on what was drawn for other numbers, but for repeats.
    (first,) = sample_networks(family, 1, library)
    assert node_counts([first]) == [random.Random("chain 0").randint(1, 10)]


@pytest.mark.usefixtures("library")
def test_what_is_drawn_now_begins_the_committed_list(tmp_path: Path) -> None:
    counts = ["--nnlq-networks", "2", "--other-networks", "2", "--mixtures", "2"]
    assert cli.main(["sample-zoo", *counts, "--output", str(tmp_path / ZOO_FILE)]) == 0
    with (tmp_path / ZOO_FILE).open() as drawn, (MEASURED_DIRECTORY / ZOO_FILE).open() as committed:
        rows, wanted = list(csv.reader(drawn)), [row for row in csv.reader(committed) if row[2] in ("seed", "0", "1")]
    assert len(rows) == 1 + 2 * len(FAMILIES)
    assert rows == wanted
