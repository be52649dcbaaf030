"""Networks to measure with, written to a folder: real ones, random ones of given sizes, and files with heavy weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx

from nnformer_training.fixtures.golden_graphs import random_graph
from nnformer_training.zoo import resnet

SEED = 5
#: Nodes that a random network has once the library has merged what a runtime would; operators lie some above that.
OPERATORS_PER_NODE = 1.02


def write_random(path: Path, node_count: int) -> None:
    """A random network of mixed operators: hardly any two of its nodes are alike."""
    generator = np.random.default_rng(SEED + node_count)
    path.write_bytes(random_graph(generator, round(node_count * OPERATORS_PER_NODE)).SerializeToString())


def write_residual(path: Path, blocks: tuple[int, int, int, int]) -> None:
    """ResNet of bottlenecks as PyTorch exports it, so many blocks a stage: (3, 4, 6, 3) is ResNet-50. The deepest that are
    published have about three hundred blocks (ResNet-1001)."""
    stages = [width for width, depth in zip((64, 128, 256, 512), blocks, strict=True) for _ in range(depth)]
    recipe = resnet.Recipe(
        resolution=224, classes=1000, stem="7x7", stem_channels=64, block="bottleneck", depths=blocks,
        out_channels=(256, 512, 1024, 2048), inner_channels=tuple(stages), kernels=(3,) * len(stages),
        has_squeeze_excite=False, pools_shortcut=False)
    path.write_bytes(resnet.write(recipe).SerializeToString())


def write_heavy(source: Path, path: Path, size_in_bytes: int) -> None:
    """The network of `source` with its weights inside: `size_in_bytes` of payload in all, each initialiser in
    proportion to its elements. Latency follows from shapes, so payloads may be of any length."""
    model = onnx.load(source, load_external_data=False)
    elements = [max(int(np.prod(tensor.dims)), 1) for tensor in model.graph.initializer]
    for tensor, count in zip(model.graph.initializer, elements, strict=True):
        del tensor.external_data[:]
        tensor.ClearField("data_location")
        if tensor.data_type == onnx.TensorProto.FLOAT and not tensor.raw_data:
            tensor.raw_data = bytes(size_in_bytes * count // sum(elements) // 4 * 4)
    path.write_bytes(model.SerializeToString())
