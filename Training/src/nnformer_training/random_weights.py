"""Weights that are a function of a seed: any size of model, the same numbers here and in the Swift tests, no file.

Element e of the tensor called `name` is u = uniform(-1, 1), scaled and shifted by the kind of tensor
(`_scale_and_shift`).
u comes from splitmix64 (Steele, Lea and Flood, OOPSLA 2014) as a function of its counter: the state is
(seed XOR FNV-1a-64 of the name) + (e + 1) · 0x9E3779B97F4A7C15 modulo 2⁶⁴; of the finalised state the top 24 bits,
divided by 2²⁴, lie in [0, 1) and are stretched to [-1, 1). Such weights make estimates of no meaning and of usual size.

As a program, writes a complete weights file, for a library that has no trained weights yet:

    python -m nnformer_training.random_weights --feature-count 290 --graph-feature-count 9 weights.safetensors
"""

from __future__ import annotations

import argparse
import math
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from .configuration import ModelConfiguration
from .platforms import Platform, Quantity
from .sharing import SPLITMIX64_STEP, splitmix64
from .weights_file import WeightsFile, weights_document

_FEATURE_SCHEMA = 2


def fnv1a_64(text: str) -> int:
    """FNV-1a, 64 bits, of the UTF-8 bytes (Fowler, Noll, Vo)."""
    digest = 0xCBF29CE484222325
    for byte in text.encode():
        digest = ((digest ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return digest


def splitmix64_uniform(seed: int, count: int) -> NDArray[np.float32]:
    """`count` numbers in [-1, 1), multiples of 2⁻²³ and so exact in float32."""
    z = splitmix64(np.uint64(seed) + np.arange(count, dtype=np.uint64) * SPLITMIX64_STEP)
    unit = (z >> np.uint64(40)).astype(np.float64) / float(1 << 24)
    return (2.0 * unit - 1.0).astype(np.float32)


def _scale_and_shift(name: str, shape: tuple[int, ...]) -> tuple[float, float]:
    """Elements are scale · u + shift."""
    if name in ("head.base", "head.rates"):
        return 1.0, 0.0
    if "norm" in name:
        return 0.1, 1.0 if name.endswith(".weight") else 0.0
    if name.endswith("_scale"):
        return 0.1, 0.5
    if name.endswith(".bias"):
        return 0.1, 0.0
    return 1.0 / math.sqrt(shape[-1]), 0.0


def random_tensors(configuration: ModelConfiguration, seed: int) -> dict[str, NDArray[np.float32]]:
    """Every tensor of the model, float32. Scale and shift are rounded to float32 before they are applied."""
    tensors = {}
    for name, shape in configuration.tensor_shapes().items():
        scale, shift = _scale_and_shift(name, shape)
        uniform = splitmix64_uniform(seed ^ fnv1a_64(name), math.prod(shape))
        tensors[name] = (np.float32(scale) * uniform + np.float32(shift)).reshape(shape)
    return tensors


def random_weights_file(
    configuration: ModelConfiguration, platform_ids: list[str], seed: int, feature_schema: int = _FEATURE_SCHEMA
) -> bytes:
    """A weights file as Documentation/Model.md lays down, whose platforms have no labels and so claim no accuracy."""
    if len(platform_ids) != configuration.platform_count:
        raise ValueError(f"{len(platform_ids)} platform ids for {configuration.platform_count} platforms")
    platforms = [
        Platform(
            platform_id,
            *platform_id.split("-", 2),
            quantity=Quantity.LATENCY,
            source="random weights: estimates have no meaning",
            licence="none",
        )
        for platform_id in platform_ids
    ]
    training = {"commit": "", "seed": seed, "data_sha256": "", "date": ""}
    document = weights_document(configuration, feature_schema, training, platforms, results=[])
    tensors = {name: torch.from_numpy(array) for name, array in random_tensors(configuration, seed).items()}
    return WeightsFile(document, tensors).to_bytes()


def main() -> None:
    parser = argparse.ArgumentParser(description="Write a weights file of random numbers.")
    parser.add_argument("output", type=Path)
    parser.add_argument("--feature-count", type=int, required=True)
    parser.add_argument("--graph-feature-count", type=int, required=True)
    parser.add_argument("--feature-schema", type=int, default=_FEATURE_SCHEMA)
    parser.add_argument("--width", type=int, default=96)
    parser.add_argument("--layers", type=int, default=2)
    parser.add_argument("--head", default="additive")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--platforms",
        nargs="+",
        default=["2080ti-pytorch-fp32", "gtx1660-tensorrt7.1-fp32", "pixel3-tflite-fp32"],
    )
    arguments = parser.parse_args()
    configuration = ModelConfiguration(
        feature_count=arguments.feature_count,
        graph_feature_count=arguments.graph_feature_count,
        platform_count=len(arguments.platforms),
        layers=arguments.layers,
        width=arguments.width,
        head=arguments.head,
    )
    arguments.output.write_bytes(
        random_weights_file(configuration, arguments.platforms, arguments.seed, arguments.feature_schema)
    )


if __name__ == "__main__":
    main()
