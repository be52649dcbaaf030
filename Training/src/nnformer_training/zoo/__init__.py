"""Families of networks that are measured, each a module with a `Family` named `FAMILY`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nnformer_training.zoo import (
    alexnet,
    bert,
    convnext,
    densenet,
    efficientnet,
    googlenet,
    gpt,
    mixture,
    mlp_mixer,
    mnasnet,
    mobilenet_v2,
    mobilenet_v3,
    nasbench201,
    recurrent,
    regnet,
    resnet,
    resnext,
    shufflenet,
    squeezenet,
    swin,
    unet,
    vgg,
    vit,
)
from nnformer_training.zoo.family import Family

#: The ten families of NNLQ come first.
FAMILIES: Mapping[str, Family[Any]] = {
    module.FAMILY.name: module.FAMILY
    for module in (
        resnet,
        vgg,
        efficientnet,
        mobilenet_v2,
        mobilenet_v3,
        mnasnet,
        alexnet,
        squeezenet,
        googlenet,
        nasbench201,
        vit,
        swin,
        mlp_mixer,
        bert,
        gpt,
        recurrent,
        densenet,
        shufflenet,
        regnet,
        resnext,
        unet,
        convnext,
        mixture,
    )
}

#: The families of the paper's protocol, which leaves each of them out in turn.
NNLQ_FAMILIES: tuple[str, ...] = tuple(FAMILIES)[:10]
