"""MnasNet (Tan et al., CVPR 2019): B1 and, with squeeze-excite, A1."""

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

B1 = Standard(
    stages=(
        Stage(1, 16, 1, 1, 3), Stage(3, 24, 3, 2, 3), Stage(3, 40, 3, 2, 5), Stage(6, 80, 3, 2, 5),
        Stage(6, 96, 2, 1, 3), Stage(6, 192, 4, 2, 5), Stage(6, 320, 1, 1, 3),
    ),
    stem_channels=32,
    stem_activation="relu",
    head_channels=1280,
    head_activation="relu",
)  # fmt: skip

A1 = Standard(
    stages=(
        Stage(1, 16, 1, 1, 3), Stage(6, 24, 2, 2, 3), Stage(3, 40, 3, 2, 5, True), Stage(6, 80, 4, 2, 3),
        Stage(6, 112, 2, 1, 3, True), Stage(6, 160, 3, 2, 5, True), Stage(6, 320, 1, 1, 3),
    ),
    stem_channels=32,
    stem_activation="relu",
    head_channels=1280,
    head_activation="relu",
)  # fmt: skip


def sample(generator: random.Random) -> MobileRecipe:
    standard = generator.choice((B1, B1, A1))
    if generator.random() < 0.2:
        standard = with_squeeze_excite(generator, standard, 0.5)
    return sample_mobile(generator, standard)


FAMILY = Family("mnasnet", MobileRecipe, sample, write_mobile)
