"""Many estimates: memory that is kept between them, threads that share them."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from ctypes import c_double

from .graph import Graph
from .handle import Handle, pointers
from .predictor import Predictor


class Session(Handle):
    """Memory for estimates one after another, and threads to spread many over. Used by one thread at a time."""

    _destroy_function = "nnformer_session_destroy"

    def __init__(self, predictor: Predictor, thread_count: int = 1) -> None:
        super().__init__(predictor._library)
        self._library.call("nnformer_session_create", ctypes.byref(self._pointer), predictor._live, thread_count)
        self._ids = predictor._ids

    def predict(self, graphs: Sequence[Graph]) -> list[dict[str, float]]:
        """For each graph, milliseconds on every platform, by platform id: what ``Predictor.predict`` says."""
        handles = pointers(graphs)
        count = len(self._ids)
        latency_ms = (c_double * (len(graphs) * count))()
        self._library.call(
            "nnformer_session_predict", self._live, handles, len(graphs), latency_ms, len(latency_ms)
        )
        return [dict(zip(self._ids, latency_ms[g * count : (g + 1) * count])) for g in range(len(graphs))]
