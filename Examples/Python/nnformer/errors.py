"""What a failed call raises, by status of nnformer.h."""

from __future__ import annotations


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
    """A file could not be opened, read or written."""


class MalformedInputError(NNFormerError, ValueError):
    """The bytes are not ONNX, are truncated or inconsistent."""


class LimitExceededError(NNFormerError):
    """Valid, but larger than the library handles."""


class OpenAxisError(NNFormerError):
    """An axis of an input is open: give ``batch_size`` or ``input_shapes``."""


class InvalidModelError(NNFormerError, ValueError):
    """Shapes or types of the model contradict each other, or samples are out of range for a fit."""


class NotFoundError(NNFormerError, LookupError):
    """No such platform, input, search space or dataset."""


class IncompatibleWeightsError(NNFormerError):
    """A weights file of another format or feature schema."""


class InternalError(NNFormerError):
    """A defect of the library."""


ERRORS: dict[int, type[NNFormerError]] = {
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
