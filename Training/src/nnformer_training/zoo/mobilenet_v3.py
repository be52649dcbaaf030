"""MobileNetV3 (Howard et al., ICCV 2019), large and small."""

from __future__ import annotations

import random

from nnformer_training.zoo.family import Family
from nnformer_training.zoo.mobile import (
    MobileRecipe,
    Stage,
    Standard,
    sample_mobile,
    with_squeeze_excite,
    write_mobile,
)

LARGE = Standard(
    stages=(
        Stage(1, 16, 1, 1, 3), Stage(3.5, 24, 2, 2, 3), Stage(3, 40, 3, 2, 5, True),
        Stage(3, 80, 4, 2, 3, activation="hard_swish"), Stage(6, 112, 2, 1, 3, True, "hard_swish"),
        Stage(6, 160, 3, 2, 5, True, "hard_swish"),
    ),
    stem_channels=16,
    stem_activation="hard_swish",
    head_channels=960,
    head_activation="hard_swish",
    feature_channels=1280,
    squeeze_gate="hard_sigmoid",
    squeezes_expanded=True,
)  # fmt: skip

SMALL = Standard(
    stages=(
        Stage(1, 16, 1, 2, 3, True), Stage(4, 24, 2, 2, 3), Stage(5, 40, 3, 2, 5, True, "hard_swish"),
        Stage(3, 48, 2, 1, 5, True, "hard_swish"), Stage(6, 96, 3, 2, 5, True, "hard_swish"),
    ),
    stem_channels=16,
    stem_activation="hard_swish",
    head_channels=576,
    head_activation="hard_swish",
    feature_channels=1024,
    squeeze_gate="hard_sigmoid",
    squeezes_expanded=True,
)  # fmt: skip


def sample(generator: random.Random) -> MobileRecipe:
    standard = generator.choice((LARGE, LARGE, SMALL))
    if generator.random() < 0.4:
        standard = with_squeeze_excite(generator, standard, generator.choice((0.0, 0.5, 1.0)))
    return sample_mobile(generator, standard)


FAMILY = Family("mobilenet_v3", MobileRecipe, sample, write_mobile)
