"""Latency of neural networks on named hardware, predicted from their graphs: libnnformer for Python.

    import nnformer

    with nnformer.Predictor() as predictor, nnformer.Graph.open("model.onnx", batch_size=1) as graph:
        for platform, latency_ms in predictor.predict(graph).items():
            print(platform, latency_ms)

A package over ctypes. What is named here is for use; the modules it comes from are not, and may change. NumPy is used
where it is installed; without it, arrays are those of the standard library's ``array`` module, flat and row-major.

The library is looked for, in this order: the ``path`` of ``Library``; the environment variable ``NNFORMER_LIBRARY``;
in the package's folder and beside it; in the build folders of the checkout that the package stands in; where the system
keeps libraries.

Threads may share predictors, graphs and whatever else never changes once made, and calls release the interpreter lock.
A ``GraphBuilder``, a ``Session``, a ``CellList`` and a ``Calibration`` belong to one thread at a time. Load the library
locally, as this package does: with ``RTLD_GLOBAL`` its libonnx and that of the ``onnx`` package would mix.
"""

from .accuracy import AccuracyDataset, AccuracyPredictor
from .calibrated_platform import CalibratedPlatform, CalibrationReport
from .calibration import Calibration
from .cells import CellList
from .constants import ABI_VERSION, IN_DOMAIN_SCORE, QUANTITIES, RELATIONS
from .errors import (
    IncompatibleWeightsError,
    InputOutputError,
    InternalError,
    InvalidArgumentError,
    InvalidModelError,
    LimitExceededError,
    MalformedInputError,
    NNFormerError,
    NotFoundError,
    OpenAxisError,
)
from .explanation import Block, Explanation
from .graph import ElementType, Graph, Node, Summary, TensorType
from .graph_builder import AttributeValue, GraphBuilder
from .library import Library
from .predictor import Estimate, LabelSet, Platform, Predictor
from .session import Session

__version__ = "0.1.0"

__all__ = [
    "ABI_VERSION",
    "IN_DOMAIN_SCORE",
    "QUANTITIES",
    "RELATIONS",
    "AccuracyDataset",
    "AccuracyPredictor",
    "AttributeValue",
    "Block",
    "CalibratedPlatform",
    "Calibration",
    "CalibrationReport",
    "CellList",
    "ElementType",
    "Estimate",
    "Explanation",
    "Graph",
    "GraphBuilder",
    "IncompatibleWeightsError",
    "InputOutputError",
    "InternalError",
    "InvalidArgumentError",
    "InvalidModelError",
    "LabelSet",
    "Library",
    "LimitExceededError",
    "MalformedInputError",
    "NNFormerError",
    "Node",
    "NotFoundError",
    "OpenAxisError",
    "Platform",
    "Predictor",
    "Session",
    "Summary",
    "TensorType",
]
