"""Accuracy of cells through the Python module."""

import itertools
import json
import pathlib

import pytest

import nnformer

GOLDEN = json.loads((pathlib.Path(__file__).resolve().parent.parent / "Golden" / "accuracy.json").read_text())
ARCHITECTURES = [cell for cell in GOLDEN if cell["space"] == "nasbench201"]
MATRICES = [cell for cell in GOLDEN if cell["space"] == "nasbench101"]


@pytest.fixture(scope="module")
def predictor(library):
    with nnformer.AccuracyPredictor() as predictor:
        yield predictor


def test_datasets_say_where_they_come_from(predictor):
    assert [(one.space, one.id) for one in predictor.datasets] == [
        ("nasbench201", "cifar10"),
        ("nasbench201", "cifar100"),
        ("nasbench201", "imagenet16"),
        ("nasbench101", "cifar10"),
    ]
    assert all(0.6 < one.kendall_tau < 1 and one.source and one.licence for one in predictor.datasets)


@pytest.mark.parametrize(("output", "dataset"), enumerate(["cifar10", "cifar100", "imagenet16"]))
def test_estimates_are_those_of_pytorch(predictor, output, dataset):
    with nnformer.CellList("nasbench201", [cell["architecture"] for cell in ARCHITECTURES]) as cells:
        expected = [cell["percent"][output] for cell in ARCHITECTURES]
        assert predictor.predict(cells, dataset) == pytest.approx(expected, abs=1e-4)


def test_matrices_are_estimated(predictor):
    with nnformer.CellList("nasbench101") as cells:
        for cell in MATRICES:
            cells.add_matrix(cell["adjacency"], cell["operations"])
        assert len(cells) == len(MATRICES)
        assert predictor.predict(cells, "cifar10") == pytest.approx([cell["percent"][0] for cell in MATRICES], abs=1e-4)


def test_the_order_of_vertices_does_not_matter(predictor):
    adjacency = [[0, 1, 1, 0, 0], [0, 0, 0, 1, 0], [0, 0, 0, 0, 1], [0, 0, 0, 0, 1], [0, 0, 0, 0, 0]]
    operations = ["input", "conv3x3-bn-relu", "maxpool3x3", "conv1x1-bn-relu", "output"]
    with nnformer.CellList("nasbench101") as cells:
        for inner in itertools.permutations([1, 2, 3]):
            order = [0, *inner, 4]
            cells.add_matrix([[adjacency[i][j] for j in order] for i in order], [operations[i] for i in order])
        estimates = predictor.predict(cells, "cifar10")
    assert len(estimates) == 6 and len(set(estimates)) == 1


def test_errors_are_typed(predictor):
    with pytest.raises(nnformer.NotFoundError, match="nasbench201"):
        nnformer.CellList("darts")
    with nnformer.CellList("nasbench201") as cells:
        with pytest.raises(nnformer.MalformedInputError, match="unknown operation 'zero'"):
            cells.add_architecture("|zero~0|+|none~0|none~1|+|none~0|none~1|none~2|")
        with pytest.raises(nnformer.InvalidArgumentError, match="nasbench201"):
            cells.add_matrix([[0, 1], [0, 0]], ["input", "output"])
        with pytest.raises(nnformer.NotFoundError, match="imagenet16"):
            predictor.predict(cells, "mnist")
        assert len(cells) == 0 and predictor.predict(cells, "cifar10") == []
    with nnformer.CellList("nasbench101") as cells:
        with pytest.raises(ValueError, match="3×3"):
            cells.add_matrix([[0, 1], [0, 0]], ["input", "maxpool3x3", "output"])
        with pytest.raises(ValueError, match="0 or 1"):
            cells.add_matrix([[0, 256], [0, 0]], ["input", "output"])
        with pytest.raises(nnformer.MalformedInputError, match="cyclic"):
            cells.add_matrix([[0, 1, 0], [1, 0, 1], [0, 0, 0]], ["input", "maxpool3x3", "output"])


def test_latency_weights_are_not_accuracy_weights(library, weights):
    with pytest.raises(nnformer.IncompatibleWeightsError, match="nnformer_accuracy"):
        nnformer.AccuracyPredictor(weights / "nnformer.safetensors")
