"""What owns an object of the library."""

from __future__ import annotations

from collections.abc import Sequence
from ctypes import c_void_p
from types import TracebackType
from typing import Any, TypeVar

from .library import Library

_Self = TypeVar("_Self", bound="Handle")


class Handle:
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


def pointers(handles: Sequence[Handle]) -> Any:
    """What the handles own as an array, for functions that take many. It keeps none of them: the caller does."""
    return (c_void_p * len(handles))(*(handle._live for handle in handles))
