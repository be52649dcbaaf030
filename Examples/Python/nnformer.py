"""Latency of neural networks on named hardware, predicted from their graphs: libnnformer for Python.

    import nnformer

    with nnformer.Predictor() as predictor, nnformer.Graph.open("model.onnx", batch_size=1) as graph:
        for platform, latency_ms in predictor.predict(graph).items():
            print(platform, latency_ms)

One file over ctypes, in the order of nnformer.h. NumPy is used where it is installed; without it, arrays are those of
the standard library's ``array`` module, flat and row-major.

The library is looked for, in this order: the ``path`` of ``Library``; the environment variable ``NNFORMER_LIBRARY``;
beside this file; in the build folders of the checkout that this file stands in; where the system keeps libraries.

Predictors and graphs may be shared by threads, and calls release the interpreter lock. A builder belongs to one thread
at a time. Load the library locally, as this module does: with ``RTLD_GLOBAL`` its libonnx and that of the ``onnx``
package would mix.
"""

from __future__ import annotations

import array
import ctypes
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from ctypes import POINTER, c_char, c_char_p, c_double, c_float, c_int32, c_int64, c_size_t, c_uint8, c_uint32, c_uint64, c_void_p
from dataclasses import dataclass
from enum import IntEnum
from numbers import Integral, Real
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar, Union

try:
    import numpy
except ImportError:  # NumPy is optional.
    numpy = None  # type: ignore[assignment]

__version__ = "0.1.0"

ABI_VERSION = 0
"""``NNFORMER_ABI_VERSION`` of the header that this module was written against."""

RELATIONS = ("successors", "predecessors", "co_children", "co_parents")
"""Names of the relations, in the order of ``NNFORMER_RELATION_...``."""

IN_DOMAIN_SCORE = 0.5
"""Below this ``Estimate.in_domain_score`` a graph lies outside what a platform was trained on."""

QUANTITIES = ("latency", "time_per_image")
"""What a platform's estimate is, in the order of ``NNFORMER_QUANTITY_...``."""

_PathLike = Union[str, "os.PathLike[str]"]
_Shape = Sequence[int]
_Array = Any  # numpy.ndarray, or array.array where NumPy is missing
_Self = TypeVar("_Self", bound="_Handle")


# ---------------------------------------------------------------------------------------------------- errors


class NNFormerError(Exception):
    """A call of the library failed."""

    def __init__(self, message: str, status: int, status_name: str, byte_offset: int | None = None) -> None:
        super().__init__(message)
        self.status = status
        """The ``nnformer_status``."""
        self.status_name = status_name
        self.byte_offset = byte_offset
        """Where in the file the trouble lies, if that is known."""


class InvalidArgumentError(NNFormerError, ValueError):
    """An argument is unusable."""


class InputOutputError(NNFormerError):
    """A file could not be opened or read."""


class MalformedInputError(NNFormerError, ValueError):
    """The bytes are not ONNX, are truncated or inconsistent."""


class LimitExceededError(NNFormerError):
    """Valid, but larger than the library handles."""


class OpenAxisError(NNFormerError):
    """An axis of an input is open: give ``batch_size`` or ``input_shapes``."""


class InvalidModelError(NNFormerError, ValueError):
    """Shapes or types of the model contradict each other."""


class NotFoundError(NNFormerError, LookupError):
    """No such platform or input."""


class IncompatibleWeightsError(NNFormerError):
    """A weights file of another format or feature schema."""


class InternalError(NNFormerError):
    """A defect of the library."""


_ERRORS: dict[int, type[NNFormerError]] = {
    1: InvalidArgumentError,
    2: InputOutputError,
    3: MalformedInputError,
    4: LimitExceededError,
    5: OpenAxisError,
    6: InvalidModelError,
    7: NotFoundError,
    8: IncompatibleWeightsError,
    9: InternalError,
}


# ------------------------------------------------------------------------- structures and functions of nnformer.h


class _Structure(ctypes.Structure):
    """A structure that starts with its own size, as the header asks."""

    def __init__(self) -> None:
        super().__init__()
        self.struct_size = ctypes.sizeof(type(self))


class _Error(_Structure):
    _fields_ = [
        ("struct_size", c_uint32),
        ("status", c_int32),
        ("byte_offset", c_uint64),
        ("message", c_char * 512),
    ]


class _Platform(_Structure):
    _fields_ = [
        ("struct_size", c_uint32),
        ("quantity", c_int32),
        ("id", c_char_p),
        ("device", c_char_p),
        ("runtime", c_char_p),
        ("precision", c_char_p),
        ("source", c_char_p),
        ("licence", c_char_p),
        ("label_set_count", c_size_t),
    ]


class _LabelSet(_Structure):
    _fields_ = [
        ("struct_size", c_uint32),
        ("batch_size", c_uint32),
        ("file", c_char_p),
        ("column", c_char_p),
        ("family", c_char_p),
        ("training_networks", c_uint64),
        ("validation_networks", c_uint64),
        ("mape_percent", c_double),
        ("within_10_percent", c_double),
        ("spearman", c_double),
    ]


class _InputShape(ctypes.Structure):
    _fields_ = [("name", c_char_p), ("extents", POINTER(c_int64)), ("rank", c_size_t)]


class _GraphOptions(_Structure):
    _fields_ = [
        ("struct_size", c_uint32),
        ("flags", c_uint32),
        ("batch_size", c_int64),
        ("input_shapes", POINTER(_InputShape)),
        ("input_shape_count", c_size_t),
    ]


class _GraphSummary(_Structure):
    _fields_ = [
        ("struct_size", c_uint32),
        ("unknown_operator_count", c_uint32),
        ("node_count", c_uint64),
        ("edge_count", c_uint64),
        ("batch_size", c_uint64),
        ("parameters", c_uint64),
        ("macs", c_uint64),
        ("flops", c_uint64),
        ("bytes_read", c_uint64),
        ("bytes_written", c_uint64),
    ]


class _Node(_Structure):
    _fields_ = [
        ("struct_size", c_uint32),
        ("output_count", c_uint32),
        ("name", c_char_p),
        ("operator_name", c_char_p),
        ("parameters", c_uint64),
        ("macs", c_uint64),
        ("flops", c_uint64),
        ("bytes_read", c_uint64),
        ("bytes_written", c_uint64),
        ("is_known", c_int32),
        ("input_count", c_uint32),
    ]


