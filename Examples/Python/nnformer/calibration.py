"""Fitting a platform to measurements of one device."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from ctypes import c_size_t

from .calibrated_platform import CalibratedPlatform
from .conversions import encoded
from .graph import Graph
from .handle import Handle, pointers
from .predictor import Predictor


class Calibration(Handle):
    """Samples of one device, from which a platform is made.

        with nnformer.Calibration(predictor) as calibration:
            for path, latency_ms in measurements:
                with nnformer.Graph.open(path, batch_size=1) as graph:
                    calibration.add_sample(graph, latency_ms)
            mine = calibration.fit("mydevice-runtime-fp32")
        with nnformer.Graph.open("new.onnx", batch_size=1) as graph:
            print(predictor.with_platforms([mine]).predict(graph)["mydevice-runtime-fp32"])

    Builds on the platforms of the predictor's weights alone: those of ``with_platforms`` count for nothing. Belongs to
    one thread at a time.
    """

    _destroy_function = "nnformer_calibration_destroy"

    def __init__(self, predictor: Predictor) -> None:
        super().__init__(predictor._library)
        self._library.call("nnformer_calibration_create", ctypes.byref(self._pointer), predictor._live)

    def add_sample(self, graph: Graph, latency_ms: float) -> None:
        """``InvalidArgumentError`` for a latency that is not positive, or that contradicts one of an equal graph;
        ``LimitExceededError`` for more than 4,096 measurements, of equal graphs or not."""
        self._library.call("nnformer_calibration_add_sample", self._live, graph._live, latency_ms)

    def fit(self, id: str) -> CalibratedPlatform:
        """A platform of that id, of 1 to 256 bytes. ``InvalidArgumentError`` for another id, for fewer than five
        different graphs, and for graphs that the known platforms cannot tell apart; ``InvalidModelError`` where sizes
        or latencies are out of range."""
        platform = CalibratedPlatform(self._library)
        self._library.call(
            "nnformer_calibration_fit", self._live, encoded(id), ctypes.byref(platform._pointer)
        )
        return platform

    def suggest(self, graphs: Sequence[Graph], count: int) -> list[int]:
        """Which of the graphs to measure first, the most telling first."""
        handles = pointers(graphs)
        indices = (c_size_t * count)()
        self._library.call(
            "nnformer_calibration_suggest", self._live, handles, len(graphs), indices, count
        )
        return list(indices)
