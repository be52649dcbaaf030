"""What a family of networks is: a description that JSON can hold, a sampler of descriptions, a writer of ONNX."""

from __future__ import annotations

import dataclasses
import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import onnx

Recipe = TypeVar("Recipe")


@dataclass(frozen=True)
class Family(Generic[Recipe]):
    """A parameterised generator of networks.

    ``recipe_type`` is a frozen dataclass whose fields are integers, floats, strings, booleans and tuples of these
    (tuples
    may nest), so that a recipe survives JSON. ``sample`` draws one; equal generators draw equal recipes. ``write``
    turns one into ONNX with a symbolic batch axis and parameters without bytes (``onnx_writer``); it needs no random
    numbers. ``batches`` are the batch sizes that the family is measured at, repeated in proportion to how often.
    """

    name: str
    recipe_type: type[Recipe]
    sample: Callable[[random.Random], Recipe]
    write: Callable[[Recipe], onnx.ModelProto]
    batches: tuple[int, ...] = (1, 1, 1, 2, 4, 8)

    def to_json(self, recipe: Recipe) -> str:
        """One line without spaces, keys in the order of the fields."""
        return json.dumps(dataclasses.asdict(recipe), separators=(",", ":"))

    def from_json(self, text: str) -> Recipe:
        return self.recipe_type(**{key: _tuples(value) for key, value in json.loads(text).items()})


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, list) else value