class _TensorType(_Structure):
    _fields_ = [
        ("struct_size", c_uint32),
        ("element_type", c_int32),
        ("rank", c_int32),
        ("reserved", c_uint32),
        ("extents", c_int64 * 64),
    ]


_KEEP_UNUSED_NODES = 1
_NO_BYTE_OFFSET = 2**64 - 1

class _AccuracyDataset(_Structure):
    _fields_ = [
        ("struct_size", c_uint32),
        ("reserved", c_uint32),
        ("space", c_char_p),
        ("id", c_char_p),
        ("quantity", c_char_p),
        ("source", c_char_p),
        ("licence", c_char_p),
        ("training_cells", c_uint64),
        ("validation_cells", c_uint64),
        ("kendall_tau", c_double),
    ]


class _Estimate(_Structure):
    _fields_ = [
        ("struct_size", c_uint32),
        ("unseen_operator_count", c_uint32),
        ("latency_ms", c_double),
        ("lower_ms", c_double),
        ("upper_ms", c_double),
        ("in_domain_score", c_double),
    ]


class _ExplanationSummary(_Structure):
    _fields_ = [
        ("struct_size", c_uint32),
        ("reserved", c_uint32),
        ("latency_ms", c_double),
        ("fixed_ms", c_double),
        ("node_count", c_uint64),
        ("block_count", c_uint64),
    ]


class _Block(_Structure):
    _fields_ = [
        ("struct_size", c_uint32),
        ("node_count", c_uint32),
        ("name", c_char_p),
        ("latency_ms", c_double),
    ]


class _CalibrationReport(_Structure):
    _fields_ = [
        ("struct_size", c_uint32),
        ("sample_count", c_uint32),
        ("id", c_char_p),
        ("leave_one_out_mape_percent", c_double),
        ("leave_one_out_spearman", c_double),
        ("outlier_count", c_uint32),
        ("reserved", c_uint32),
    ]


_STRUCTURES: dict[str, type[ctypes.Structure]] = {
    "nnformer_error": _Error,
    "nnformer_platform": _Platform,
    "nnformer_label_set": _LabelSet,
    "nnformer_input_shape": _InputShape,
    "nnformer_graph_options": _GraphOptions,
    "nnformer_graph_summary": _GraphSummary,
    "nnformer_node": _Node,
    "nnformer_tensor_type": _TensorType,
    "nnformer_accuracy_dataset": _AccuracyDataset,
    "nnformer_estimate": _Estimate,
    "nnformer_explanation_summary": _ExplanationSummary,
    "nnformer_block": _Block,
    "nnformer_calibration_report": _CalibrationReport,
}

_handle = c_void_p
_error = POINTER(_Error)
_options = POINTER(_GraphOptions)
_int64s = POINTER(c_int64)
_uint32s = POINTER(c_uint32)
_floats = POINTER(c_float)
_strings = POINTER(c_char_p)
_bytes = POINTER(c_uint8)
_status = c_int32

