"""NAS-Bench-201 (Dong and Yang, ICLR 2020): random connected cells, pruned, in skeletons around the benchmark's own."""

from __future__ import annotations

import random
from dataclasses import dataclass

import onnx

from nnformer_training.search_spaces.nasbench201 import (
    OPERATIONS,
    Form,
    Skeleton,
    is_disconnected,
    write_network,
)
from nnformer_training.zoo.family import Family

STEM_CHANNELS = (12, 16, 16, 16, 20, 24, 32, 48)
RESOLUTIONS = (16, 24, 32, 32, 32, 32, 40, 48, 64)
CLASSES = (10, 100, 120)


@dataclass(frozen=True)
class Recipe:
    """Channels double from stage to stage; ``architecture`` is the benchmark's string of a cell."""

    architecture: str
    resolution: int
    stem_channels: int
    stage_cells: tuple[int, ...]
    classes: int


def sample(generator: random.Random) -> Recipe:
    return Recipe(
        architecture=_connected_cell(generator),
        resolution=generator.choice(RESOLUTIONS),
        stem_channels=generator.choice(STEM_CHANNELS),
        stage_cells=_stage_cells(generator),
        classes=generator.choice(CLASSES),
    )


def write(recipe: Recipe) -> onnx.ModelProto:
    stage_channels = tuple(recipe.stem_channels << stage for stage in range(len(recipe.stage_cells)))
    skeleton = Skeleton(stage_channels, recipe.stage_cells, recipe.resolution, recipe.classes)
    return write_network(recipe.architecture, Form.PRUNED, skeleton=skeleton)


def _connected_cell(generator: random.Random) -> str:
    while True:
        a, b, c, d, e, f = generator.choices(OPERATIONS, k=6)
        architecture = f"|{a}~0|+|{b}~0|{c}~1|+|{d}~0|{e}~1|{f}~2|"
        if not is_disconnected(architecture):
            return architecture


def _stage_cells(generator: random.Random) -> tuple[int, ...]:
    """Half of the skeletons have equally many cells in each stage, as the benchmark's."""
    cells = generator.choice((2, 3, 4, 5, 5, 5, 6, 7))
    return (cells,) * 3 if generator.random() < 0.5 else tuple(generator.randint(1, 7) for _ in range(3))


FAMILY = Family("nasbench201", Recipe, sample, write)
