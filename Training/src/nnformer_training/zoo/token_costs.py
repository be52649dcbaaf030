"""Drawing recipes whose costs spread evenly on a logarithmic scale, for families whose cost follows from a formula."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import TypeVar

from nnformer_training.zoo.draws import draw_macs

Recipe = TypeVar("Recipe")

#: So many that the closest is mostly within a tenth of the cost that is sought.
CANDIDATES = 64


def draw_near_cost(
    generator: random.Random, draw: Callable[[random.Random], Recipe], macs: Callable[[Recipe], float]
) -> Recipe:
    """Of some recipes from ``draw`` the one whose multiply-accumulates are closest to a drawn cost."""
    sought = math.log(draw_macs(generator))
    return min((draw(generator) for _ in range(CANDIDATES)), key=lambda recipe: abs(math.log(macs(recipe)) - sought))


def encoder_block_macs(tokens: int, width: int, hidden: int) -> int:
    """Multiply-accumulates of attention (four projections, scores, mixing) and an MLP, over all tokens of one item."""
    return tokens * (4 * width * width + 2 * width * hidden) + 2 * tokens * tokens * width