_FUNCTIONS: dict[str, tuple[Any, list[Any]]] = {
    # name: (restype, argtypes)
    "nnformer_version": (c_char_p, []),
    "nnformer_abi_version": (c_uint32, []),
    "nnformer_status_name": (c_char_p, [_status]),
    "nnformer_predictor_create": (_status, [POINTER(_handle), _error]),
    "nnformer_predictor_open": (_status, [POINTER(_handle), c_char_p, _error]),
    "nnformer_predictor_destroy": (None, [_handle]),
    "nnformer_predictor_platform_count": (c_size_t, [_handle]),
    "nnformer_predictor_get_platform": (_status, [_handle, c_size_t, POINTER(_Platform), _error]),
    "nnformer_predictor_find_platform": (_status, [_handle, c_char_p, POINTER(c_size_t), _error]),
    "nnformer_predictor_get_label_set": (_status, [_handle, c_size_t, c_size_t, POINTER(_LabelSet), _error]),
    "nnformer_graph_open": (_status, [POINTER(_handle), c_char_p, _options, _error]),
    "nnformer_graph_parse": (_status, [POINTER(_handle), c_void_p, c_size_t, _options, _error]),
    "nnformer_graph_destroy": (None, [_handle]),
    "nnformer_predict": (_status, [_handle, _handle, POINTER(c_double), c_size_t, _error]),
    "nnformer_session_create": (_status, [POINTER(_handle), _handle, c_size_t, _error]),
    "nnformer_session_destroy": (None, [_handle]),
    "nnformer_session_predict": (
        _status,
        [_handle, POINTER(_handle), c_size_t, POINTER(c_double), c_size_t, _error],
    ),
    "nnformer_graph_summarize": (_status, [_handle, POINTER(_GraphSummary), _error]),
    "nnformer_graph_get_node": (_status, [_handle, c_size_t, POINTER(_Node), _error]),
    "nnformer_graph_get_output_type": (_status, [_handle, c_size_t, c_size_t, POINTER(_TensorType), _error]),
    "nnformer_graph_get_input_type": (_status, [_handle, c_size_t, c_size_t, POINTER(_TensorType), _error]),
    "nnformer_graph_unknown_operator": (c_char_p, [_handle, c_size_t]),
    "nnformer_graph_hash": (_status, [_handle, POINTER(c_uint8), c_size_t, _error]),
    "nnformer_graph_builder_create": (_status, [POINTER(_handle), c_int64, _error]),
    "nnformer_graph_builder_destroy": (None, [_handle]),
    "nnformer_graph_builder_add_input": (_status, [_handle, c_char_p, c_int32, _int64s, c_size_t, _error]),
    "nnformer_graph_builder_add_parameter": (_status, [_handle, c_char_p, c_int32, _int64s, c_size_t, _error]),
    "nnformer_graph_builder_add_integers": (_status, [_handle, c_char_p, _int64s, c_size_t, _error]),
    "nnformer_graph_builder_add_floats": (_status, [_handle, c_char_p, _floats, c_size_t, _error]),
    "nnformer_graph_builder_add_node": (
        _status,
        [_handle, c_char_p, _strings, c_size_t, _strings, c_size_t, _error],
    ),
    "nnformer_graph_builder_set_int": (_status, [_handle, c_char_p, c_int64, _error]),
    "nnformer_graph_builder_set_ints": (_status, [_handle, c_char_p, _int64s, c_size_t, _error]),
    "nnformer_graph_builder_set_float": (_status, [_handle, c_char_p, c_float, _error]),
    "nnformer_graph_builder_set_floats": (_status, [_handle, c_char_p, _floats, c_size_t, _error]),
    "nnformer_graph_builder_set_string": (_status, [_handle, c_char_p, c_char_p, _error]),
    "nnformer_graph_builder_add_output": (_status, [_handle, c_char_p, _error]),
    "nnformer_graph_builder_finish": (_status, [_handle, POINTER(_handle), _options, _error]),
    "nnformer_feature_schema_version": (c_uint32, []),
    "nnformer_feature_count": (c_size_t, []),
    "nnformer_graph_feature_count": (c_size_t, []),
    "nnformer_feature_name": (c_char_p, [c_size_t]),
    "nnformer_graph_feature_name": (c_char_p, [c_size_t]),
    "nnformer_graph_copy_features": (_status, [_handle, _floats, c_size_t, _error]),
    "nnformer_graph_copy_graph_features": (_status, [_handle, _floats, c_size_t, _error]),
    "nnformer_graph_relation_size": (_status, [_handle, c_int32, POINTER(c_size_t), _error]),
    "nnformer_graph_copy_relation": (_status, [_handle, c_int32, _uint32s, c_size_t, _uint32s, c_size_t, _error]),
    "nnformer_cell_list_create": (_status, [POINTER(_handle), c_char_p, _error]),
    "nnformer_cell_list_destroy": (None, [_handle]),
    "nnformer_cell_list_count": (c_size_t, [_handle]),
    "nnformer_cell_list_add_architecture": (_status, [_handle, c_char_p, _error]),
    "nnformer_cell_list_add_matrix": (_status, [_handle, _bytes, c_size_t, _strings, _error]),
    "nnformer_accuracy_predictor_create": (_status, [POINTER(_handle), _error]),
    "nnformer_accuracy_predictor_open": (_status, [POINTER(_handle), c_char_p, _error]),
    "nnformer_accuracy_predictor_destroy": (None, [_handle]),
    "nnformer_accuracy_predictor_dataset_count": (c_size_t, [_handle]),
    "nnformer_accuracy_predictor_get_dataset": (_status, [_handle, c_size_t, POINTER(_AccuracyDataset), _error]),
    "nnformer_accuracy_predictor_find_dataset": (_status, [_handle, c_char_p, c_char_p, POINTER(c_size_t), _error]),
    "nnformer_accuracy_predict": (_status, [_handle, _handle, c_size_t, POINTER(c_double), c_size_t, _error]),
    "nnformer_cell_schema_version": (c_uint32, []),
    "nnformer_cell_feature_count": (c_size_t, []),
    "nnformer_cell_list_encoding_size": (
        _status,
        [_handle, c_int32, POINTER(c_size_t), POINTER(c_size_t), _error],
    ),
    "nnformer_cell_list_copy_features": (_status, [_handle, _floats, c_size_t, _error]),
    "nnformer_cell_list_copy_relation": (_status, [_handle, c_int32, _uint32s, c_size_t, _uint32s, c_size_t, _error]),
    "nnformer_predict_estimates": (_status, [_handle, _handle, POINTER(_Estimate), c_size_t, _error]),
    "nnformer_predictor_unseen_operator": (c_char_p, [_handle, _handle, c_size_t, c_size_t]),
    "nnformer_explanation_create": (_status, [POINTER(_handle), _handle, _handle, c_size_t, _error]),
    "nnformer_explanation_destroy": (None, [_handle]),
    "nnformer_explanation_summarize": (_status, [_handle, POINTER(_ExplanationSummary), _error]),
    "nnformer_explanation_copy_nodes": (_status, [_handle, POINTER(c_double), _uint32s, c_size_t, _error]),
    "nnformer_explanation_get_block": (_status, [_handle, c_size_t, POINTER(_Block), _error]),
    "nnformer_calibration_create": (_status, [POINTER(_handle), _handle, _error]),
    "nnformer_calibration_destroy": (None, [_handle]),
    "nnformer_calibration_add_sample": (_status, [_handle, _handle, c_double, _error]),
    "nnformer_calibration_fit": (_status, [_handle, c_char_p, POINTER(_handle), _error]),
    "nnformer_calibration_suggest": (
        _status,
        [_handle, POINTER(_handle), c_size_t, POINTER(c_size_t), c_size_t, _error],
    ),
    "nnformer_calibrated_platform_save": (_status, [_handle, c_char_p, _error]),
    "nnformer_calibrated_platform_open": (_status, [POINTER(_handle), c_char_p, _error]),
    "nnformer_calibrated_platform_destroy": (None, [_handle]),
    "nnformer_calibrated_platform_get_report": (_status, [_handle, POINTER(_CalibrationReport), _error]),
    "nnformer_predictor_add_platforms": (
        _status,
        [POINTER(_handle), _handle, POINTER(_handle), c_size_t, _error],
    ),
}


# ---------------------------------------------------------------------------------------------------- library


