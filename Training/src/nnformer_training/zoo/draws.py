"""Random numbers that the families have in common: resolution, classes, rounding, and a width that meets a cost."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

from nnformer_training.rounding import make_divisible

#: Multiply-accumulates at batch 1 between which networks are drawn, evenly on a logarithmic scale.
LEAST_MACS, MOST_MACS = 10e6, 4e9
STANDARD_RESOLUTION = 224


def log_uniform(generator: random.Random, low: float, high: float) -> float:
    return math.exp(generator.uniform(math.log(low), math.log(high)))


def draw_resolution(generator: random.Random, low: int = 64, high: int = 320) -> int:
    """Pixels a side: four in five are multiples of 32 in 96..256, the others any multiple of 4 between the bounds."""
    if generator.random() < 0.8:
        return 32 * generator.randint(max(96, low) // 32, min(256, high) // 32)
    return 4 * generator.randint(low // 4, high // 4)


def draw_classes(generator: random.Random) -> int:
    return generator.choice((10, 100, 365, 1000, 1000, 1000))


def draw_divisor(generator: random.Random) -> int:
    """What channel counts are rounded to multiples of: mostly 8, as the makers of networks do."""
    return generator.choice((8, 8, 8, 8, 16, 4, 2, 1))


def draw_macs(generator: random.Random, low: float = LEAST_MACS, high: float = MOST_MACS) -> float:
    return log_uniform(generator, low, high)


def width_multiplier(macs: float, resolution: int, standard_macs: float, bounds: tuple[float, float]) -> float:
    """The factor on all channels that brings a network of ``standard_macs`` at 224² to ``macs`` at the resolution.

    Costs grow with the square of either. The bounds keep the network a plausible one and win over the cost.
    """
    width = math.sqrt(macs / standard_macs) * STANDARD_RESOLUTION / resolution
    return min(max(width, bounds[0]), bounds[1])


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
