"""Finding the shared library, loading it, calling it."""

from __future__ import annotations

import ctypes
import os
import sys
from ctypes import c_uint32
from pathlib import Path
from typing import Any

from . import structures
from .constants import ABI_VERSION, NO_BYTE_OFFSET
from .conversions import PathLike, decoded
from .errors import ERRORS, NNFormerError
from .functions import FUNCTIONS


class Library:
    """The shared library, loaded and checked. ``Library.default()`` is shared by all that are not given one."""

    _default: Library | None = None

    def __init__(self, path: PathLike | None = None) -> None:
        """Loads ``path``, or the first library found in the places that the package's documentation lists.

        Raises ``OSError`` if there is none, ``ImportError`` if its ABI version is not this package's.
        """
        self._functions, self.path = self._load(path)
        self._functions.nnformer_abi_version.restype = c_uint32
        abi_version = self._functions.nnformer_abi_version()
        if abi_version != ABI_VERSION:
            raise ImportError(f"{self.path} has ABI version {abi_version}, this package needs {ABI_VERSION}")
        for name, (result, arguments) in FUNCTIONS.items():
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
    def _load(path: PathLike | None) -> tuple[ctypes.CDLL, str]:
        path = path or os.environ.get("NNFORMER_LIBRARY")
        if path:
            return ctypes.CDLL(os.fspath(path)), os.fspath(path)
        file_name = "libnnformer.dylib" if sys.platform == "darwin" else "libnnformer.so"
        package = Path(__file__).resolve().parent
        beside = package.parent
        checkout = beside.parent.parent
        for folder in (package, beside, checkout / "build", checkout / ".build" / "release"):
            if (folder / file_name).is_file():
                return ctypes.CDLL(str(folder / file_name)), str(folder / file_name)
        installed = file_name if sys.platform == "darwin" else "libnnformer.so.0"
        try:
            return ctypes.CDLL(installed), installed
        except OSError as error:
            raise OSError(
                f"{installed} was not found: name its path in the environment variable NNFORMER_LIBRARY"
            ) from error

    @property
    def version(self) -> str:
        return decoded(self._functions.nnformer_version())

    @property
    def feature_schema_version(self) -> int:
        return int(self._functions.nnformer_feature_schema_version())

    @property
    def feature_names(self) -> list[str]:
        """Names of the columns of ``Graph.features``."""
        return [decoded(self._functions.nnformer_feature_name(index)) for index in range(self.feature_count)]

    @property
    def graph_feature_names(self) -> list[str]:
        """Names of the entries of ``Graph.graph_features``."""
        return [
            decoded(self._functions.nnformer_graph_feature_name(index)) for index in range(self.graph_feature_count)
        ]

    def call(self, name: str, *arguments: Any) -> None:
        """Calls a function that returns a status, and raises what it reports."""
        error = structures.Error()
        status = getattr(self._functions, name)(*arguments, ctypes.byref(error))
        if status == 0:
            return
        status_name = decoded(self._functions.nnformer_status_name(status))
        raise ERRORS.get(status, NNFormerError)(
            decoded(error.message) or status_name,
            status,
            status_name,
            None if error.byte_offset == NO_BYTE_OFFSET else error.byte_offset,
        )

    def __getattr__(self, name: str) -> Any:
        """The C function ``name``, for those that return no status."""
        if name not in FUNCTIONS:
            raise AttributeError(name)
        return getattr(self._functions, name)