class Library:
    """The shared library, loaded and checked. ``Library.default()`` is shared by all that are not given one."""

    _default: Library | None = None

    def __init__(self, path: _PathLike | None = None) -> None:
        """Loads ``path``, or the first library found in the places that the module's documentation lists.

        Raises ``OSError`` if there is none, ``ImportError`` if its ABI version is not this module's.
        """
        self._functions, self.path = self._load(path)
        self._functions.nnformer_abi_version.restype = c_uint32
        abi_version = self._functions.nnformer_abi_version()
        if abi_version != ABI_VERSION:
            raise ImportError(f"{self.path} has ABI version {abi_version}, this module needs {ABI_VERSION}")
        for name, (result, arguments) in _FUNCTIONS.items():
            function = getattr(self._functions, name)
            function.restype = result
            function.argtypes = arguments
        self.feature_count: int = self._functions.nnformer_feature_count()
        self.graph_feature_count: int = self._functions.nnformer_graph_feature_count()

    @classmethod
    def default(cls) -> Library:
        if cls._default is None:
            cls._default = cls()
        return cls._default

    @staticmethod
    def _load(path: _PathLike | None) -> tuple[ctypes.CDLL, str]:
        path = path or os.environ.get("NNFORMER_LIBRARY")
        if path:
            return ctypes.CDLL(os.fspath(path)), os.fspath(path)
        file_name = "libnnformer.dylib" if sys.platform == "darwin" else "libnnformer.so"
        beside = Path(__file__).resolve().parent
        checkout = beside.parent.parent
        for folder in (beside, checkout / "build", checkout / ".build" / "release"):
            if (folder / file_name).is_file():
                return ctypes.CDLL(str(folder / file_name)), str(folder / file_name)
        installed = file_name if sys.platform == "darwin" else "libnnformer.so.0"
        try:
            return ctypes.CDLL(installed), installed
        except OSError as error:
            raise OSError(f"{installed} was not found: name its path in the environment variable NNFORMER_LIBRARY") from error

    @property
    def version(self) -> str:
        return _decoded(self._functions.nnformer_version())

    @property
    def feature_schema_version(self) -> int:
        return int(self._functions.nnformer_feature_schema_version())

    @property
    def feature_names(self) -> list[str]:
        """Names of the columns of ``Graph.features``."""
        return [_decoded(self._functions.nnformer_feature_name(index)) for index in range(self.feature_count)]

    @property
    def graph_feature_names(self) -> list[str]:
        """Names of the entries of ``Graph.graph_features``."""
        return [_decoded(self._functions.nnformer_graph_feature_name(index)) for index in range(self.graph_feature_count)]

    def call(self, name: str, *arguments: Any) -> None:
        """Calls a function that returns a status, and raises what it reports."""
        error = _Error()
        status = getattr(self._functions, name)(*arguments, ctypes.byref(error))
        if status == 0:
            return
        status_name = _decoded(self._functions.nnformer_status_name(status))
        raise _ERRORS.get(status, NNFormerError)(
            _decoded(error.message) or status_name,
            status,
            status_name,
            None if error.byte_offset == _NO_BYTE_OFFSET else error.byte_offset,
        )

    def __getattr__(self, name: str) -> Any:
        """The C function ``name``, for those that return no status."""
        if name not in _FUNCTIONS:
            raise AttributeError(name)
        return getattr(self._functions, name)


class _Handle:
    """Owns one C handle; closed by ``close``, by leaving a ``with`` block, or when nothing refers to it any more."""

    _destroy_function = ""

    def __init__(self, library: Library | None) -> None:
        self._library = library if library is not None else Library.default()
        self._pointer = c_void_p()

    @property
    def _live(self) -> c_void_p:
        if not self._pointer:
            raise ValueError(f"this {type(self).__name__} is closed")
        return self._pointer

    def close(self) -> None:
        """Frees the handle; a second time does nothing."""
        pointer, self._pointer = self._pointer, c_void_p()
        if pointer:
            getattr(self._library, self._destroy_function)(pointer)

    def __enter__(self: _Self) -> _Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __del__(self) -> None:
        try:
            self.close()
        except Exception:  # An object half made, or an interpreter shutting down: there is no one to tell.
            pass


# ---------------------------------------------------------------------------------------------------- predictor


@dataclass(frozen=True)
class LabelSet:
    """Measurements that a platform was trained on, and how well networks held out from training are met."""

    file: str
    column: str
    family: str
    batch_size: int
    training_networks: int
    validation_networks: int
    mape_percent: float
    within_10_percent: float
    spearman: float


@dataclass(frozen=True)
class Platform:
    """Hardware, runtime and precision that latencies are predicted for."""

    id: str
    device: str
    runtime: str
    precision: str
    quantity: str
    """``"latency"``: milliseconds of one run. ``"time_per_image"``: milliseconds per image of a saturated device."""
    source: str
    licence: str
    label_sets: tuple[LabelSet, ...]


@dataclass(frozen=True)
class Estimate:
    """An estimate on one platform, and how far it can be trusted."""

    latency_ms: float
    lower_ms: float
    """Lower end of the 90 % interval; NaN where the weights have no intervals."""
    upper_ms: float
    in_domain_score: float
    """0 to 1, 1 for a graph like those that the platform was trained on; NaN where the weights do not know."""
    unseen_operators: tuple[str, ...]
    """Operators of the graph that the platform's training graphs lack."""

    @property
    def is_in_domain(self) -> bool:
        """Whether the graph is like those trained on, as far as the weights know."""
        return not (self.in_domain_score < IN_DOMAIN_SCORE or self.unseen_operators)


@dataclass(frozen=True)
class Block:
    """A part of a network that people speak of, such as a residual block."""

    name: str
    latency_ms: float
    nodes: tuple[int, ...]
    """Numbers of its nodes, in topological order."""


@dataclass(frozen=True)
class Explanation:
    """An estimate as a sum: ``latency_ms`` is ``fixed_ms`` and the sum of ``node_ms``, or of the blocks'."""

    latency_ms: float
    fixed_ms: float
    """What a run takes whatever its nodes."""
    node_ms: tuple[float, ...]
    """By node, in the order of ``Graph.nodes``; none is negative."""
    blocks: tuple[Block, ...]


