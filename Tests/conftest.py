"""What every Python test needs: where the library is installed.

`make test` installs into a staging folder and names it in NNFORMER_PREFIX.
"""

import os
import pathlib
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "Examples" / "Python"))


@pytest.fixture(scope="session")
def prefix() -> pathlib.Path:
    """Folder that the library is installed under."""
    value = os.environ.get("NNFORMER_PREFIX")
    if not value:
        pytest.skip("NNFORMER_PREFIX is not set: run `make test`")
    return pathlib.Path(value)


@pytest.fixture(scope="session")
def library(prefix: pathlib.Path) -> pathlib.Path:
    """The installed shared library."""
    found = sorted(prefix.glob("lib/**/libnnformer.so"))
    assert found, f"no libnnformer.so under {prefix}"
    os.environ["NNFORMER_LIBRARY"] = str(found[0])
    return found[0]


@pytest.fixture(scope="session")
def tool(prefix: pathlib.Path) -> pathlib.Path:
    """The installed shell tool."""
    return prefix / "bin" / "nnformer"


@pytest.fixture(scope="session")
def models() -> pathlib.Path:
    """Folder of the bundled example models."""
    return ROOT / "Examples" / "Models"
