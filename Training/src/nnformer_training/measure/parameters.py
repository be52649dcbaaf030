"""Numbers for parameters that were written without bytes, and a fixed batch size: what a runtime needs to run a
network.

Latency does not depend on the values as long as no intermediate result becomes denormal, infinite or not a number:
arithmetic on those is slow. All weights are read from one file of normal numbers, one after the other, which runtimes
map into memory; networks then cost no memory of their own, and getting that is slower than measuring on some virtual
machines. Vectors get bytes in the model: normalisations near the identity, biases large enough that nothing fades away.
"""

from __future__ import annotations

import functools
import math
import os
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto

from nnformer_training.onnx_writer import BATCH_SYMBOL, EXTERNAL_LOCATION

_FILE_BYTES = 1 << 29
#: Runtimes map whole pages.
_ALIGNMENT_BYTES = 4096
_WEIGHT_DEVIATION = 0.02
_BIAS_DEVIATION = 0.1
_BLOCK_SIZE = 1 << 20
#: Inputs of normalisations that have to be positive: scale and variance.
_POSITIVE_INPUTS = {"BatchNormalization": (1, 4), "LayerNormalization": (1,), "InstanceNormalization": (1,)}


def write_weights_file(directory: Path) -> None:
    """The file that ``refer_to_weights`` refers to, 512 MiB, unless the directory has it."""
    path = directory / EXTERNAL_LOCATION
    if path.exists() and path.stat().st_size == _FILE_BYTES:
        return
    partial = path.with_suffix(f".{os.getpid()}")
    block = (_block() * np.float32(_WEIGHT_DEVIATION)).tobytes()
    with partial.open("wb") as file:
        for _ in range(_FILE_BYTES // len(block)):
            file.write(block)
    partial.rename(path)


def fix_batch(model: onnx.ModelProto, batch: int) -> None:
    """Write the batch size where inputs and outputs name the symbolic batch axis."""
    for value in (*model.graph.input, *model.graph.output):
        for dimension in value.type.tensor_type.shape.dim:
            if dimension.dim_param == BATCH_SYMBOL:
                dimension.dim_value = batch


def refer_to_weights(model: onnx.ModelProto) -> None:
    """Give every parameter without bytes a place in the weights file, or bytes where it is a vector; the same each
    time. A network larger than the file reads it again from its beginning. ``ValueError`` for a larger parameter."""
    consumers = {
        name: (node.op_type, position) for node in model.graph.node for position, name in enumerate(node.input)
    }
    offset = 0
    for tensor in model.graph.initializer:
        if tensor.data_location != TensorProto.EXTERNAL:
            continue
        shape = tuple(tensor.dims)
        if len(shape) < 2:
            operator, position = consumers.get(tensor.name, ("", 0))
            tensor.raw_data = _vector(math.prod(shape), position in _POSITIVE_INPUTS.get(operator, ())).tobytes()
            tensor.ClearField("external_data")
            tensor.data_location = TensorProto.DEFAULT
            continue
        length = 4 * math.prod(shape)
        if length > _FILE_BYTES:
            raise ValueError(f"parameter {tensor.name} has {length} bytes, more than the weights file's {_FILE_BYTES}")
        if offset + length > _FILE_BYTES:
            offset = 0
        tensor.external_data.add(key="offset", value=str(offset))
        tensor.external_data.add(key="length", value=str(length))
        offset += -(-length // _ALIGNMENT_BYTES) * _ALIGNMENT_BYTES


def _vector(count: int, is_positive: bool) -> npt.NDArray[np.float32]:
    return np.ones(count, np.float32) if is_positive else np.resize(_block(), count) * np.float32(_BIAS_DEVIATION)


@functools.cache
def _block() -> npt.NDArray[np.float32]:
    return np.random.default_rng(0).standard_normal(_BLOCK_SIZE, np.float32)