class Predictor(_Handle):
    """Weights and the platforms they know: those inside the library, or of a safetensors file."""

    _destroy_function = "nnformer_predictor_destroy"

    def __init__(self, weights: _PathLike | None = None, *, library: Library | None = None) -> None:
        super().__init__(library)
        if weights is None:
            self._library.call("nnformer_predictor_create", ctypes.byref(self._pointer))
        else:
            self._library.call("nnformer_predictor_open", ctypes.byref(self._pointer), _encoded_path(weights))
        self._describe_platforms()

    def _describe_platforms(self) -> None:
        count = self._library.nnformer_predictor_platform_count(self._pointer)
        self.platforms: tuple[Platform, ...] = tuple(self._platform(index) for index in range(count))
        self._ids = [platform.id for platform in self.platforms]

    def with_platforms(self, platforms: Iterable[CalibratedPlatform]) -> Predictor:
        """A predictor with the same weights, shared, that knows these platforms too. ``IncompatibleWeightsError`` for one
        that was calibrated on other weights, ``InvalidArgumentError`` for an id that is taken."""
        added = list(platforms)
        handles = (_handle * len(added))(*(platform._live for platform in added))
        extended = Predictor.__new__(type(self))
        _Handle.__init__(extended, self._library)
        self._library.call(
            "nnformer_predictor_add_platforms", ctypes.byref(extended._pointer), self._live, handles, len(added)
        )
        extended._describe_platforms()
        return extended

    def predict(self, graph: Graph) -> dict[str, float]:
        """Milliseconds on every platform, by platform id."""
        latency_ms = (c_double * len(self._ids))()
        self._library.call("nnformer_predict", self._live, graph._live, latency_ms, len(latency_ms))
        return dict(zip(self._ids, latency_ms))

    def estimates(self, graph: Graph) -> dict[str, Estimate]:
        """Estimates with their intervals and in-domain scores on every platform, by platform id."""
        estimates = (_Estimate * len(self._ids))()
        for estimate in estimates:
            estimate.struct_size = ctypes.sizeof(_Estimate)
        self._library.call("nnformer_predict_estimates", self._live, graph._live, estimates, len(estimates))
        return {
            id: Estimate(
                latency_ms=estimate.latency_ms,
                lower_ms=estimate.lower_ms,
                upper_ms=estimate.upper_ms,
                in_domain_score=estimate.in_domain_score,
                unseen_operators=tuple(
                    _decoded(self._library.nnformer_predictor_unseen_operator(self._live, graph._live, index, number))
                    for number in range(estimate.unseen_operator_count)
                ),
            )
            for index, (id, estimate) in enumerate(zip(self._ids, estimates))
        }

    def explain(self, graph: Graph, platform: str) -> Explanation:
        """The estimate of the platform with that id as a sum over nodes and blocks. ``NotFoundError`` names the nearest ids;
        ``IncompatibleWeightsError`` where the weights have the pooled head."""
        with _ExplanationHandle(self, graph, self._platform_index(platform)) as explanation:
            return explanation.read()

    def find_platform(self, id: str) -> Platform:
        """The platform with that id. ``NotFoundError`` names the nearest ids."""
        return self.platforms[self._platform_index(id)]

    def _platform_index(self, id: str) -> int:
        index = c_size_t()
        self._library.call("nnformer_predictor_find_platform", self._live, _encoded(id), ctypes.byref(index))
        return index.value

    def _platform(self, index: int) -> Platform:
        platform = _Platform()
        self._library.call("nnformer_predictor_get_platform", self._pointer, index, ctypes.byref(platform))
        return Platform(
            id=_decoded(platform.id),
            device=_decoded(platform.device),
            runtime=_decoded(platform.runtime),
            precision=_decoded(platform.precision),
            quantity=QUANTITIES[platform.quantity],
            source=_decoded(platform.source),
            licence=_decoded(platform.licence),
            label_sets=tuple(self._label_set(index, number) for number in range(platform.label_set_count)),
        )

    def _label_set(self, platform: int, index: int) -> LabelSet:
        label_set = _LabelSet()
        self._library.call(
            "nnformer_predictor_get_label_set", self._pointer, platform, index, ctypes.byref(label_set)
        )
        return LabelSet(
            file=_decoded(label_set.file),
            column=_decoded(label_set.column),
            family=_decoded(label_set.family),
            batch_size=label_set.batch_size,
            training_networks=label_set.training_networks,
            validation_networks=label_set.validation_networks,
            mape_percent=label_set.mape_percent,
            within_10_percent=label_set.within_10_percent,
            spearman=label_set.spearman,
        )


class Session(_Handle):
    """Memory for estimates one after another, and threads to spread many over. Used by one thread at a time."""

    _destroy_function = "nnformer_session_destroy"

    def __init__(self, predictor: Predictor, thread_count: int = 1) -> None:
        super().__init__(predictor._library)
        self._library.call("nnformer_session_create", ctypes.byref(self._pointer), predictor._live, thread_count)
        self._ids = predictor._ids

    def predict(self, graphs: Sequence[Graph]) -> list[dict[str, float]]:
        """For each graph, milliseconds on every platform, by platform id: what ``Predictor.predict`` says."""
        handles = (_handle * len(graphs))(*(graph._live for graph in graphs))
        count = len(self._ids)
        latency_ms = (c_double * (len(graphs) * count))()
        self._library.call(
            "nnformer_session_predict", self._live, handles, len(graphs), latency_ms, len(latency_ms)
        )
        return [dict(zip(self._ids, latency_ms[g * count : (g + 1) * count])) for g in range(len(graphs))]


class _ExplanationHandle(_Handle):
    _destroy_function = "nnformer_explanation_destroy"

    def __init__(self, predictor: Predictor, graph: Graph, platform: int) -> None:
        super().__init__(predictor._library)
        self._library.call(
            "nnformer_explanation_create", ctypes.byref(self._pointer), predictor._live, graph._live, platform
        )

    def read(self) -> Explanation:
        summary = _ExplanationSummary()
        self._library.call("nnformer_explanation_summarize", self._live, ctypes.byref(summary))
        count = summary.node_count
        node_ms, node_blocks = (c_double * count)(), (c_uint32 * count)()
        self._library.call("nnformer_explanation_copy_nodes", self._live, node_ms, node_blocks, count)
        nodes: list[list[int]] = [[] for _ in range(summary.block_count)]
        for node, number in enumerate(node_blocks):
            nodes[number].append(node)
        blocks = []
        for number in range(summary.block_count):
            block = _Block()
            self._library.call("nnformer_explanation_get_block", self._live, number, ctypes.byref(block))
            blocks.append(Block(_decoded(block.name), block.latency_ms, tuple(nodes[number])))
        return Explanation(summary.latency_ms, summary.fixed_ms, tuple(node_ms), tuple(blocks))


# ---------------------------------------------------------------------------------------------------- calibration


class CalibratedPlatform(_Handle):
    """A platform that was fitted to measurements: of ``Calibration.fit``, or of a file. For ``Predictor.with_platforms``."""

    _destroy_function = "nnformer_calibrated_platform_destroy"

    @classmethod
    def open(cls, path: _PathLike, *, library: Library | None = None) -> CalibratedPlatform:
        """Reads a file of ``save``."""
        platform = cls(library)
        platform._library.call(
            "nnformer_calibrated_platform_open", ctypes.byref(platform._pointer), _encoded_path(path)
        )
        return platform

    def save(self, path: _PathLike) -> None:
        """Writes a file (.nnfp), replacing what is there."""
        self._library.call("nnformer_calibrated_platform_save", self._live, _encoded_path(path))

    def report(self) -> CalibrationReport:
        report = _CalibrationReport()
        self._library.call("nnformer_calibrated_platform_get_report", self._live, ctypes.byref(report))
        return CalibrationReport(
            id=_decoded(report.id),
            sample_count=report.sample_count,
            leave_one_out_mape_percent=report.leave_one_out_mape_percent,
            leave_one_out_spearman=report.leave_one_out_spearman,
            outlier_count=report.outlier_count,
        )


