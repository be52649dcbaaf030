"""MobileNetV2 (Sandler et al., CVPR 2018), sometimes with squeeze-excite."""

from __future__ import annotations

import random

from nnformer_training.zoo.family import Family
from nnformer_training.zoo.mobile import (
    MobileRecipe,
    Stage,
    Standard,
    sample_mobile,
    with_activation,
    with_squeeze_excite,
    write_mobile,
)

STANDARD = Standard(
    stages=(
        Stage(1, 16, 1, 1, 3), Stage(6, 24, 2, 2, 3), Stage(6, 32, 3, 2, 3), Stage(6, 64, 4, 2, 3),
        Stage(6, 96, 3, 1, 3), Stage(6, 160, 3, 2, 3), Stage(6, 320, 1, 1, 3),
    ),
    stem_channels=32,
    stem_activation="relu6",
    head_channels=1280,
    head_activation="relu6",
)  # fmt: skip


def sample(generator: random.Random) -> MobileRecipe:
    standard = with_activation(STANDARD, generator.choice(("relu6", "relu6", "relu")))
    standard = with_squeeze_excite(generator, standard, generator.choice((0.0, 0.0, 0.0, 0.5, 1.0)))
    return sample_mobile(generator, standard)


FAMILY = Family("mobilenet_v2", MobileRecipe, sample, write_mobile)
