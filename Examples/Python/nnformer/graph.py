"""Networks, and what the library knows of their nodes."""

from __future__ import annotations

import ctypes
from collections.abc import Mapping
from ctypes import c_size_t, c_uint8
from dataclasses import dataclass
from enum import IntEnum

from . import structures
from .arrays import Array, as_matrix, new_array
from .constants import RELATIONS
from .conversions import PathLike, Shape, decoded, encoded_path
from .graph_options import graph_options
from .handle import Handle
from .library import Library


class ElementType(IntEnum):
    """ONNX's ``TensorProto.DataType``."""

    UNDEFINED = 0
    FLOAT = 1
    UINT8 = 2
    INT8 = 3
    UINT16 = 4
    INT16 = 5
    INT32 = 6
    INT64 = 7
    STRING = 8
    BOOL = 9
    FLOAT16 = 10
    DOUBLE = 11
    UINT32 = 12
    UINT64 = 13
    COMPLEX64 = 14
    COMPLEX128 = 15
    BFLOAT16 = 16


@dataclass(frozen=True)
class TensorType:
    """Type of a tensor: ONNX's number of the element type, and the shape."""

    element_type: int
    shape: tuple[int | None, ...] | None
    """``None`` where even the rank is unknown; ``None`` for a single extent that is."""


@dataclass(frozen=True)
class Node:
    """One operator and what one run of it costs."""

    name: str
    operator_name: str
    parameters: int
    macs: int
    flops: int
    bytes_read: int
    bytes_written: int
    is_known: bool
    input_types: tuple[TensorType, ...]
    output_types: tuple[TensorType, ...]


@dataclass(frozen=True)
class Summary:
    """A graph in numbers; costs are those of one run."""

    node_count: int
    edge_count: int
    batch_size: int
    parameters: int
    macs: int
    flops: int
    bytes_read: int
    bytes_written: int
    unknown_operator_count: int


class Graph(Handle):
    """A network: operators, shapes, costs. Made by ``open``, ``parse`` or ``GraphBuilder.finish``.

    ``batch_size`` sets the first axis of every input. ``input_shapes`` fixes further axes: a mapping from input name to
    extents, or the extents alone where the model has one input; -1 leaves an axis as the file has it.
    """

    _destroy_function = "nnformer_graph_destroy"

    @classmethod
    def open(
        cls,
        path: PathLike,
        *,
        batch_size: int | None = None,
        input_shapes: Mapping[str, Shape] | Shape | None = None,
        keep_unused_nodes: bool = False,
        library: Library | None = None,
    ) -> Graph:
        """Reads an .onnx file; payloads of weights are skipped."""
        graph = cls(library)
        options = graph_options(batch_size, input_shapes, keep_unused_nodes)
        graph._library.call(
            "nnformer_graph_open", ctypes.byref(graph._pointer), encoded_path(path), ctypes.byref(options)
        )
        return graph

    @classmethod
    def parse(
        cls,
        data: bytes | bytearray | memoryview,
        *,
        batch_size: int | None = None,
        input_shapes: Mapping[str, Shape] | Shape | None = None,
        keep_unused_nodes: bool = False,
        library: Library | None = None,
    ) -> Graph:
        """The same from the bytes of a file."""
        graph = cls(library)
        options = graph_options(batch_size, input_shapes, keep_unused_nodes)
        data = bytes(data)  # The same object where it is bytes already.
        graph._library.call(
            "nnformer_graph_parse", ctypes.byref(graph._pointer), data, len(data), ctypes.byref(options)
        )
        return graph

    def summary(self) -> Summary:
        summary = structures.GraphSummary()
        self._library.call("nnformer_graph_summarize", self._live, ctypes.byref(summary))
        return Summary(**{name: getattr(summary, name) for name in Summary.__dataclass_fields__})

    @property
    def node_count(self) -> int:
        return self.summary().node_count

    def nodes(self) -> list[Node]:
        """All nodes in topological order."""
        return [self._node(index) for index in range(self.node_count)]

    def unknown_operators(self) -> list[str]:
        """Operators that the library does not know, each once."""
        names = (
            self._library.nnformer_graph_unknown_operator(self._live, index)
            for index in range(self.summary().unknown_operator_count)
        )
        return [decoded(name) for name in names]

    def hash(self) -> str:
        """32 hexadecimal digits that depend on structure, shapes and attributes, not on names or the order of nodes.

        Graphs with equal hashes get equal estimates, but for chance and for graphs so symmetric that colour refinement
        (Weisfeiler and Leman's) cannot tell them apart. The converse does not hold.
        """
        digest = (c_uint8 * 16)()
        self._library.call("nnformer_graph_hash", self._live, digest, len(digest))
        return bytes(digest).hex()

    def features(self) -> Array:
        """Node features: float32 [node_count, ``Library.feature_count``]."""
        columns = self._library.feature_count
        rows = self.node_count
        features, pointer = new_array("f", rows * columns)
        self._library.call("nnformer_graph_copy_features", self._live, pointer, rows * columns)
        return as_matrix(features, rows, columns)

    def graph_features(self) -> Array:
        """Graph features: float32 [``Library.graph_feature_count``]."""
        count = self._library.graph_feature_count
        features, pointer = new_array("f", count)
        self._library.call("nnformer_graph_copy_graph_features", self._live, pointer, count)
        return features

    def relation(self, name: str) -> tuple[Array, Array]:
        """A relation (one of ``RELATIONS``) as compressed rows: uint32 offsets [node_count + 1] and indices.

        The entries of node i are ``indices[offsets[i]:offsets[i + 1]]``, ascending.
        """
        if name not in RELATIONS:
            raise ValueError(f"no relation {name!r}: there are {', '.join(RELATIONS)}")
        return self._relation(RELATIONS.index(name), self.node_count)

    def relations(self) -> dict[str, tuple[Array, Array]]:
        """All relations by name."""
        node_count = self.node_count
        return {name: self._relation(number, node_count) for number, name in enumerate(RELATIONS)}

    def _relation(self, number: int, node_count: int) -> tuple[Array, Array]:
        size = c_size_t()
        self._library.call("nnformer_graph_relation_size", self._live, number, ctypes.byref(size))
        offsets, offset_pointer = new_array("I", node_count + 1)
        indices, index_pointer = new_array("I", size.value)
        self._library.call(
            "nnformer_graph_copy_relation",
            self._live,
            number,
            offset_pointer,
            node_count + 1,
            index_pointer,
            size.value,
        )
        return offsets, indices

    def _node(self, index: int) -> Node:
        node = structures.Node()
        self._library.call("nnformer_graph_get_node", self._live, index, ctypes.byref(node))
        return Node(
            name=decoded(node.name),
            operator_name=decoded(node.operator_name),
            parameters=node.parameters,
            macs=node.macs,
            flops=node.flops,
            bytes_read=node.bytes_read,
            bytes_written=node.bytes_written,
            is_known=bool(node.is_known),
            input_types=tuple(
                self._tensor_type("nnformer_graph_get_input_type", index, number) for number in range(node.input_count)
            ),
            output_types=tuple(
                self._tensor_type("nnformer_graph_get_output_type", index, number)
                for number in range(node.output_count)
            ),
        )

    def _tensor_type(self, function: str, node: int, index: int) -> TensorType:
        type_ = structures.TensorType()
        self._library.call(function, self._live, node, index, ctypes.byref(type_))
        if type_.rank < 0:
            return TensorType(type_.element_type, None)
        return TensorType(
            type_.element_type, tuple(None if extent < 0 else extent for extent in type_.extents[: type_.rank])
        )
