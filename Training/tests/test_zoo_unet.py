"""A U-Net maps an image to an image."""

from __future__ import annotations

import random

import pytest
from onnx_counters import infer_shapes

from nnformer_training.zoo import unet


@pytest.mark.parametrize("seed", range(20))
def test_the_output_has_the_resolution_of_the_input(seed: int) -> None:
    recipe = unet.sample(random.Random(seed))
    model = unet.write(recipe)
    shapes = infer_shapes(model)
    assert shapes[model.graph.input[0].name] == (1, 3, recipe.resolution, recipe.resolution)
    assert shapes[model.graph.output[0].name] == (1, recipe.classes, recipe.resolution, recipe.resolution)