@dataclass(frozen=True)
class CalibrationReport:
    """How well a calibrated platform meets its samples."""

    id: str
    sample_count: int
    leave_one_out_mape_percent: float
    """Mean absolute percentage error on each sample, fitted to the others."""
    leave_one_out_spearman: float
    outlier_count: int
    """Samples that the fit gave less than half their weight."""


class Calibration(_Handle):
    """Samples of one device, from which a platform is made. Used by one thread at a time.

    calibration = nnformer.Calibration(predictor)
    for path, latency_ms in measurements:
        with nnformer.Graph.open(path, batch_size=1) as graph:
            calibration.add_sample(graph, latency_ms)
    mine = calibration.fit("mydevice-runtime-fp32")
    print(predictor.with_platforms([mine]).predict(graph)["mydevice-runtime-fp32"])
    """

    _destroy_function = "nnformer_calibration_destroy"

    def __init__(self, predictor: Predictor) -> None:
        super().__init__(predictor._library)
        self._library.call("nnformer_calibration_create", ctypes.byref(self._pointer), predictor._live)

    def add_sample(self, graph: Graph, latency_ms: float) -> None:
        """``InvalidArgumentError`` for a latency that is not positive, or that contradicts one of an equal graph."""
        self._library.call("nnformer_calibration_add_sample", self._live, graph._live, latency_ms)

    def fit(self, id: str) -> CalibratedPlatform:
        """A platform of that id. ``InvalidArgumentError`` for fewer than five different graphs."""
        platform = CalibratedPlatform(self._library)
        self._library.call(
            "nnformer_calibration_fit", self._live, _encoded(id), ctypes.byref(platform._pointer)
        )
        return platform

    def suggest(self, graphs: Sequence[Graph], count: int) -> list[int]:
        """Which of the graphs to measure first, the most telling first."""
        handles = (_handle * len(graphs))(*(graph._live for graph in graphs))
        indices = (c_size_t * count)()
        self._library.call(
            "nnformer_calibration_suggest", self._live, handles, len(graphs), indices, count
        )
        return list(indices)


# ---------------------------------------------------------------------------------------------------- graphs


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


