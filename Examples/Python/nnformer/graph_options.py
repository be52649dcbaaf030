"""How a graph is to be read: ``nnformer_graph_options`` from keyword arguments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from . import structures
from .constants import KEEP_UNUSED_NODES
from .conversions import Shape, encoded, int64_array


def graph_options(
    batch_size: int | None, input_shapes: Mapping[str, Shape] | Shape | None, keep_unused_nodes: bool
) -> structures.GraphOptions:
    options = structures.GraphOptions()
    options.flags = KEEP_UNUSED_NODES if keep_unused_nodes else 0
    if batch_size is not None:
        if batch_size < 1:
            raise ValueError(f"batch_size is {batch_size}: give 1 or more, or None to leave it as it is")
        options.batch_size = int64_array([batch_size])[0]
    if input_shapes is not None:
        named: Iterable[tuple[str | None, Shape]]
        named = input_shapes.items() if isinstance(input_shapes, Mapping) else [(None, input_shapes)]
        shapes = [
            structures.InputShape(None if name is None else encoded(name), int64_array(extents), len(extents))
            for name, extents in named
        ]
        # ctypes keeps what a structure points to alive for as long as the structure.
        options.input_shapes = (structures.InputShape * len(shapes))(*shapes)
        options.input_shape_count = len(shapes)
    return options
