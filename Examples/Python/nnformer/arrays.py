"""Arrays that the library fills: NumPy's, or the standard library's where that is missing."""

from __future__ import annotations

import array
import ctypes
from typing import Any

try:
    import numpy
except ImportError:  # NumPy is optional.
    numpy = None  # type: ignore[assignment]

Array = Any  # numpy.ndarray, or array.array where NumPy is missing

_POINTERS = {"f": ctypes.POINTER(ctypes.c_float), "I": ctypes.POINTER(ctypes.c_uint32)}


def new_array(type_code: str, count: int) -> tuple[Array, Any]:
    """An uninitialised or zero array of float32 ("f") or uint32 ("I") numbers, and a pointer to the first."""
    if numpy is not None:
        numbers = numpy.empty(count, dtype=numpy.float32 if type_code == "f" else numpy.uint32)
        return numbers, numbers.ctypes.data_as(_POINTERS[type_code])
    plain = array.array(type_code, bytes(count * array.array(type_code).itemsize))
    return plain, ctypes.cast(plain.buffer_info()[0], _POINTERS[type_code])


def as_matrix(numbers: Array, rows: int, columns: int) -> Array:
    """The same numbers in rows, where arrays have a shape; flat and row-major without NumPy."""
    return numbers.reshape(rows, columns) if numpy is not None else numbers
