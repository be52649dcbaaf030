"""Networks made node by node."""

from __future__ import annotations

import ctypes
from collections.abc import Iterable, Mapping, Sequence
from numbers import Integral, Real
from typing import Any, Union

from .conversions import Shape, encoded, float_array, int64_array, string_array
from .graph import ElementType, Graph
from .graph_options import graph_options
from .handle import Handle
from .library import Library

AttributeValue = Union[int, float, str, Sequence[int], Sequence[float]]


class GraphBuilder(Handle):
    """Makes a graph node by node, for programs with an intermediate representation of their own.

    Names tie nodes together as in ONNX; operators, attributes and the order of inputs are ONNX's, operator set 17
    unless another one is given.
    """

    _destroy_function = "nnformer_graph_builder_destroy"

    def __init__(self, operator_set: int = 0, *, library: Library | None = None) -> None:
        super().__init__(library)
        self._library.call("nnformer_graph_builder_create", ctypes.byref(self._pointer), operator_set)

    def add_input(self, name: str, shape: Shape, element_type: int = ElementType.FLOAT) -> str:
        """An input of the network; an extent of -1 is left to ``finish``.

        Returns ``name``, as all ``add_`` methods of values.
        """
        self._library.call(
            "nnformer_graph_builder_add_input",
            self._live,
            encoded(name),
            element_type,
            int64_array(shape),
            len(shape),
        )
        return name

    def add_parameter(self, name: str, shape: Shape, element_type: int = ElementType.FLOAT) -> str:
        """A trained constant, of which only the shape matters."""
        self._library.call(
            "nnformer_graph_builder_add_parameter",
            self._live,
            encoded(name),
            element_type,
            int64_array(shape),
            len(shape),
        )
        return name

    def add_integers(self, name: str, values: Sequence[int]) -> str:
        """A constant int64 tensor of rank 1 whose values shape other tensors."""
        self._library.call(
            "nnformer_graph_builder_add_integers", self._live, encoded(name), int64_array(values), len(values)
        )
        return name

    def add_floats(self, name: str, values: Sequence[float]) -> str:
        """A constant float tensor of rank 1 whose values shape other tensors, such as the scales of Resize."""
        self._library.call(
            "nnformer_graph_builder_add_floats", self._live, encoded(name), float_array(values), len(values)
        )
        return name

    def add_node(
        self,
        operator_name: str,
        inputs: Iterable[str | None],
        outputs: Iterable[str],
        attributes: Mapping[str, AttributeValue] | None = None,
    ) -> None:
        """An operator; ``None`` among the inputs leaves out an optional one."""
        # Everything is converted first: a value of the wrong type must not leave a node without its attributes.
        setters = [_attribute_setter(name, value) for name, value in (attributes or {}).items()]
        encoded_inputs = string_array(inputs)
        encoded_outputs = string_array(outputs)
        self._library.call(
            "nnformer_graph_builder_add_node",
            self._live,
            encoded(operator_name),
            encoded_inputs,
            len(encoded_inputs),
            encoded_outputs,
            len(encoded_outputs),
        )
        for function, arguments in setters:
            self._library.call(function, self._live, *arguments)

    def add_output(self, name: str) -> None:
        """An output of the network; what no output needs is left out. Without any, nothing is."""
        self._library.call("nnformer_graph_builder_add_output", self._live, encoded(name))

    def finish(
        self,
        *,
        batch_size: int | None = None,
        input_shapes: Mapping[str, Shape] | Shape | None = None,
        keep_unused_nodes: bool = False,
    ) -> Graph:
        """Makes the graph; the builder can be extended and finished again."""
        graph = Graph(self._library)
        options = graph_options(batch_size, input_shapes, keep_unused_nodes)
        self._library.call(
            "nnformer_graph_builder_finish", self._live, ctypes.byref(graph._pointer), ctypes.byref(options)
        )
        return graph


def _attribute_setter(name: str, value: AttributeValue) -> tuple[str, tuple[Any, ...]]:
    """The builder's function for an attribute of that type, and its arguments."""
    encoded_name = encoded(name)
    if isinstance(value, Integral):
        return "nnformer_graph_builder_set_int", (encoded_name, int64_array([value])[0])
    if isinstance(value, Real):
        return "nnformer_graph_builder_set_float", (encoded_name, float(value))
    if isinstance(value, str):
        return "nnformer_graph_builder_set_string", (encoded_name, encoded(value))
    if isinstance(value, Sequence) and not isinstance(value, (bytes, bytearray)):
        if all(isinstance(element, Integral) for element in value):
            return "nnformer_graph_builder_set_ints", (encoded_name, int64_array(value), len(value))
        if all(isinstance(element, Real) for element in value):
            return "nnformer_graph_builder_set_floats", (encoded_name, float_array(value), len(value))
    raise TypeError(f"attribute {name!r} is {value!r}: give an int, float, str, or a sequence of ints or floats")
