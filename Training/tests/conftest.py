"""What tests of several modules are given."""

from __future__ import annotations

import os

import pytest

from nnformer_training.features.graph_library import CtypesLibrary

LIBRARY_VARIABLE = "NNFORMER_LIBRARY"


@pytest.fixture(scope="session")
def library() -> CtypesLibrary:
    """libnnformer. Without one the calling test is skipped, but one that was named and does not load is an error."""
    try:
        return CtypesLibrary()
    except OSError as error:
        if LIBRARY_VARIABLE in os.environ:
            raise
        pytest.skip(f"{LIBRARY_VARIABLE} names no libnnformer.so, and none was found: {error}")
