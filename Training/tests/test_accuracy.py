"""Encoded cells, networks and label scales; needs the library (NNFORMER_LIBRARY)."""

import base64
import itertools
import json
import struct

import nnformer
import numpy as np
import pytest
import torch

from nnformer_training.accuracy import nasbench101
from nnformer_training.accuracy.cell_encoding import CellEncoding
from nnformer_training.accuracy.fitting import FittingConfiguration, estimate, fit
from nnformer_training.accuracy.gcn import dense_cells
from nnformer_training.accuracy.label_scale import LabelScale
from nnformer_training.accuracy.nasbench101 import Nasbench101Labels
from nnformer_training.accuracy.nasbench101_file import ModelMetrics, masked_checksum
from nnformer_training.accuracy.network import AccuracyConfiguration, AccuracyNetwork
from nnformer_training.accuracy.paths import path_counts
from nnformer_training.reference import DenseRelations, encode

ARCHITECTURES = [
    "|none~0|+|none~0|none~1|+|none~0|none~1|none~2|",
    "|nor_conv_3x3~0|+|nor_conv_1x1~0|none~1|+|none~0|avg_pool_3x3~1|nor_conv_3x3~2|",
    "|nor_conv_1x1~0|+|nor_conv_3x3~0|none~1|+|none~0|nor_conv_3x3~1|avg_pool_3x3~2|",
    "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|skip_connect~0|nor_conv_1x1~1|nor_conv_3x3~2|",
]


@pytest.fixture(scope="module")
def encoding():
    return CellEncoding.of(nnformer.CellList("nasbench201", ARCHITECTURES))


@pytest.fixture(scope="module")
def network(encoding):
    torch.manual_seed(1)
    return AccuracyNetwork(AccuracyConfiguration(encoding.feature_table.shape[1], 2, layers=2, width=16))


def test_isomorphic_cells_are_one_to_the_network(encoding):
    assert encoding.packer(2).representatives.tolist() == [0, 1, 1, 3]


def test_estimates_are_those_of_the_dense_reference(encoding, network):
    estimates = estimate(network, encoding.packer(2), np.arange(4))
    tensors = dict(network.named_parameters())
    for architecture, expected in zip(ARCHITECTURES, estimates):
        cell = nnformer.CellList("nasbench201", [architecture])
        features = torch.from_numpy(cell.features()).double()
        lists = [
            [indices[a:b].tolist() for a, b in itertools.pairwise(offsets)]
            for offsets, indices in cell.relations().values()
        ]
        with torch.no_grad():
            class_token = encode(tensors, features, DenseRelations.from_lists(len(features), lists))[0]
            dense = class_token @ tensors["head.weight"].double().T + tensors["head.bias"].double()
        assert expected == pytest.approx(dense.numpy(), abs=1e-5)


def test_fitting_learns_the_order_of_cells(encoding, network):
    targets = np.array([[-1.5, 0.0], [0.5, 1.0], [1.5, -1.0]])
    cells = np.array([0, 1, 3])
    configuration = FittingConfiguration(steps=150, batch_cells=3)
    fitted = fit(network, encoding.packer(2), cells, targets, np.ones(2), configuration, seed=1)
    estimates = estimate(fitted, encoding.packer(2), cells)
    assert (np.argsort(estimates, axis=0) == np.argsort(targets, axis=0)).all()


def test_label_scale_keeps_order_and_comes_back():
    percent = np.array([10.0, 85.0, 93.0, 94.4])
    scale = LabelScale.fit(percent)
    z = scale.from_percent(percent)
    assert (np.diff(z) > 0).all() and z.mean() == pytest.approx(0) and z.std() == pytest.approx(1)
    assert scale.to_percent(z) == pytest.approx(percent)
    # A point of accuracy counts more among good cells.
    assert z[3] - z[2] > scale.from_percent(np.array([11.4]))[0] - z[0]


def test_dense_cells_have_the_edges_of_the_cell(encoding):
    features, adjacency, mask = dense_cells(encoding)
    assert mask.sum(dim=1).tolist() == [2, 6, 6, 7]
    assert adjacency.sum(dim=(1, 2)).tolist() == [0, 12, 12, 18]
    assert (adjacency == adjacency.transpose(1, 2)).all() and (features[mask == 0] == 0).all()


def test_shares_of_the_official_file_are_one_command(tmp_path, monkeypatch):
    """On forty random cells in the official format; shares of them as large as a cell or two."""
    generator = np.random.default_rng(1)
    path = tmp_path / "nasbench_only108.tfrecord"
    with path.open("wb") as file:
        for number in range(40):
            operations = ["input", *generator.choice(["conv3x3-bn-relu", "conv1x1-bn-relu", "maxpool3x3"], 3), "output"]
            upper = np.triu(generator.integers(0, 2, (5, 5)), 1)
            upper[0, 1] = upper[1, 4] = 1
            metrics = ModelMetrics(trainable_parameters=1, total_time=1.0)
            metrics.evaluation_data.add(test_accuracy=float(generator.uniform(0.8, 0.95)))
            encoded = base64.b64encode(metrics.SerializeToString()).decode()
            adjacency = "".join(map(str, upper.ravel()))
            data = json.dumps([f"{number:032x}", 108, adjacency, ",".join(operations), encoded]).encode()
            length = struct.pack("<Q", len(data))
            file.write(length + struct.pack("<I", masked_checksum(length)))
            file.write(data + struct.pack("<I", masked_checksum(data)))
    labels = Nasbench101Labels.official(path)
    assert len(labels.hashes) == 40
    monkeypatch.setattr(nasbench101, "SHARES_PERCENT", (5.0, 50.0))
    rows = nasbench101.official_results(labels, seeds=[1], steps=3)
    assert [row["predictor"] for row in rows] == ["nnformer_5.0_percent", "nnformer_50.0_percent"]
    assert all(-1 <= row["kendall_tau"] <= 1 for row in rows)


def test_repeats_and_folds():
    chain = [[0, 1, 0], [0, 0, 1], [0, 0, 0]]
    rows = [
        (name, chain, ["input", operation, "output"], accuracy)
        for name, operation, accuracies in (
            ("a", "conv3x3-bn-relu", (0.9, 0.8)), ("b", "conv1x1-bn-relu", (0.7, 0.6)),
            ("c", "maxpool3x3", (0.5, 0.65)),
        )
        for accuracy in accuracies
    ]  # fmt: skip
    labels = Nasbench101Labels.of(rows)
    assert labels.means == pytest.approx([85, 65, 57.5])
    assert labels.repeat_taus() == pytest.approx([1 / 3])
    assert set(labels.folds) <= set(range(5))


def test_paths_are_those_through_the_cell(encoding):
    counts = path_counts(encoding)
    # Input and output alone; isomorphic cells agree; every other cell differs.
    assert counts[0].sum() == 2 and (counts[1] == counts[2]).all() and (counts[1] != counts[3]).any()
    # Input → 3×3 → output by two ways of length 4: 6 nodes, 2 paths, 2 lengths, 3 stretches before the output a path.
    assert counts[1].sum() == 6 + 2 + 2 + 2 * 3
