"""EfficientNet (Tan and Le, ICML 2019) and EfficientNet-Lite, which has ReLU6 and no squeeze-excite."""

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

B0 = Standard(
    stages=(
        Stage(1, 16, 1, 1, 3, True, "silu"), Stage(6, 24, 2, 2, 3, True, "silu"), Stage(6, 40, 2, 2, 5, True, "silu"),
        Stage(6, 80, 3, 2, 3, True, "silu"), Stage(6, 112, 3, 1, 5, True, "silu"),
        Stage(6, 192, 4, 2, 5, True, "silu"), Stage(6, 320, 1, 1, 3, True, "silu"),
    ),
    stem_channels=32,
    stem_activation="silu",
    head_channels=1280,
    head_activation="silu",
    squeeze_activation="silu",
)  # fmt: skip


def sample(generator: random.Random) -> MobileRecipe:
    variant = generator.choice(("standard", "standard", "standard", "mixed", "lite"))
    standard = B0
    if variant == "mixed":
        standard = with_squeeze_excite(generator, B0, 0.5)
    elif variant == "lite":
        standard = with_activation(with_squeeze_excite(generator, B0, 0.0), "relu6")
    return sample_mobile(generator, standard)


FAMILY = Family("efficientnet", MobileRecipe, sample, write_mobile)
