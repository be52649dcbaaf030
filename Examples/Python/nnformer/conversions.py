"""Values of Python as C takes them, and strings as C returns them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from ctypes import c_char_p, c_float, c_int64
from typing import Any, Union

PathLike = Union[str, "os.PathLike[str]"]
Shape = Sequence[int]


def encoded(text: str) -> bytes:
    data = text.encode("utf-8")
    if b"\0" in data:
        raise ValueError(f"{text!r} holds a NUL, which a C string cannot")
    return data


def encoded_path(path: PathLike) -> bytes:
    data = os.fsencode(path)
    if b"\0" in data:
        raise ValueError(f"{path!r} holds a NUL, which a path cannot")
    return data


def decoded(data: bytes | None) -> str:
    return "" if data is None else data.decode("utf-8", errors="replace")


def int64_array(values: Sequence[int]) -> Any:
    numbers = [int(value) for value in values]
    if any(not -(2**63) <= number < 2**63 for number in numbers):
        raise OverflowError(f"{numbers} do not all fit in 64 bits")  # ctypes would cut them silently.
    return (c_int64 * len(numbers))(*numbers)


def float_array(values: Sequence[float]) -> Any:
    return (c_float * len(values))(*map(float, values))


def string_array(strings: Iterable[str | None]) -> Any:
    data = [None if string is None else encoded(string) for string in strings]
    return (c_char_p * len(data))(*data)