class Graph(_Handle):
    """A network: operators, shapes, costs. Made by ``open``, ``parse`` or ``GraphBuilder.finish``.

    ``batch_size`` sets the first axis of every input. ``input_shapes`` fixes further axes: a mapping from input name to
    extents, or the extents alone where the model has one input; -1 leaves an axis as the file has it.
    """

    _destroy_function = "nnformer_graph_destroy"

    @classmethod
    def open(
        cls,
        path: _PathLike,
        *,
        batch_size: int | None = None,
        input_shapes: Mapping[str, _Shape] | _Shape | None = None,
        keep_unused_nodes: bool = False,
        library: Library | None = None,
    ) -> Graph:
        """Reads an .onnx file; payloads of weights are skipped."""
        graph = cls(library)
        options = _graph_options(batch_size, input_shapes, keep_unused_nodes)
        graph._library.call(
            "nnformer_graph_open", ctypes.byref(graph._pointer), _encoded_path(path), ctypes.byref(options)
        )
        return graph

    @classmethod
    def parse(
        cls,
        data: bytes | bytearray | memoryview,
        *,
        batch_size: int | None = None,
        input_shapes: Mapping[str, _Shape] | _Shape | None = None,
        keep_unused_nodes: bool = False,
        library: Library | None = None,
    ) -> Graph:
        """The same from the bytes of a file."""
        graph = cls(library)
        options = _graph_options(batch_size, input_shapes, keep_unused_nodes)
        data = bytes(data)  # The same object where it is bytes already.
        graph._library.call(
            "nnformer_graph_parse", ctypes.byref(graph._pointer), data, len(data), ctypes.byref(options)
        )
        return graph

    def summary(self) -> Summary:
        summary = _GraphSummary()
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
        return [_decoded(name) for name in names]

    def hash(self) -> str:
        """32 hexadecimal digits that depend on structure, shapes and attributes, not on names or the order of nodes."""
        digest = (c_uint8 * 16)()
        self._library.call("nnformer_graph_hash", self._live, digest, len(digest))
        return bytes(digest).hex()

    def features(self) -> _Array:
        """Node features: float32 [node_count, ``Library.feature_count``]."""
        columns = self._library.feature_count
        rows = self.node_count
        features, pointer = _new_array("f", rows * columns, _floats)
        self._library.call("nnformer_graph_copy_features", self._live, pointer, rows * columns)
        return features.reshape(rows, columns) if numpy is not None else features

    def graph_features(self) -> _Array:
        """Graph features: float32 [``Library.graph_feature_count``]."""
        count = self._library.graph_feature_count
        features, pointer = _new_array("f", count, _floats)
        self._library.call("nnformer_graph_copy_graph_features", self._live, pointer, count)
        return features

    def relation(self, name: str) -> tuple[_Array, _Array]:
        """A relation (one of ``RELATIONS``) as compressed rows: uint32 offsets [node_count + 1] and indices.

        The entries of node i are ``indices[offsets[i]:offsets[i + 1]]``, ascending.
        """
        if name not in RELATIONS:
            raise ValueError(f"no relation {name!r}: there are {', '.join(RELATIONS)}")
        return self._relation(RELATIONS.index(name), self.node_count)

    def relations(self) -> dict[str, tuple[_Array, _Array]]:
        """All relations by name."""
        node_count = self.node_count
        return {name: self._relation(number, node_count) for number, name in enumerate(RELATIONS)}

    def _relation(self, number: int, node_count: int) -> tuple[_Array, _Array]:
        size = c_size_t()
        self._library.call("nnformer_graph_relation_size", self._live, number, ctypes.byref(size))
        offsets, offset_pointer = _new_array("I", node_count + 1, _uint32s)
        indices, index_pointer = _new_array("I", size.value, _uint32s)
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
        node = _Node()
        self._library.call("nnformer_graph_get_node", self._live, index, ctypes.byref(node))
        return Node(
            name=_decoded(node.name),
            operator_name=_decoded(node.operator_name),
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
        type_ = _TensorType()
        self._library.call(function, self._live, node, index, ctypes.byref(type_))
        if type_.rank < 0:
            return TensorType(type_.element_type, None)
        return TensorType(
            type_.element_type, tuple(None if extent < 0 else extent for extent in type_.extents[: type_.rank])
        )


AttributeValue = Union[int, float, str, Sequence[int], Sequence[float]]


class GraphBuilder(_Handle):
    """Makes a graph node by node, for programs with an intermediate representation of their own.

    Names tie nodes together as in ONNX; operators, attributes and the order of inputs are ONNX's, operator set 17 unless
    another one is given.
    """

    _destroy_function = "nnformer_graph_builder_destroy"

    def __init__(self, operator_set: int = 0, *, library: Library | None = None) -> None:
        super().__init__(library)
        self._library.call("nnformer_graph_builder_create", ctypes.byref(self._pointer), operator_set)

    def add_input(self, name: str, shape: _Shape, element_type: int = ElementType.FLOAT) -> str:
        """An input of the network; an extent of -1 is left to ``finish``. Returns ``name``, as all ``add_`` methods of values."""
        self._library.call(
            "nnformer_graph_builder_add_input", self._live, _encoded(name), element_type, _int64_array(shape), len(shape)
        )
        return name

    def add_parameter(self, name: str, shape: _Shape, element_type: int = ElementType.FLOAT) -> str:
        """A trained constant, of which only the shape matters."""
        self._library.call(
            "nnformer_graph_builder_add_parameter",
            self._live,
            _encoded(name),
            element_type,
            _int64_array(shape),
            len(shape),
        )
        return name

    def add_integers(self, name: str, values: Sequence[int]) -> str:
        """A constant int64 tensor of rank 1 whose values shape other tensors."""
        self._library.call(
            "nnformer_graph_builder_add_integers", self._live, _encoded(name), _int64_array(values), len(values)
        )
        return name

    def add_floats(self, name: str, values: Sequence[float]) -> str:
        """A constant float tensor of rank 1 whose values shape other tensors, such as the scales of Resize."""
        self._library.call(
            "nnformer_graph_builder_add_floats", self._live, _encoded(name), _float_array(values), len(values)
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
        encoded_inputs = _string_array(inputs)
        encoded_outputs = _string_array(outputs)
        self._library.call(
            "nnformer_graph_builder_add_node",
            self._live,
            _encoded(operator_name),
            encoded_inputs,
            len(encoded_inputs),
            encoded_outputs,
            len(encoded_outputs),
        )
        for function, arguments in setters:
            self._library.call(function, self._live, *arguments)

    def add_output(self, name: str) -> None:
        """An output of the network; what no output needs is left out. Without any, nothing is."""
        self._library.call("nnformer_graph_builder_add_output", self._live, _encoded(name))

    def finish(
        self,
        *,
        batch_size: int | None = None,
        input_shapes: Mapping[str, _Shape] | _Shape | None = None,
        keep_unused_nodes: bool = False,
    ) -> Graph:
        """Makes the graph; the builder can be extended and finished again."""
        graph = Graph(self._library)
        options = _graph_options(batch_size, input_shapes, keep_unused_nodes)
        self._library.call(
            "nnformer_graph_builder_finish", self._live, ctypes.byref(graph._pointer), ctypes.byref(options)
        )
        return graph


# ---------------------------------------------------------------------------------------------------- accuracy of cells


class CellList(_Handle):
    """Cells of one search space, ``"nasbench201"`` or ``"nasbench101"``.

        cells = CellList("nasbench201", ["|nor_conv_3x3~0|+|none~0|nor_conv_3x3~1|+|skip_connect~0|none~1|none~2|"])

    Belongs to one thread at a time while cells are added.
    """

    _destroy_function = "nnformer_cell_list_destroy"

    def __init__(self, space: str, architectures: Iterable[str] = (), *, library: Library | None = None) -> None:
        super().__init__(library)
        self._library.call("nnformer_cell_list_create", ctypes.byref(self._pointer), _encoded(space))
        self.space = space
        for architecture in architectures:
            self.add_architecture(architecture)

    def __len__(self) -> int:
        return self._library.nnformer_cell_list_count(self._live)

    def add_architecture(self, architecture: str) -> None:
        """Appends a cell of NAS-Bench-201. ``MalformedInputError`` says where the text is not one."""
        self._library.call("nnformer_cell_list_add_architecture", self._live, _encoded(architecture))

    def add_matrix(self, adjacency: Sequence[Sequence[int]], operations: Sequence[str]) -> None:
        """Appends a cell of NAS-Bench-101: ``adjacency[i][j]`` is 1 where vertex i feeds vertex j; operations from
        ``"input"`` to ``"output"``. ``MalformedInputError`` says what is wrong with any other."""
        count = len(operations)
        entries = [int(entry) for row in adjacency for entry in row]
        if len(adjacency) != count or any(len(row) != count for row in adjacency):
            raise ValueError(f"the adjacency matrix is not {count}×{count}, as {count} operations need")
        if any(not 0 <= entry <= 255 for entry in entries):
            raise ValueError(f"entries of the adjacency matrix are 0 or 1, not {entries}")
        matrix = (c_uint8 * len(entries))(*entries)
        self._library.call("nnformer_cell_list_add_matrix", self._live, matrix, count, _string_array(operations))

    def features(self) -> _Array:
        """Features of all nodes, for training: float32 [node count, feature count]; see nnformer.h for their order."""
        rows, columns = self._encoding_size(0)[0], self._library.nnformer_cell_feature_count()
        features, pointer = _new_array("f", rows * columns, _floats)
        self._library.call("nnformer_cell_list_copy_features", self._live, pointer, rows * columns)
        return features.reshape(rows, columns) if numpy is not None else features

    def relations(self) -> dict[str, tuple[_Array, _Array]]:
        """All relations by name, as compressed rows: see ``Graph.relation``."""
        return {name: self._relation(number) for number, name in enumerate(RELATIONS)}

    def _encoding_size(self, relation: int) -> tuple[int, int]:
        nodes, entries = c_size_t(), c_size_t()
        self._library.call(
            "nnformer_cell_list_encoding_size", self._live, relation, ctypes.byref(nodes), ctypes.byref(entries)
        )
        return nodes.value, entries.value

    def _relation(self, number: int) -> tuple[_Array, _Array]:
        nodes, entries = self._encoding_size(number)
        offsets, offset_pointer = _new_array("I", nodes + 1, _uint32s)
        indices, index_pointer = _new_array("I", entries, _uint32s)
        self._library.call(
            "nnformer_cell_list_copy_relation", self._live, number, offset_pointer, nodes + 1, index_pointer, entries
        )
        return offsets, indices


@dataclass(frozen=True)
class AccuracyDataset:
    """Accuracies that cells of a search space were trained on."""

    space: str
    id: str
    quantity: str
    source: str
    licence: str
    training_cells: int
    validation_cells: int
    kendall_tau: float
    """Rank correlation with the labels of validation cells; NaN where it was not measured."""


class AccuracyPredictor(_Handle):
    """Accuracy weights and the datasets they know: those inside the library, or of a safetensors file."""

    _destroy_function = "nnformer_accuracy_predictor_destroy"

    def __init__(self, weights: _PathLike | None = None, *, library: Library | None = None) -> None:
        super().__init__(library)
        if weights is None:
            self._library.call("nnformer_accuracy_predictor_create", ctypes.byref(self._pointer))
        else:
            self._library.call("nnformer_accuracy_predictor_open", ctypes.byref(self._pointer), _encoded_path(weights))
        count = self._library.nnformer_accuracy_predictor_dataset_count(self._pointer)
        self.datasets: tuple[AccuracyDataset, ...] = tuple(self._dataset(index) for index in range(count))

    def predict(self, cells: CellList, dataset: str) -> list[float]:
        """Accuracy of every cell in percent. ``NotFoundError`` names the datasets that there are."""
        index = c_size_t()
        self._library.call(
            "nnformer_accuracy_predictor_find_dataset",
            self._live,
            _encoded(cells.space),
            _encoded(dataset),
            ctypes.byref(index),
        )
        accuracy_percent = (c_double * len(cells))()
        self._library.call(
            "nnformer_accuracy_predict", self._live, cells._live, index.value, accuracy_percent, len(accuracy_percent)
        )
        return list(accuracy_percent)

    def _dataset(self, index: int) -> AccuracyDataset:
        dataset = _AccuracyDataset()
        self._library.call("nnformer_accuracy_predictor_get_dataset", self._live, index, ctypes.byref(dataset))
        return AccuracyDataset(
            _decoded(dataset.space),
            _decoded(dataset.id),
            _decoded(dataset.quantity),
            _decoded(dataset.source),
            _decoded(dataset.licence),
            dataset.training_cells,
            dataset.validation_cells,
            dataset.kendall_tau,
        )


# ---------------------------------------------------------------------------------------------------- conversions


def _encoded(text: str) -> bytes:
    data = text.encode("utf-8")
    if b"\0" in data:
        raise ValueError(f"{text!r} holds a NUL, which a C string cannot")
    return data


def _encoded_path(path: _PathLike) -> bytes:
    data = os.fsencode(path)
    if b"\0" in data:
        raise ValueError(f"{path!r} holds a NUL, which a path cannot")
    return data


def _decoded(data: bytes | None) -> str:
    return "" if data is None else data.decode("utf-8", errors="replace")


def _int64_array(values: Sequence[int]) -> Any:
    numbers = [int(value) for value in values]
    if any(not -(2**63) <= number < 2**63 for number in numbers):
        raise OverflowError(f"{numbers} do not all fit in 64 bits")  # ctypes would cut them silently.
    return (c_int64 * len(numbers))(*numbers)


def _float_array(values: Sequence[float]) -> Any:
    return (c_float * len(values))(*map(float, values))


def _string_array(strings: Iterable[str | None]) -> Any:
    encoded = [None if string is None else _encoded(string) for string in strings]
    return (c_char_p * len(encoded))(*encoded)


def _attribute_setter(name: str, value: AttributeValue) -> tuple[str, tuple[Any, ...]]:
    """The builder's function for an attribute of that type, and its arguments."""
    encoded_name = _encoded(name)
    if isinstance(value, Integral):
        return "nnformer_graph_builder_set_int", (encoded_name, _int64_array([value])[0])
    if isinstance(value, Real):
        return "nnformer_graph_builder_set_float", (encoded_name, float(value))
    if isinstance(value, str):
        return "nnformer_graph_builder_set_string", (encoded_name, _encoded(value))
    if isinstance(value, Sequence) and not isinstance(value, (bytes, bytearray)):
        if all(isinstance(element, Integral) for element in value):
            return "nnformer_graph_builder_set_ints", (encoded_name, _int64_array(value), len(value))
        if all(isinstance(element, Real) for element in value):
            return "nnformer_graph_builder_set_floats", (encoded_name, _float_array(value), len(value))
    raise TypeError(f"attribute {name!r} is {value!r}: give an int, float, str, or a sequence of ints or floats")


def _graph_options(
    batch_size: int | None, input_shapes: Mapping[str, _Shape] | _Shape | None, keep_unused_nodes: bool
) -> _GraphOptions:
    options = _GraphOptions()
    options.flags = _KEEP_UNUSED_NODES if keep_unused_nodes else 0
    if batch_size is not None:
        if batch_size < 1:
            raise ValueError(f"batch_size is {batch_size}: give 1 or more, or None to leave it as it is")
        options.batch_size = _int64_array([batch_size])[0]
    if input_shapes is not None:
        named: Iterable[tuple[str | None, _Shape]]
        named = input_shapes.items() if isinstance(input_shapes, Mapping) else [(None, input_shapes)]
        shapes = [
            _InputShape(None if name is None else _encoded(name), _int64_array(extents), len(extents))
            for name, extents in named
        ]
        # ctypes keeps what a structure points to alive for as long as the structure.
        options.input_shapes = (_InputShape * len(shapes))(*shapes)
        options.input_shape_count = len(shapes)
    return options


def _new_array(type_code: str, count: int, pointer_type: Any) -> tuple[_Array, Any]:
    """An uninitialised or zero array of float32 ("f") or uint32 ("I") numbers, and a pointer to the first."""
    if numpy is not None:
        numbers = numpy.empty(count, dtype=numpy.float32 if type_code == "f" else numpy.uint32)
        return numbers, numbers.ctypes.data_as(pointer_type)
    plain = array.array(type_code, bytes(count * array.array(type_code).itemsize))
    return plain, ctypes.cast(plain.buffer_info()[0], pointer_type)
