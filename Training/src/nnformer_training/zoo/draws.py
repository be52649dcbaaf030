"""Random numbers that the families have in common: resolution, classes, costs, rounding, channels and depths."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

from nnformer_training.rounding import make_divisible

#: Multiply-accumulates at batch 1 between which networks are drawn, evenly on a logarithmic scale.
LEAST_DRAWN_MACS, MOST_DRAWN_MACS = 10e6, 4e9


def log_uniform(generator: random.Random, low: float, high: float) -> float:
    return math.exp(generator.uniform(math.log(low), math.log(high)))


def draw_resolution(
    generator: random.Random, low: int = 64, high: int = 320, usual: tuple[int, int] = (96, 256)
) -> int:
    """Pixels a side: four in five are multiples of 32 in the usual range, the others multiples of 4 in low..high."""
    (least, most), step = (usual, 32) if generator.random() < 0.8 else ((low, high), 4)
    return step * generator.randint(least // step, most // step)


def draw_classes(generator: random.Random) -> int:
    return generator.choice((10, 100, 365, 1000, 1000, 1000))


def draw_divisor(generator: random.Random) -> int:
    """What channel counts are rounded to multiples of: mostly 8, as the makers of networks do."""
    return generator.choice((8, 8, 8, 8, 16, 4, 2, 1))


def draw_macs(generator: random.Random, low: float = LEAST_DRAWN_MACS, high: float = MOST_DRAWN_MACS) -> float:
    return log_uniform(generator, low, high)


def vary_channels(
    generator: random.Random, standard: Sequence[int], width: float, divisor: int, spread: float = 0.25
) -> tuple[int, ...]:
    """The standard's channels times the width, each changed by up to the spread either way, and rounded."""
    return tuple(
        make_divisible(channels * width * generator.uniform(1 - spread, 1 + spread), divisor) for channels in standard
    )


def vary_depths(generator: random.Random, standard: Sequence[int], most_added: int = 2) -> tuple[int, ...]:
    """The standard's layers a stage, each with up to two fewer or ``most_added`` more, at least one."""
    return tuple(max(1, depth + generator.randint(-2, most_added)) for depth in standard)
