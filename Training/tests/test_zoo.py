"""Every family draws networks that are what their recipes say, that onnx finds valid and that the library reads."""

from __future__ import annotations

import math
import random
from functools import cache
from typing import Any

import onnx
import pytest
from onnx_counters import infer_shapes, with_random_weights

from nnformer_training.features.graph_library import GraphLibrary
from nnformer_training.zoo import FAMILIES
from nnformer_training.zoo.family import Family

SEEDS = range(4)
BATCH = 3

NNLQ_FAMILIES = (
    "resnet", "vgg", "efficientnet", "mobilenet_v2", "mobilenet_v3",
    "mnasnet", "alexnet", "squeezenet", "googlenet", "nasbench201",
)  # fmt: skip

families = pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)
seeds = pytest.mark.parametrize("seed", SEEDS)


@cache
def sampled(name: str, seed: int) -> Any:
    return FAMILIES[name].sample(random.Random(seed))


@cache
def written(name: str, seed: int) -> onnx.ModelProto:
    return FAMILIES[name].write(sampled(name, seed))


def test_the_families_of_nnlq_are_there() -> None:
    assert set(NNLQ_FAMILIES) <= set(FAMILIES)
    assert all(name == family.name for name, family in FAMILIES.items())


@families
def test_equal_seeds_draw_equal_recipes_and_others_do_not(family: Family[Any]) -> None:
    recipes = [sampled(family.name, seed) for seed in SEEDS]
    assert [family.sample(random.Random(seed)) for seed in SEEDS] == recipes
    assert len(set(recipes)) == len(recipes)


@families
@seeds
def test_a_recipe_survives_json(family: Family[Any], seed: int) -> None:
    recipe = sampled(family.name, seed)
    assert family.from_json(family.to_json(recipe)) == recipe


@families
@seeds
def test_the_declared_output_is_what_onnx_infers(family: Family[Any], seed: int) -> None:
    model = written(family.name, seed)
    shapes = infer_shapes(model, BATCH)
    for output in model.graph.output:
        declared = tuple(dimension.dim_value for dimension in output.type.tensor_type.shape.dim[1:])
        assert shapes[output.name] == (BATCH, *declared)


@pytest.mark.parametrize("name", NNLQ_FAMILIES)
@seeds
def test_a_classifier_ends_in_its_classes(name: str, seed: int) -> None:
    (output,) = written(name, seed).graph.output
    assert infer_shapes(written(name, seed), BATCH)[output.name] == (BATCH, sampled(name, seed).classes)


@families
def test_onnx_finds_the_network_valid(family: Family[Any]) -> None:
    smallest = min((written(family.name, seed) for seed in SEEDS), key=_parameter_count)
    onnx.checker.check_model(with_random_weights(smallest, seed=0))


@families
@seeds
def test_the_library_reads_the_network(family: Family[Any], seed: int, library: GraphLibrary) -> None:
    data = library.graph_data(written(family.name, seed).SerializeToString(), BATCH)
    macs, parameters = data.totals[1:3]
    assert len(data.features) > 0
    assert macs > 0 and parameters > 0


def _parameter_count(model: onnx.ModelProto) -> int:
    return sum(math.prod(tensor.dims) for tensor in model.graph.initializer)
