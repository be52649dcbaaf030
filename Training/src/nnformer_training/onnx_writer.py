"""A small builder of convolutional networks as ONNX, for writing tens of thousands of them.

Weights are initialisers that state type and shape but refer to bytes outside (``data_location = EXTERNAL``, location
``weights.bin``, which nobody writes): latency depends on shapes, not on values. The batch axis of the input is
symbolic, and nothing inside a graph fixes it. Protocol buffers are filled directly and no checker runs, so a network
of 300 nodes takes milliseconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import onnx
from onnx import TensorProto

BATCH_SYMBOL = "batch"
EXTERNAL_LOCATION = "weights.bin"
IR_VERSION = 8
OLDEST_OPSET = 13
NEWEST_OPSET = 17
#: First opset with the HardSwish operator.
HARD_SWISH_OPSET = 14

#: One number for height and width, or (vertical, horizontal).
Extents = int | tuple[int, int]


@dataclass(frozen=True)
class Value:
    """A tensor: its name and its shape without the batch axis: (channels, height, width), (tokens, width), (width)."""

    name: str
    shape: tuple[int, ...]

    @property
    def channels(self) -> int:
        return self.shape[0]


class OnnxWriter:
    """Builds one graph, node by node; ``finish`` returns the model.

    Every method that adds a node takes the node's name, which also names its output and prefixes its weights, and
    returns the output as a ``Value``. Names must be unique.
    """

    def __init__(self, graph_name: str, opset: int = NEWEST_OPSET) -> None:
        if not OLDEST_OPSET <= opset <= NEWEST_OPSET:
            raise ValueError(f"opset {opset} is outside {OLDEST_OPSET}..{NEWEST_OPSET}")
        self.opset = opset
        self._model = onnx.ModelProto(ir_version=IR_VERSION, producer_name="nnformer_training")
        self._model.opset_import.add(domain="", version=opset)
        self._graph = self._model.graph
        self._graph.name = graph_name
        self._node_names: set[str] = set()

    def input(self, name: str, shape: tuple[int, ...], data_type: int = TensorProto.FLOAT) -> Value:
        """An input of shape (batch, *shape), float32 unless said otherwise."""
        self._declare(self._graph.input.add(), name, shape, data_type)
        return Value(name, shape)

    def finish(self, *outputs: Value) -> onnx.ModelProto:
        """Declare the graph's outputs and return the model; the writer must not be used afterwards."""
        for output in outputs:
            self._declare(self._graph.output.add(), output.name, output.shape)
        return self._model

    def convolution(
        self,
        x: Value,
        name: str,
        out_channels: int,
        kernel: Extents,
        *,
        stride: Extents = 1,
        padding: Extents | None = None,
        dilation: int = 1,
        groups: int = 1,
        has_bias: bool = False,
    ) -> Value:
        """Convolution padded alike on opposite sides, by ``dilation · (kernel // 2)`` unless said otherwise.

        Extents are one number for both axes or (vertical, horizontal).
        """
        if x.channels % groups or out_channels % groups:
            raise ValueError(f"{name}: {groups} groups do not divide {x.channels} -> {out_channels} channels")
        kernels, strides = _pair(kernel), _pair(stride)
        paddings = tuple(dilation * (k // 2) for k in kernels) if padding is None else _pair(padding)
        inputs = [x.name, self.weight(f"{name}.weight", (out_channels, x.channels // groups, *kernels))]
        if has_bias:
            inputs.append(self.weight(f"{name}.bias", (out_channels,)))
        size = tuple(
            (extent + 2 * p - dilation * (k - 1) - 1) // s + 1
            for extent, k, s, p in zip(x.shape[1:], kernels, strides, paddings, strict=True)
        )
        return self.node(
            "Conv", name, inputs, (out_channels, *size),
            dilations=(dilation, dilation), group=groups,
            kernel_shape=kernels, pads=paddings * 2, strides=strides,
        )  # fmt: skip

    def batch_normalization(self, x: Value, name: str) -> Value:
        parameters = [self.weight(f"{name}.{part}", (x.channels,)) for part in ("scale", "bias", "mean", "var")]
        return self.node("BatchNormalization", name, [x.name, *parameters], x.shape, epsilon=1e-5)

    def relu(self, x: Value, name: str) -> Value:
        return self.node("Relu", name, [x.name], x.shape)

    def sigmoid(self, x: Value, name: str) -> Value:
        return self.node("Sigmoid", name, [x.name], x.shape)

    def hard_sigmoid(self, x: Value, name: str) -> Value:
        """max(0, min(1, x/6 + 1/2)), the definition of MobileNetV3 (ONNX's default slope is 0.2)."""
        return self.node("HardSigmoid", name, [x.name], x.shape, alpha=1.0 / 6.0, beta=0.5)

    def hard_swish(self, x: Value, name: str) -> Value:
        """x · hard_sigmoid(x): one node from opset 14 on, two before."""
        if self.opset >= HARD_SWISH_OPSET:
            return self.node("HardSwish", name, [x.name], x.shape)
        return self.multiply(x, self.hard_sigmoid(x, f"{name}.gate"), name)

    def average_pool(self, x: Value, name: str, kernel: int, *, stride: int, padding: int) -> Value:
        """Padding is not counted in the average."""
        return self._pool("AveragePool", x, name, kernel, stride, padding, count_include_pad=0)

    def max_pool(self, x: Value, name: str, kernel: int, *, stride: int, padding: int) -> Value:
        return self._pool("MaxPool", x, name, kernel, stride, padding)

    def global_average_pool(self, x: Value, name: str) -> Value:
        return self.node("GlobalAveragePool", name, [x.name], (x.channels, 1, 1))

    def add(self, a: Value, b: Value, name: str) -> Value:
        if a.shape != b.shape:
            raise ValueError(f"{name}: cannot add {a.shape} and {b.shape}")
        return self.node("Add", name, [a.name, b.name], a.shape)

    def add_all(self, summands: Sequence[Value], name: str) -> Value:
        """Sum from left to right, a node a pair; a single summand needs none."""
        total = summands[0]
        for position, summand in enumerate(summands[1:], start=1):
            total = self.add(total, summand, name if position == len(summands) - 1 else f"{name}.{position}")
        return total

    def multiply(self, x: Value, gate: Value, name: str) -> Value:
        """x · gate, where the gate may have height and width 1."""
        return self.node("Mul", name, [x.name, gate.name], x.shape)

    def multiply_by_zero(self, x: Value, name: str) -> Value:
        """x · 0.0, as a framework runs the operation "none" of a search space."""
        return self.node("Mul", name, [x.name, self.constant(f"{name}.zero", np.float32(0.0))], x.shape)

    def concatenate(self, values: Sequence[Value], name: str) -> Value:
        """Join along the channels; a single value needs no node."""
        if len(values) == 1:
            return values[0]
        channels = sum(value.channels for value in values)
        return self.node("Concat", name, [value.name for value in values], (channels, *values[0].shape[1:]), axis=1)

    def first_channels(self, x: Value, name: str, count: int) -> Value:
        """The first ``count`` channels; no node where that is all of them."""
        if count == x.channels:
            return x
        bounds = [
            self.constant(f"{name}.{part}", np.array([number], np.int64))
            for part, number in (("starts", 0), ("ends", count), ("axes", 1))
        ]
        return self.node("Slice", name, [x.name, *bounds], (count, *x.shape[1:]))

    def halve_channels(self, x: Value, name: str) -> tuple[Value, Value]:
        """The first and the second half of the channels, an even number of them."""
        half = x.channels // 2
        sizes = self.constant(f"{name}.sizes", np.array([half, half], np.int64))
        first = self.node("Split", name, [x.name, sizes], (half, *x.shape[1:]), axis=1)
        second = Value(f"{name}.second", first.shape)
        self._graph.node[-1].output.append(second.name)
        return first, second

    def channel_shuffle(self, x: Value, name: str, groups: int) -> Value:
        """View channels as (groups, channels/groups), transpose, flatten (ShuffleNet, Zhang et al., CVPR 2018)."""
        channels, height, width = x.shape
        # Extent 0 copies the batch axis from the input.
        grouped = self.constant(f"{name}.grouped", np.array([0, groups, channels // groups, height, width], np.int64))
        flat = self.constant(f"{name}.flat", np.array([0, channels, height, width], np.int64))
        split = self.node("Reshape", f"{name}.split", [x.name, grouped], (groups, channels // groups, height, width))
        shape = (channels // groups, groups, height, width)
        swapped = self.node("Transpose", f"{name}.transpose", [split.name], shape, perm=(0, 2, 1, 3, 4))
        return self.node("Reshape", name, [swapped.name, flat], x.shape)

    def flatten(self, x: Value, name: str) -> Value:
        return self.node("Flatten", name, [x.name], (int(np.prod(x.shape)),), axis=1)

    def linear(self, x: Value, name: str, out_features: int) -> Value:
        """x·Wᵀ + b with W of shape (out, in), as PyTorch exports it."""
        weights = [
            self.weight(f"{name}.weight", (out_features, x.channels)),
            self.weight(f"{name}.bias", (out_features,)),
        ]
        return self.node("Gemm", name, [x.name, *weights], (out_features,), alpha=1.0, beta=1.0, transB=1)

    def _pool(
        self, operator: str, x: Value, name: str, kernel: int, stride: int, padding: int, **attributes: int
    ) -> Value:
        size = tuple((extent + 2 * padding - kernel) // stride + 1 for extent in x.shape[1:])
        return self.node(
            operator, name, [x.name], (x.channels, *size),
            kernel_shape=(kernel, kernel), pads=(padding,) * 4, strides=(stride, stride), **attributes,
        )  # fmt: skip

    def node(
        self,
        operator: str,
        name: str,
        inputs: Sequence[str],
        shape: tuple[int, ...],
        **attributes: int | float | str | tuple[int, ...],
    ) -> Value:
        """Any standard operator with one output of the given shape (without the batch axis)."""
        if name in self._node_names:
            raise ValueError(f"two nodes are called {name}")
        self._node_names.add(name)
        node = self._graph.node.add(op_type=operator, name=name, input=inputs, output=(name,))
        for key, value in attributes.items():
            if isinstance(value, int):
                node.attribute.add(name=key, type=onnx.AttributeProto.INT, i=value)
            elif isinstance(value, float):
                node.attribute.add(name=key, type=onnx.AttributeProto.FLOAT, f=value)
            elif isinstance(value, str):
                node.attribute.add(name=key, type=onnx.AttributeProto.STRING, s=value.encode())
            else:
                node.attribute.add(name=key, type=onnx.AttributeProto.INTS, ints=value)
        return Value(name, shape)

    def weight(self, name: str, shape: tuple[int, ...]) -> str:
        """A float32 parameter whose bytes nobody writes; returns its name."""
        tensor = self._graph.initializer.add(
            name=name, dims=shape, data_type=TensorProto.FLOAT, data_location=TensorProto.EXTERNAL
        )
        tensor.external_data.add(key="location", value=EXTERNAL_LOCATION)
        return name

    def constant(self, name: str, value: np.ndarray | np.generic) -> str:
        """An initialiser with its bytes, float32 or int64; returns its name."""
        data_type = {np.dtype(np.float32): TensorProto.FLOAT, np.dtype(np.int64): TensorProto.INT64}[value.dtype]
        self._graph.initializer.add(name=name, dims=value.shape, data_type=data_type, raw_data=value.tobytes())
        return name

    @staticmethod
    def _declare(
        value: onnx.ValueInfoProto, name: str, shape: tuple[int, ...], data_type: int = TensorProto.FLOAT
    ) -> None:
        value.name = name
        value.type.tensor_type.elem_type = data_type
        dimensions = value.type.tensor_type.shape.dim
        dimensions.add(dim_param=BATCH_SYMBOL)
        for extent in shape:
            dimensions.add(dim_value=extent)


def _pair(extents: Extents) -> tuple[int, int]:
    return (extents, extents) if isinstance(extents, int) else extents
