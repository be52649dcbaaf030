"""What building a data set needs of libnnformer, and the adapter to its Python package.

There is one implementation of "ONNX to features": the library's own. Training reads it through the C interface.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from nnformer_training.locations import EXAMPLES

#: Order of the four relations everywhere in training, as in ``nnformer.h``.
RELATIONS = ("successors", "predecessors", "co_children", "co_parents")

#: Order of a graph's totals.
TOTALS = ("flops", "macs", "parameters", "bytes_read", "bytes_written")

#: The library's Python package in this repository.
DEFAULT_PACKAGE = EXAMPLES / "Python" / "nnformer"


@dataclass(frozen=True)
class GraphData:
    """Everything a data set keeps of one graph of n nodes."""

    #: Float32 [n, f].
    features: npt.NDArray[np.float32]
    #: Float32 [G].
    graph_features: npt.NDArray[np.float32]
    #: Per relation, offsets (uint32 [n + 1]) and indices (uint32).
    relations: tuple[tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint32]], ...]
    #: Float64 [5], in the order of ``TOTALS``.
    totals: npt.NDArray[np.float64]
    #: 32 hex digits.
    graph_hash: str


class GraphLibrary(Protocol):
    """libnnformer, as far as data sets are concerned."""

    version: str
    feature_schema: int
    feature_names: Sequence[str]
    graph_feature_names: Sequence[str]

    def graph_data(self, model: bytes, batch: int) -> GraphData:
        """Read an ONNX model at a batch size."""
        ...

    def graph_hash(self, model: bytes, batch: int) -> str:
        """32 hex digits; equal for graphs that the predictor cannot tell apart."""
        ...

    def node_names(self, model: bytes, batch: int) -> list[str]:
        """Names of the nodes, in the order of ``graph_data``."""
        ...


class CtypesLibrary:
    """``GraphLibrary`` over the Python package ``nnformer`` and a built libnnformer."""

    def __init__(self, library: Path | None = None, package: Path = DEFAULT_PACKAGE) -> None:
        """``library`` is the path of libnnformer.so; without one the package searches for it."""
        self._package = _load_package(package)
        self._library = self._package.Library(library)
        self._predictors: dict[Path | None, Any] = {}
        # Properties of the package's class call into the library each time.
        self.version: str = self._library.version
        self.feature_schema: int = self._library.feature_schema_version
        self.feature_names: tuple[str, ...] = tuple(self._library.feature_names)
        self.graph_feature_names: tuple[str, ...] = tuple(self._library.graph_feature_names)

    def graph_data(self, model: bytes, batch: int) -> GraphData:
        with self._parse(model, batch) as graph:
            summary, relations = graph.summary(), graph.relations()
            return GraphData(
                features=graph.features(),
                graph_features=graph.graph_features(),
                relations=tuple(relations[name] for name in RELATIONS),
                totals=np.array([getattr(summary, total) for total in TOTALS], np.float64),
                graph_hash=graph.hash(),
            )

    def graph_hash(self, model: bytes, batch: int) -> str:
        with self._parse(model, batch) as graph:
            return graph.hash()

    def node_names(self, model: bytes, batch: int) -> list[str]:
        with self._parse(model, batch) as graph:
            return [node.name for node in graph.nodes()]

    def estimates(self, path: Path, weights: Path | None = None) -> dict[str, Any]:
        """Estimates (``nnformer.Estimate``) of the network in an ``.onnx`` file by platform; with the library's own
        weights, or others."""
        with self._package.Graph.open(path, library=self._library) as graph:
            return self._predictor(weights).estimates(graph)

    def node_milliseconds(self, path: Path, platform: str, weights: Path | None = None) -> npt.NDArray[np.float64]:
        """What each node of the network in an ``.onnx`` file adds to its estimate, [n]."""
        with self._package.Graph.open(path, library=self._library) as graph:
            return np.array(self._predictor(weights).explain(graph, platform).node_ms)

    def named_predecessors(self, path: Path) -> tuple[list[str], list[npt.NDArray[np.integer]]]:
        """Of the nodes of the network in an ``.onnx`` file: their names, and the numbers of those that feed them."""
        with self._package.Graph.open(path, library=self._library) as graph:
            offsets, indices = graph.relations()["predecessors"]
            return [node.name for node in graph.nodes()], np.split(np.asarray(indices), np.asarray(offsets)[1:-1])

    def _predictor(self, weights: Path | None) -> Any:
        if weights not in self._predictors:
            self._predictors[weights] = self._package.Predictor(weights, library=self._library)
        return self._predictors[weights]

    def _parse(self, model: bytes, batch: int) -> Any:
        return self._package.Graph.parse(model, batch_size=batch, library=self._library)


def _load_package(folder: Path) -> ModuleType:
    """The package in that folder as ``nnformer``, whichever else is installed."""
    path = folder / "__init__.py"
    if not path.exists():
        raise FileNotFoundError(f"{path}: the Python package of libnnformer is missing")
    loaded = sys.modules.get("nnformer")
    if loaded is not None and Path(loaded.__file__ or "").resolve() == path.resolve():
        return loaded
    # Modules of another copy would be taken for this one's.
    for name in [name for name in sys.modules if name.startswith("nnformer.")]:
        del sys.modules[name]
    spec = importlib.util.spec_from_file_location("nnformer", path, submodule_search_locations=[str(folder)])
    package = importlib.util.module_from_spec(spec)
    # Its modules look it up by name while it is being executed.
    sys.modules["nnformer"] = package
    spec.loader.exec_module(package)
    return package
