"""Families of networks that are measured, each a module with a `Family` named `FAMILY`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nnformer_training.zoo import bert, gpt, mlp_mixer, recurrent, swin, vit
from nnformer_training.zoo.family import Family

FAMILIES: Mapping[str, Family[Any]] = {
    module.FAMILY.name: module.FAMILY for module in (vit, swin, mlp_mixer, bert, gpt, recurrent)
}
